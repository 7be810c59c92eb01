/** Real clients of pusher-js and the real library for backends, over a local server of the protocol. */
import { Keyring, sealEvent } from '@conclave/e2ee'
import type { JsonEnvelope } from '@conclave/e2ee'
import { sealPusherBackend, sealPusherChannel } from '@conclave/adapters/pusher'
import type { DroppedArrival, TransportTrouble } from '@conclave/adapters'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { failureOf, ringOf } from '../fixtures.ts'
import { startWorld, subscribed } from './pusher-fixtures.ts'
import type { PusherWorld } from './pusher-fixtures.ts'

let world: PusherWorld
beforeEach(async () => {
  world = await startWorld()
})
afterEach(() => world.close())

test.each(['private-room', 'presence-room'])(
  '[T20, T21] client events on %s arrive opened; events that are sent before the subscription wait',
  async (name) => {
    const alice = sealPusherChannel(world.client('alice').subscribe(name), {
      keys: ringOf(),
      sender: 'alice',
    })
    const bobs = world.client('bob').subscribe(name)
    const bob = sealPusherChannel(bobs, { keys: ringOf(), sender: 'bob' })
    const values: unknown[] = []
    bob.on('message', (value, { sender }) => values.push([sender, value]))
    await subscribed(bobs)
    await Promise.all([1, 2, 3].map((value) => alice.send('message', { value })))
    await expect
      .poll(() => values)
      .toEqual([
        ['alice', { value: 1 }],
        ['alice', { value: 2 }],
        ['alice', { value: 3 }],
      ])
    expect(world.server.seen.join('\n')).toContain('"event":"client-message"')
    // Neither the echo of an own event nor an event of the protocol is an arrival.
    expect([alice.dropped.size, bob.dropped.size]).toEqual([0, 0])
  },
)

test('[T6, T20] events in clear, of clients and of a backend, reach no handler', async () => {
  const bobs = world.client('bob').subscribe('private-room')
  const bob = sealPusherChannel(bobs, { keys: ringOf(), sender: 'bob' })
  const values: unknown[] = []
  const drops: DroppedArrival[] = []
  bob.on('message', (value) => values.push(value))
  bob.on('dropped', (drop) => drops.push(drop))
  const others = world.client('alice').subscribe('private-room')
  await Promise.all([subscribed(bobs), subscribed(others)])
  others.trigger('client-message', { body: 'in clear' })
  await expect.poll(() => drops).toHaveLength(1)
  await world.backend.trigger('private-room', 'message', { body: 'in clear' })
  await world.backend.trigger('private-room', 'message', 'text')
  await expect.poll(() => drops).toHaveLength(3)
  expect(values).toEqual([])
  expect(drops).toEqual(
    Array.from({ length: 3 }, () => ({ reason: 'unsealed', eventName: 'message' })),
  )
})

test('[T24] a backend without a key triggers the envelopes of clients', async () => {
  const posted: [string, JsonEnvelope][] = []
  const alice = sealPusherChannel(world.client('alice').subscribe('private-room'), {
    keys: ringOf(),
    sender: 'alice',
    via: async (eventName, envelope) => {
      posted.push([eventName, envelope])
      await world.backend.trigger('private-room', eventName, envelope)
    },
  })
  const bobs = world.client('bob').subscribe('private-room')
  const bob = sealPusherChannel(bobs, { keys: ringOf(), sender: 'bob' })
  const values: unknown[] = []
  bob.on('message', (value) => values.push(value))
  await subscribed(bobs)
  await alice.send('message', { body: 'canary' })
  await expect.poll(() => values).toEqual([{ body: 'canary' }])
  expect(posted.map(([name]) => name)).toEqual(['message'])
  expect(JSON.stringify(posted)).not.toContain('canary')
  // It comes to its sender too, who is told so.
  await expect.poll(() => alice.dropped.get('reflected')).toBe(1)
})

test('[T24] sending fails when the backend refuses to trigger', async () => {
  const alice = sealPusherChannel(world.client('alice').subscribe('private-room'), {
    keys: ringOf(),
    sender: 'alice',
    via: () => Promise.reject(new Error('403')),
  })
  await expect(alice.send('message', 1)).rejects.toThrow('403')
})

test('[T24] a backend with a key seals the events that it triggers', async () => {
  const bobs = world.client('bob').subscribe('private-room')
  const bob = sealPusherChannel(bobs, { keys: ringOf(), sender: 'bob' })
  const values: unknown[] = []
  bob.on('order.shipped', (value, { sender }) => values.push([sender, value]))
  await subscribed(bobs)
  const sealed = sealPusherBackend(world.backend, 'private-room', {
    keys: ringOf(),
    sender: 'shop',
  })
  await sealed.send('order.shipped', { order: 7 })
  await expect.poll(() => values).toEqual([['shop', { order: 7 }]])
  await expect(sealed.send('order.shipped', 'x'.repeat(10_000))).rejects.toMatchObject({
    code: 'ERR_ADAPTER_TOO_LARGE',
  })
})

test.each(['room', 'private-encrypted-room', 'cache-room'])(
  '[T21] on %s clients receive and cannot send',
  async (name) => {
    const bobs = world.client('bob').subscribe(name)
    const bob = sealPusherChannel(bobs, { keys: ringOf(), sender: 'bob' })
    await expect(bob.send('message', 'canary')).rejects.toMatchObject({
      code: 'ERR_ADAPTER_RECEIVE_ONLY',
      details: { channel: name },
    })
    expect(world.server.seen.join('\n')).not.toContain('client-')
    expect(world.server.seen.join('\n')).not.toContain('canary')
  },
)

test('[T21] a public channel carries events that a backend sealed', async () => {
  const bobs = world.client('bob').subscribe('room')
  const bob = sealPusherChannel(bobs, { keys: ringOf(), sender: 'bob' })
  const values: unknown[] = []
  bob.on('message', (value) => values.push(value))
  await subscribed(bobs)
  await sealPusherBackend(world.backend, 'room', { keys: ringOf(), sender: 'shop' }).send(
    'message',
    1,
  )
  await expect.poll(() => values).toEqual([1])
})

test('[T21] a client that is not admitted gets an error and sends nothing', async () => {
  const channel = world.client('mallory').subscribe('private-room')
  const mallory = sealPusherChannel(channel, { keys: ringOf(), sender: 'mallory' })
  await expect(mallory.send('message', 1)).rejects.toMatchObject({ code: 'ERR_ADAPTER_REFUSED' })
  await expect(mallory.send('message', 2)).rejects.toMatchObject({ code: 'ERR_ADAPTER_REFUSED' })
  expect(world.server.seen.join('\n')).not.toContain('client-message')
})

test('[T21] events that are sent while the connection is lost arrive after it is back', async () => {
  const alices = world.client('alice').subscribe('private-room')
  const bobs = world.client('bob').subscribe('private-room')
  const alice = sealPusherChannel(alices, { keys: ringOf(), sender: 'alice' })
  const bob = sealPusherChannel(bobs, { keys: ringOf(), sender: 'bob' })
  const values: unknown[] = []
  bob.on('message', (value) => values.push(value))
  await Promise.all([subscribed(alices), subscribed(bobs)])
  await alice.send('message', 'before')
  await expect.poll(() => values).toEqual(['before'])
  // Each client notices the loss by itself; until then it shows the old subscription.
  const gone = Promise.all(
    [alices, bobs].map(
      ({ pusher }) =>
        new Promise<void>((resolve) => pusher.connection.bind('connecting', () => resolve())),
    ),
  )
  world.server.dropConnections()
  await gone
  expect([alices.subscribed, bobs.subscribed]).toEqual([false, false])
  const sent = alice.send('message', 'after')
  await Promise.all([subscribed(alices), subscribed(bobs)])
  await sent
  await alice.send('message', 'last')
  await expect.poll(() => values.at(-1)).toBe('last')
})

test('[T5] closing ends the wait for a subscription and stops listening', async () => {
  const channel = world.client('alice').subscribe('private-room')
  const alice = sealPusherChannel(channel, { keys: ringOf(), sender: 'alice' })
  const failure = failureOf(alice.send('message', 1))
  // Sealing ends before that, so that it waits for the subscription.
  await new Promise((resolve) => setImmediate(resolve))
  await alice.close()
  expect(await failure).toMatchObject({ code: 'ERR_ADAPTER_CLOSED' })
  await subscribed(channel)
  expect(channel.global_callbacks).toEqual([])
  await world.backend.trigger('private-room', 'message', {})
  expect(world.server.seen.join('\n')).not.toContain('client-message')
})

test('[T22] an event that is too large is refused before it is sent', async () => {
  const alice = sealPusherChannel(world.client('alice').subscribe('private-room'), {
    keys: ringOf(),
    sender: 'alice',
  })
  const error: unknown = await alice
    .send('message', 'x'.repeat(8000))
    .catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'ERR_ADAPTER_TOO_LARGE', details: { maxBytes: 10_000 } })
  await alice.send('message', 'x'.repeat(7000))
  const small = sealPusherChannel(world.client('alice').subscribe('private-room'), {
    keys: ringOf(),
    sender: 'alice-2',
    maxBytes: 200,
  })
  await expect(small.send('message', 'x'.repeat(100))).rejects.toMatchObject({
    code: 'ERR_ADAPTER_TOO_LARGE',
  })
})

test('[T23] the app is notified when the server drops events because of their rate', async () => {
  const alice = sealPusherChannel(world.client('alice').subscribe('private-room'), {
    keys: ringOf(),
    sender: 'alice',
  })
  const troubles: TransportTrouble[] = []
  alice.on('trouble', (trouble) => troubles.push(trouble))
  await Promise.all(Array.from({ length: 25 }, (_, value) => alice.send('message', value)))
  await expect.poll(() => troubles.length).toBeGreaterThan(0)
  expect(troubles[0]).toEqual({ type: 'rate-limited' })
})

test('[T10, T20] a client without the key keeps events, fetches the key and opens them', async () => {
  const keys = new Keyring()
  const bobs = world.client('bob').subscribe('private-room')
  const bob = sealPusherChannel(bobs, { keys, sender: 'bob', keepUnknown: 10 })
  const values: unknown[] = []
  bob.on('message', (value) => values.push(value))
  bob.on('unknownKey', ({ keyId, epoch }) => {
    keys.add({ keyId, epoch, key: new Uint8Array(32).fill(7) })
    bob.retryKept()
  })
  await subscribed(bobs)
  const alice = sealPusherChannel(world.client('alice').subscribe('private-room'), {
    keys: ringOf(),
    sender: 'alice',
  })
  await alice.send('message', 1)
  await expect.poll(() => values).toEqual([1])
})

test('[T70] no request or message shows the server a value, a hidden name or the key', async () => {
  const keyBytes = new Uint8Array(32).map((_, index) => index + 65)
  const ring = (): Keyring => {
    const keys = new Keyring()
    keys.rotate({ keyId: 'k', epoch: 1, key: keyBytes })
    return keys
  }
  const options = { hideEventNames: true, padding: 'padme' } as const
  const alices = world.client('alice').subscribe('presence-room')
  const alice = sealPusherChannel(alices, { ...options, keys: ring(), sender: 'a' })
  const bobs = world.client('bob').subscribe('presence-room')
  const bob = sealPusherChannel(bobs, { keys: ring(), sender: 'b' })
  const values: unknown[] = []
  bob.on('canary-name', (value) => values.push(value))
  await subscribed(bobs)
  await alice.send('canary-name', { body: 'canary-value' })
  const shop = sealPusherBackend(world.backend, 'presence-room', {
    ...options,
    keys: ring(),
    sender: 's',
  })
  await shop.send('canary-name', { body: 'canary-value' })
  await expect.poll(() => values).toHaveLength(2)
  const seen = world.server.seen.join('\n')
  for (const canary of ['canary-name', 'canary-value', 'canary']) {
    expect(seen).not.toContain(canary)
    expect(seen).not.toContain(Buffer.from(canary).toString('base64').slice(0, -4))
    expect(seen).not.toContain(Buffer.from(canary).toString('hex'))
  }
  expect(seen).not.toContain(Buffer.from(keyBytes).toString('base64url'))
  expect(seen).not.toContain(Buffer.from(keyBytes).toString('latin1'))
  expect(seen).toContain('client-sealed')
})

test('[T20] an event that was sealed for another channel does not open on this one', async () => {
  const bobs = world.client('bob').subscribe('private-room')
  const bob = sealPusherChannel(bobs, { keys: ringOf(), sender: 'bob', replay: 'none' })
  const values: unknown[] = []
  bob.on('message', (value) => values.push(value))
  await subscribed(bobs)
  for (const scopeId of ['private-other', 'private-room']) {
    const context = { kind: 'realtime', scope: 'channel', scopeId, eventName: 'message' } as const
    const envelope = await sealEvent(scopeId, ringOf(), context)
    await world.backend.trigger('private-room', 'message', envelope)
  }
  await expect.poll(() => values).toEqual(['private-room'])
  expect(bob.dropped.get('not-authentic')).toBe(1)
})

test('[T15] a value that is no channel is refused', () => {
  expect(() => sealPusherChannel(null as never, { keys: ringOf(), sender: 'a' })).toThrow(TypeError)
  expect(() => sealPusherChannel({} as never, { keys: ringOf(), sender: 'a' })).toThrow(
    '"channel" expected',
  )
})
