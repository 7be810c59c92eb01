/**
 * Measures all contestants in turns, in whichever engine this runs.
 *
 * @module
 */
import { pairMakers } from './contestants.ts'
import type { Contestant, Pair } from './contestants.ts'
import { CODECS, makeData, makeFrame, SIZES } from './frames.ts'
import type { BenchFrame, Transform } from './transform.ts'

/** How often, and how many bytes and frames a round works on at most. */
export interface Plan {
  readonly rounds: number
  readonly frames: number
  readonly bytes: number
}

/** Microseconds for a frame, one value for each round. `livekit` has none for a codec that it does not seal. */
export interface Measured {
  readonly mimeType: string
  readonly size: number
  readonly work: 'seal' | 'open'
  readonly times: Readonly<Partial<Record<Contestant, readonly number[]>>>
}

/** Every codec and size, sealing and opening. */
export async function measureAll(plan: Plan, livekitScript: string): Promise<Measured[]> {
  const measured: Measured[] = []
  for (const mimeType of CODECS) {
    const makers = pairMakers(livekitScript)
    const kind = mimeType.startsWith('audio/') ? 'audio' : 'video'
    const pairs = new Map<Contestant, Pair>()
    for (const name of Object.keys(makers) as Contestant[]) {
      const pair = await makers[name](kind)
      if (name === 'webcrypto' || (await isLossless(pair, mimeType))) pairs.set(name, pair)
    }
    for (const size of SIZES) measured.push(...(await measureSize(plan, { mimeType, size, pairs })))
  }
  return measured
}

async function measureSize(
  plan: Plan,
  { mimeType, size, pairs }: { mimeType: string; size: number; pairs: Map<Contestant, Pair> },
): Promise<Measured[]> {
  const count = Math.min(plan.frames, Math.floor(plan.bytes / size))
  const data = makeData(mimeType, size)
  const names = [...pairs.keys()]
  const times = { seal: timesOf(names), open: timesOf(names) }
  // The first rounds compile. Short rounds, in turns, meet the same load of the machine.
  for (let round = -WARM_UP_ROUNDS; round < plan.rounds; round += 1) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const { seal, open } = pairs.get(name) as Pair
      const first = (round + WARM_UP_ROUNDS) * count
      const frames = Array.from({ length: count }, (_, at) => makeFrame(mimeType, data, first + at))
      const sealUs = await timeOf(seal, frames)
      // Bare calls have no nonce in their frames: each counts by itself, and so opens what the other sealed.
      const openUs = await timeOf(open, frames)
      if (round < 0) continue
      times.seal[name]?.push(sealUs)
      times.open[name]?.push(openUs)
    }
  }
  return (['seal', 'open'] as const).map((work) => ({ mimeType, size, work, times: times[work] }))
}

async function timeOf(transform: Transform, frames: readonly BenchFrame[]): Promise<number> {
  const start = performance.now()
  for (const frame of frames) {
    if (!(await transform(frame))) throw new Error('a frame was dropped')
  }
  return ((performance.now() - start) * 1000) / frames.length
}

/** Whether a frame comes through both transforms as it was: `livekit-client` throws for codecs that it does not seal. */
async function isLossless({ seal, open }: Pair, mimeType: string): Promise<boolean> {
  const data = makeData(mimeType, 1200)
  const frame = makeFrame(mimeType, data, 0)
  try {
    if (!(await seal(frame)) || !(await open(frame))) return false
  } catch {
    return false
  }
  const back = new Uint8Array(frame.data)
  return back.length === data.length && back.every((byte, at) => byte === data[at])
}

const WARM_UP_ROUNDS = 10

const timesOf = (names: readonly Contestant[]): Partial<Record<Contestant, number[]>> =>
  Object.fromEntries(names.map((name) => [name, []]))
