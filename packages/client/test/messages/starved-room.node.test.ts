import { expect, test } from 'vitest'
import { StarvedRoom } from './starved-room.ts'

test.each([
  { members: 12, delayMs: [3000, 5000], quietAfterMs: 60_000 },
  { members: 6, delayMs: [600, 900], quietAfterMs: 20_000 },
] as const)(
  '[R27, R108] $members sessions whose deliveries take $delayMs ms meet, agree on a code and are quiet then',
  { timeout: 120_000 },
  async ({ members, delayMs, quietAfterMs }) => {
    const room = new StarvedRoom({ seed: 1, delayMs })
    for (let n = 0; n < members; n += 1) {
      await room.join()
      await room.pass(400)
    }
    await room.pass(quietAfterMs)
    const before = room.hub.seen.length
    await room.pass(10_000)
    expect(room.hub.seen.length - before).toBe(0)
    for (const { roster, rounds, asked } of room.members) {
      expect(roster.size).toBe(members - 1)
      expect(rounds.code.state).toBe('ready')
      expect(Math.max(...asked.values())).toBeLessThanOrEqual(MOST_TO_ONE)
    }
    room.close()
  },
)

/** Hellos and introductions of one session to another one, repetitions included. spec R108 */
const MOST_TO_ONE = 64
