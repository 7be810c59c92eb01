import type { IceServerSource } from '@conclave/server'
import { createTestRoom, MemoryClient } from '@conclave/server/testing'
import { expect, test } from 'vitest'
import { createTestHub } from '../support.ts'

const LIFETIME_MS = 600_000
const source: IceServerSource = ({ label, nowMs }) => ({
  servers: [{ urls: 'turn:relay.example', username: `${nowMs}:${label}`, credential: 'secret' }],
  untilMs: nowMs + LIFETIME_MS,
})
const namesOf = (client: MemoryClient): unknown[] =>
  client.heard('iceServers').map(({ channel, servers: [server] }) => [channel, server?.username])

test('[H58] each connection has its own credentials, and gets new ones before they run out, for every room', async () => {
  const { hub, clock } = createTestHub({
    iceServers: source,
    limits: { pingIntervalMs: 10_000_000 },
  })
  const startMs = clock.now()
  const [alice, bob] = [new MemoryClient(hub), new MemoryClient(hub)]
  await alice.join(await createTestRoom())
  const first = alice.channel
  await alice.join(await createTestRoom())
  const rooms = [first, alice.channel]
  await bob.join(await createTestRoom())
  const label = String(alice.heard('iceServers')[0]?.servers[0]?.username).split(':')[1]
  expect(label).toMatch(/^[\w-]{12}$/)
  expect(JSON.stringify(namesOf(bob))).not.toContain(label)
  const named = (atMs: number): unknown[] => rooms.map((room) => [room, `${atMs}:${label}`])
  expect(namesOf(alice)).toEqual(named(startMs))
  clock.advance(LIFETIME_MS * 0.75)
  expect(namesOf(alice).slice(2)).toEqual(named(startMs + 450_000))
  clock.advance(LIFETIME_MS * 0.75)
  expect(namesOf(alice).slice(4)).toEqual(named(startMs + 900_000))
})

test('[H58] those who have left get no more, and nothing stays of a connection that ended', async () => {
  const { hub, clock } = createTestHub({
    iceServers: source,
    limits: { joinDeadlineMs: 10_000_000, pingIntervalMs: 10_000_000 },
  })
  const room = await createTestRoom()
  const alice = new MemoryClient(hub)
  await alice.join(room)
  await alice.say({ type: 'leave', room: room.id })
  clock.advance(LIFETIME_MS)
  expect(namesOf(alice)).toHaveLength(1)
  await alice.join(await createTestRoom())
  expect(namesOf(alice).at(-1)).toEqual([
    alice.channel,
    expect.stringContaining(String(clock.now())),
  ])
  alice.close()
  await hub.close()
  expect(clock.pending).toBe(0)
})

test('[H38, H58] a hub does not start with a source of servers that clients would not take', () => {
  const broken: IceServerSource = () => ({ servers: [{ urls: 'turn:relay.example' }], untilMs: 0 })
  expect(() => createTestHub({ iceServers: broken })).toThrow(/number 1/)
})
