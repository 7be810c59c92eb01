/**
 * Measures all contestants in turns, in whichever engine this runs.
 *
 * @module
 */
import { makeContestants, makeValue } from './contestants.ts'
import type { Contestant, RoundTrip } from './contestants.ts'

/** How long, and how often. */
export interface Plan {
  readonly rounds: number
  readonly roundMs: number
}

/** Round trips in a second, one value for each round. */
export interface Measured {
  readonly bytes: number
  readonly atOnce: number
  readonly rates: Readonly<Record<Contestant, readonly number[]>>
}

/** Every size, one after the other and 32 at once. */
export async function measureAll(plan: Plan): Promise<Measured[]> {
  const contestants = await makeContestants()
  const names = Object.keys(contestants) as Contestant[]
  const measured: Measured[] = []
  for (const bytes of [256, 1024, 4096]) {
    const value = makeValue(bytes)
    for (const atOnce of [1, 32]) {
      const rates = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<
        Contestant,
        number[]
      >
      for (const name of names) {
        const back = JSON.stringify(await contestants[name](value))
        if (back !== JSON.stringify(value)) throw new Error(`${name} lost something`)
        await rateOf(contestants[name], value, { atOnce, ms: 2 * plan.roundMs })
      }
      for (let round = 0; round < plan.rounds; round += 1) {
        for (const name of round % 2 === 0 ? names : names.toReversed()) {
          rates[name].push(await rateOf(contestants[name], value, { atOnce, ms: plan.roundMs }))
        }
      }
      measured.push({ bytes, atOnce, rates })
    }
  }
  return measured
}

async function rateOf(
  roundTrip: RoundTrip,
  value: object,
  { atOnce, ms }: { readonly atOnce: number; readonly ms: number },
): Promise<number> {
  const start = performance.now()
  let done = 0
  let end = start
  while (end - start < ms) {
    if (atOnce === 1) await roundTrip(value)
    else await Promise.all(Array.from({ length: atOnce }, () => roundTrip(value)))
    done += atOnce
    end = performance.now()
  }
  return (done * 1000) / (end - start)
}
