import { createRandom } from '@conclave/base/testing'
import { expect, test } from 'vitest'
import { CodeStand, type Comparer, digitsOf } from './code-stand.ts'

const HISTORIES = 60
const STEPS = 120

test.each(Array.from({ length: HISTORIES / 10 }, (_, index) => index * 10))(
  '[R90] after any history everybody has one code once all see the same, and never two who see different sessions: from seed %i',
  async (first) => {
    for (let seed = first; seed < first + 10; seed += 1) {
      const { codes, failures } = await play(seed)
      expect(codes, `seed ${seed}`).toEqual([expect.stringMatching(/^\d{4} \d{4}$/)])
      expect(failures, `seed ${seed}`).toEqual([])
    }
  },
)

async function play(
  seed: number,
): Promise<{ readonly codes: readonly unknown[]; readonly failures: readonly unknown[] }> {
  const random = createRandom(seed)
  const below = (count: number): number => Math.floor(random() * count)
  const stand = new CodeStand()
  const count = 2 + below(4)
  for (let n = 0; n < count; n += 1) await stand.add(`member ${n}`)
  const { comparers } = stand
  const pick = (): Comparer => comparers[below(count)] as Comparer
  for (let step = 0; step < STEPS; step += 1) {
    const [one, other] = [pick(), pick()]
    const chance = random()
    if (chance < 0.2 && one !== other) {
      const isThere = random() < 0.7
      stand.see(one, other, isThere)
      // A session that was away for long gets nothing of what was said meanwhile.
      if (!isThere && random() < 0.3) stand.streams.delete(`${other.name} ${one.name}`)
    } else if (chance < 0.25) {
      one.refused = 1
    } else if (chance < 0.6) {
      stand.clock.advance(below(1500))
    } else {
      const keys = [...stand.streams.keys()]
      const key = keys[below(keys.length)]
      if (key !== undefined) stand.deliver(key)
    }
    await stand.settle()
    expectNoTwins(stand, seed)
  }
  stand.meet(...comparers)
  await stand.pass(40_000)
  return { codes: [...new Set(comparers.map(digitsOf))], failures: stand.failures }
}

/** Two sessions with one code have each other in their rosters, and the same others. */
function expectNoTwins({ comparers }: CodeStand, seed: number): void {
  const seenByCode = new Map<string, string>()
  for (const comparer of comparers) {
    const code = digitsOf(comparer)
    if (code === undefined) continue
    const seen = [comparer, ...comparer.sees].map(({ name }) => name)
    const text = seen.toSorted().join()
    expect(seenByCode.get(code) ?? text, `seed ${seed}`).toBe(text)
    seenByCode.set(code, text)
  }
}
