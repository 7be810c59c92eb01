import { decodeEnvelopeHeader } from '@conclave/e2ee'
import { expect, test } from 'vitest'
import { MESSAGE_KINDS } from '../../src/messages/bodies.ts'
import { StarvedRoom } from './starved-room.ts'

test.each([
  { members: 12, delayMs: [3000, 5000], quietAfterMs: 60_000, most: 1200 },
  { members: 6, delayMs: [600, 900], quietAfterMs: 20_000, most: 64 },
] as const)(
  '[R155] $members sessions whose deliveries take $delayMs ms meet, agree on a code and are quiet then',
  { timeout: 120_000 },
  async ({ members, delayMs, quietAfterMs, most }) => {
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
      expect(Math.max(...asked.values())).toBeLessThanOrEqual(most)
    }
    room.close()
  },
)

test('[R155] one who says something where answers take 4 s asks until the first answer comes, and then says nothing', async () => {
  const room = new StarvedRoom({ seed: 2, delayMs: [2000, 2000] })
  const [alice, bob] = [await room.join(), await room.join()]
  await room.pass(60_000)
  const { seen } = room.hub
  const before = seen.length
  await alice.messages.broadcast(MESSAGE_KINDS.chat, new TextEncoder().encode('hello')).sent
  await room.pass(20_000)
  const sent = seen.slice(before)
  const ofKind = (from: string, kind: number): number =>
    sent.filter((each) => each.from === from && decodeEnvelopeHeader(each.payload)?.kind === kind)
      .length
  expect(ofKind(alice.self, MESSAGE_KINDS.chat)).toBeLessThanOrEqual(6)
  expect(ofKind(alice.self, MESSAGE_KINDS.hello)).toBeLessThanOrEqual(40)
  expect(ofKind(bob.self, MESSAGE_KINDS.hello)).toBeLessThanOrEqual(40)
  const after = seen.length
  await room.pass(10_000)
  expect(seen.length - after).toBe(0)
  room.close()
})
