import { createRandom, VirtualClock } from '@conclave/base/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Bench, framesDecoded, until } from '../support/bench.ts'
import type { Peer } from '../support/bench.ts'

let bench: Bench
beforeEach(() => {
  bench = new Bench()
})
afterEach(async () => bench.close())

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]

test(
  '[S22] two peers connect within 20 s while a bus loses a third of all messages each way',
  { timeout: 60_000 },
  async () => {
    const clock = new VirtualClock()
    bench.run(clock)
    const endMs = clock.now() + 20_000
    const picture = bench.picture('teal', 64, 64)
    const randomByPeer = new Map<string, () => number>()
    bench.network.fate = ({ from }) =>
      (randomByPeer.get(from)?.() ?? 1) < 1 / 3 ? 'drop' : 'deliver'
    const waiting: (readonly [Peer, string])[] = []
    for (const seed of SEEDS) {
      const [alice, bob] = [`alice ${seed}`, `bob ${seed}`]
      const peers = [await bench.peer(alice, { clock }), await bench.peer(bob, { clock })] as const
      for (const [fork, { id, mesh }] of peers.entries()) {
        randomByPeer.set(id, createRandom(2 * seed + fork))
        mesh.setTrack('camera', 'video', picture)
      }
      bench.introduce(...peers)
      waiting.push([peers[0], bob], [peers[1], alice])
    }
    await until(
      'pictures',
      async () => {
        const [first] = waiting
        if (first === undefined || clock.now() > endMs) return true
        if ((await framesDecoded(...first)) > 0) waiting.shift()
        return false
      },
      40_000,
    )
    expect(waiting.map(([{ id }]) => id)).toEqual([])
  },
)
