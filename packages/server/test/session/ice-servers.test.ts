import { DEFAULT_LIMITS, isServerError } from '@conclave/server'
import type { GivenIceServer, HubOptions } from '@conclave/server'
import { createTestRoom, MemoryClient } from '@conclave/server/testing'
import { describe, expect, test } from 'vitest'
import { createTestHub } from '../support.ts'

const CREDENTIAL = 'canary of the credential'
const servers: readonly GivenIceServer[] = [
  { urls: 'stun:relay.example:3478' },
  {
    urls: ['turn:relay.example:3478?transport=udp', 'turns:relay.example:443?transport=tcp'],
    ...{ username: 'canary of the name', credential: CREDENTIAL },
  },
]
const named = [{ ...servers[0], urls: ['stun:relay.example:3478'] }, servers[1]]

test('[H38] a client that is let in learns the servers after `joined`, before anything else, once for each room', async () => {
  const { hub } = createTestHub({ iceServers: servers })
  const [room, other] = [await createTestRoom(), await createTestRoom()]
  const alice = new MemoryClient(hub)
  await alice.join(room)
  const first = alice.channel
  expect(alice.order).toEqual(['challenge', 'joined', 'iceServers'])
  const bob = new MemoryClient(hub)
  await bob.join(room)
  await bob.publish(new Uint8Array(9))
  expect(bob.order).toEqual(['challenge', 'joined', 'iceServers', 'ack'])
  await alice.join(other)
  expect(alice.heard('iceServers')).toEqual([
    { type: 'iceServers', channel: first, servers: named },
    { type: 'iceServers', channel: alice.channel, servers: named },
  ])
})

test('[H38] a hub without servers names none', async () => {
  const { hub } = createTestHub()
  const alice = new MemoryClient(hub)
  await alice.join(await createTestRoom())
  expect(alice.order).toEqual(['challenge', 'joined'])
})

test('[H38] nobody without a grant learns them, whatever he says', async () => {
  const { hub } = createTestHub({
    iceServers: servers,
    limits: { ...DEFAULT_LIMITS, maxParticipants: 2 },
  })
  const room = await createTestRoom()
  await new MemoryClient(hub).join(room)
  await new MemoryClient(hub).join(room)
  const attempts: ((mallory: MemoryClient) => Promise<unknown>)[] = [
    (mallory) => mallory.say({ type: 'ping', id: 1 }),
    (mallory) => mallory.join(room, { proof: 'A'.repeat(86) }),
    (mallory) => mallory.connection.receive('{"type":"iceServers","channel":1,"servers":[]}'),
    // The room is full.
    (mallory) => mallory.join(room),
  ]
  for (const attempt of attempts) {
    const mallory = new MemoryClient(hub)
    await attempt(mallory)
    expect(mallory.order.filter((type) => type !== 'pong')).toEqual(['challenge'])
  }
})

test('[H38, H32] they reach no log line', async () => {
  const { hub, lines } = createTestHub({ iceServers: servers })
  const room = await createTestRoom()
  const alice = new MemoryClient(hub)
  await alice.join(room)
  await alice.connection.receive('nonsense')
  alice.close()
  const denied = new MemoryClient(hub)
  await denied.join(room, { proof: 'A'.repeat(86) })
  denied.close()
  await hub.close()
  expect(lines.length).toBeGreaterThan(1)
  expect(lines.join('')).not.toMatch(/canary|relay\.example/)
})

describe('[H38] a hub does not start with servers that clients would not take', () => {
  const turn = { urls: ['turn:relay.example'], username: 'alice', credential: CREDENTIAL }
  test.each<readonly [string, unknown, number]>([
    ['no list', { urls: 'stun:relay.example' }, 0],
    ['nine', Array.from({ length: 9 }, () => turn), 0],
    [
      'too long',
      Array.from({ length: 8 }, () => ({
        ...turn,
        urls: Array.from({ length: 4 }, () => `turn:${'a'.repeat(500)}`),
      })),
      0,
    ],
    ['a text', ['stun:relay.example'], 1],
    ['null', [turn, null], 2],
    ['no address', [{ ...turn, urls: [] }], 1],
    ['another scheme', [{ ...turn, urls: 'https://relay.example' }], 1],
    ['no credential', [turn, { urls: 'turn:relay.example', username: 'alice' }], 2],
    ['another member', [{ ...turn, credentialType: 'password' }], 1],
  ])('%s', (_, given, server) => {
    const start = (): unknown =>
      createTestHub({ iceServers: given as HubOptions['iceServers'] & object })
    let thrown: unknown
    try {
      start()
    } catch (error) {
      thrown = error
    }
    if (!isServerError(thrown) || thrown.code !== 'ERR_SERVER_ICE_SERVERS') throw thrown
    expect(thrown.details).toEqual({ server })
    expect(thrown.message).toContain(server === 0 ? 'the list' : `number ${server}`)
    expect(JSON.stringify([thrown.message, thrown.details])).not.toContain(CREDENTIAL)
  })
})
