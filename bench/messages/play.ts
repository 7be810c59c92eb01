/**
 * Says numbered messages while connections are killed by a seed, and compares what each heard with what the others said.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { createRandom } from '@conclave/base/testing'

/** Somebody who says something, and hears the others. */
export interface Speaker {
  readonly name: string
  /** Resolves when more may be said. */
  say(text: string): Promise<void>
  /** How many messages of others it heard. */
  count(): Promise<number>
  /** The messages of others, as they came. */
  heard(): Promise<readonly string[]>
}

/** The speakers, and what can happen to them. */
export interface Scene {
  readonly speakers: readonly Speaker[]
  /** Whether all connections stand that are to be killed. */
  isWell(): Promise<boolean>
  /** Kills something by chance; resolves to its name. */
  kill(random: () => number): Promise<string>
  close(): Promise<void>
}

/** The end of a run: the messages, the kills, and the faults. */
export interface Outcome {
  readonly said: number
  readonly deliveries: number
  readonly kills: Readonly<Record<string, number>>
  readonly lost: number
  readonly doubled: number
  readonly disordered: number
  /** Heard, and said by nobody. */
  readonly invented: number
  /** Kills together with the last message before silence, and the longest wait until it was everywhere. */
  readonly silences: number
  readonly longestWaitMs: number
  readonly seconds: number
}

/** Says `messages` messages across `kills` kills. */
export async function play(
  scene: Scene,
  { messages, kills, seed }: { messages: number; kills: number; seed: number },
): Promise<Outcome> {
  const random = createRandom(seed)
  const startMs = performance.now()
  const said = new Map<Speaker, string[]>(scene.speakers.map((speaker) => [speaker, []]))
  const killed: Record<string, number> = {}
  let [number, silences, longestWaitMs] = [0, 0, 0]
  let recent: string[] = []
  for (let round = 0; round < kills; round += 1) {
    const last = Math.round(((round + 1) * messages) / kills) - 1
    const isSilent = round % SILENT_EVERY === SILENT_EVERY - 1 || round === kills - 1
    // Some come while the one before is not mended.
    if (random() < 0.75) await until(() => scene.isWell())
    const killAt = isSilent ? last : number + Math.floor(random() * (last + 1 - number))
    for (; number <= last; number += 1) {
      const speaker = scene.speakers[Math.floor(random() * scene.speakers.length)]
      if (speaker === undefined) throw new Error('unreachable: somebody speaks')
      const text = `${speaker.name} ${number}`
      said.get(speaker)?.push(text)
      await speaker.say(text)
      if (number !== killAt) continue
      const kill = await scene.kill(random)
      killed[kill] = (killed[kill] ?? 0) + 1
      recent.push(kill)
    }
    if (!isSilent) continue
    silences += 1
    const waitMs = await until(() => hasAll(scene, number, said))
    longestWaitMs = Math.max(longestWaitMs, waitMs)
    console.error(
      `${round + 1} kills, ${number} messages, ${(waitMs / 1000).toFixed(1)} s of silence after: ${recent.join(', ')}`,
    )
    recent = []
  }
  const faults = { lost: 0, doubled: 0, disordered: 0, invented: 0 }
  for (const listener of scene.speakers) {
    const heard = await listener.heard()
    for (const [speaker, texts] of said) {
      if (speaker === listener) continue
      const theirs = heard.filter((text) => text.startsWith(`${speaker.name} `))
      const found = compare(texts, theirs)
      for (const kind of FAULTS) faults[kind] += found[kind]
    }
  }
  const deliveries = number * (scene.speakers.length - 1)
  const seconds = (performance.now() - startMs) / 1000
  return { said: number, deliveries, kills: killed, ...faults, silences, longestWaitMs, seconds }
}

/** The faults in what one heard of what another one said. */
function compare(
  said: readonly string[],
  heard: readonly string[],
): Readonly<Record<Fault, number>> {
  const placeByText = new Map(said.map((text, place) => [text, place]))
  const seen = new Set<string>()
  const faults = { lost: 0, doubled: 0, disordered: 0, invented: 0 }
  let newest = -1
  for (const text of heard) {
    const place = placeByText.get(text)
    if (place === undefined) faults.invented += 1
    else if (seen.has(text)) faults.doubled += 1
    else if (place < newest) faults.disordered += 1
    seen.add(text)
    newest = Math.max(newest, place ?? -1)
  }
  faults.lost = said.filter((text) => !seen.has(text)).length
  return faults
}

/** The kinds of faults. */
export const FAULTS = ['lost', 'doubled', 'disordered', 'invented'] as const
type Fault = (typeof FAULTS)[number]

/** Waits until something is so, or the time for it is over; resolves to how long it took. */
async function until(isSo: () => Promise<boolean>): Promise<number> {
  const startMs = performance.now()
  while (!(await isSo()) && performance.now() - startMs < MOST_MS) await sleep(20)
  return performance.now() - startMs
}

async function hasAll(
  { speakers }: Scene,
  number: number,
  said: ReadonlyMap<Speaker, readonly string[]>,
): Promise<boolean> {
  const counts = await Promise.all(speakers.map((speaker) => speaker.count()))
  return speakers.every((speaker, at) => {
    return (counts[at] ?? 0) >= number - (said.get(speaker)?.length ?? 0)
  })
}

const SILENT_EVERY = 5
/** More than a session needs to come back by itself. */
const MOST_MS = 60_000
