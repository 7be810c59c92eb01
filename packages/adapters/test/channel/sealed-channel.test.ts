import { EventCounter, ReplayGuard, sealEvent } from '@conclave/e2ee'
import type { JsonEnvelope, Keyring } from '@conclave/e2ee'
import { describe, expect, test } from 'vitest'
import { Carrier, CONTEXT, joinSealed, KEY_ID, ringOf, settled } from '../fixtures.ts'

describe.each(['json', 'binary'] as const)('over a carrier of %s', (encoding) => {
  test('[T1] an event arrives with its value, name and sender, and travels sealed', async () => {
    const carrier = new Carrier(encoding)
    const alice = joinSealed(carrier, { sender: 'alice' })
    const bob = joinSealed(carrier, { sender: 'bob' })
    const seen: unknown[] = []
    bob.channel.on('message', (_value, event) => seen.push(event))
    await alice.channel.send('message', { body: 'canary-in-the-value' })
    const [sent] = carrier.messages
    expect(sent?.name).toBe('message')
    const carried =
      sent?.envelope instanceof Uint8Array
        ? new TextDecoder().decode(sent.envelope)
        : JSON.stringify(sent)
    expect(carried).not.toContain('canary')
    carrier.flush()
    await settled(carrier, alice, bob)
    expect(bob.values).toEqual([{ body: 'canary-in-the-value' }])
    expect(seen).toMatchObject([
      {
        eventName: 'message',
        sender: 'alice',
        keyId: KEY_ID,
        epoch: 1n,
        place: { sequence: 0 },
      },
    ])
  })

  test('[T1] bytes travel as bytes', async () => {
    const carrier = new Carrier(encoding)
    const alice = joinSealed(carrier, { sender: 'alice' })
    const bob = joinSealed(carrier, { sender: 'bob' })
    await alice.channel.send('message', new Uint8Array([1, 2, 3]))
    carrier.flush()
    await settled(carrier, alice, bob)
    expect(bob.values).toEqual([new Uint8Array([1, 2, 3])])
  })

  test('[T4, T7] a hundred events at once keep their order when sent and received, whatever their sizes', async () => {
    const carrier = new Carrier(encoding)
    const alice = joinSealed(carrier, { sender: 'alice' })
    const bob = joinSealed(carrier, { sender: 'bob' })
    const values = Array.from(
      { length: 100 },
      (_, index) => 'x'.repeat(index % 10 === 0 ? 500_000 : index) + index,
    )
    await Promise.all(values.map((value) => alice.channel.send('message', value)))
    carrier.flush()
    await settled(carrier, alice, bob)
    expect(bob.values).toEqual(values)
  })

  test('[T8] an event that a carrier returns to its sender is reflected, and opens nowhere else twice', async () => {
    const carrier = new Carrier(encoding)
    const alice = joinSealed(carrier, { sender: 'alice' })
    const bob = joinSealed(carrier, { sender: 'bob' })
    await alice.channel.send('message', 1)
    const [message] = carrier.messages
    carrier.flush()
    if (message !== undefined) carrier.deliver(message)
    await settled(carrier, alice, bob)
    expect(alice.values).toEqual([])
    expect(alice.drops.map(({ reason }) => reason)).toEqual(['reflected', 'reflected'])
    expect(bob.values).toEqual([1])
    expect(bob.drops.map(({ reason }) => reason)).toEqual(['replay'])
  })
})

test('[T8] an event from before a reload that a carrier brings back is reflected', async () => {
  const carrier = new Carrier()
  const before = joinSealed(carrier, { sender: 'alice' })
  await before.channel.send('message', 1)
  const [message] = carrier.messages.splice(0)
  await before.channel.close()
  const after = joinSealed(carrier, { sender: 'alice' })
  const bob = joinSealed(carrier, { sender: 'bob' })
  if (message === undefined) throw new Error('expected a message')
  carrier.deliver(message)
  await settled(carrier, after, bob)
  expect(after.values).toEqual([])
  expect(after.drops.map(({ reason }) => reason)).toEqual(['reflected'])
  expect(bob.values).toEqual([1])
})

test('[T2] an event that a carrier renames does not open', async () => {
  const carrier = new Carrier()
  const alice = joinSealed(carrier, { sender: 'alice' })
  const bob = joinSealed(carrier, { sender: 'bob' })
  await alice.channel.send('typing', true)
  const [message] = carrier.messages.splice(0)
  carrier.deliver({ name: 'message', envelope: message?.envelope })
  await settled(carrier, alice, bob)
  expect(bob.values).toEqual([])
  expect(bob.drops).toEqual([{ reason: 'not-authentic', eventName: 'message' }])
})

test('[T2] with hidden names carriers see one name for all events, and handlers get the real ones', async () => {
  const carrier = new Carrier()
  const alice = joinSealed(carrier, { sender: 'alice', hideEventNames: true, padding: 'padme' })
  const bob = joinSealed(carrier, { sender: 'bob' })
  const typing: unknown[] = []
  bob.channel.on('typing', (value) => typing.push(value))
  await alice.channel.send('message', 'hello')
  await alice.channel.send('typing', true)
  expect(carrier.messages.map(({ name }) => name)).toEqual(['sealed', 'sealed'])
  expect(JSON.stringify(carrier.messages)).not.toContain('typing')
  carrier.flush()
  await settled(carrier, alice, bob)
  expect(bob.values).toEqual(['hello'])
  expect(typing).toEqual([true])
})

test('[T2] an event with a clear name does not open as one with a hidden name', async () => {
  const carrier = new Carrier()
  const alice = joinSealed(carrier, { sender: 'alice' })
  const bob = joinSealed(carrier, { sender: 'bob' })
  await alice.channel.send('message', 1)
  const [message] = carrier.messages.splice(0)
  carrier.deliver({ name: 'sealed', envelope: message?.envelope })
  await settled(carrier, alice, bob)
  expect(bob.drops).toEqual([{ reason: 'not-authentic', eventName: 'sealed' }])
})

test.each(['', 'x'.repeat(201), '\ud800', 'sealed', 'dropped', 'unknownKey', 'trouble'])(
  '[T2] %j is refused as the name of an event',
  async (name) => {
    const { channel } = joinSealed(new Carrier(), { sender: 'alice' })
    await expect(channel.send(name, 1)).rejects.toThrow(/"eventName" expected/)
  },
)

test('[T2] names that objects inherit are names like any other', async () => {
  const carrier = new Carrier()
  const alice = joinSealed(carrier, { sender: 'alice' })
  const bob = joinSealed(carrier, { sender: 'bob', checks: {} })
  const values: unknown[] = []
  for (const name of ['constructor', '__proto__', 'toString']) {
    bob.channel.on(name, (value) => values.push(value))
    await alice.channel.send(name, name)
  }
  carrier.flush()
  await settled(carrier, alice, bob)
  expect(values).toEqual(['constructor', '__proto__', 'toString'])
})

const clear: readonly (readonly [string, unknown])[] = [
  ['text', 'in clear'],
  ['nothing', undefined],
  ['null', null],
  ['an object', { body: 'in clear' }],
  ['an array', [1, 2]],
  ['an envelope of the other sort', { v: 1, sealed: 'AAAA' }],
  ['bytes', new Uint8Array(40)],
  [
    'a proxy that throws',
    new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('trap')
        },
      },
    ),
  ],
]

test.each(clear)('[T6, T13] %s reaches no handler', async (_what, envelope) => {
  const carrier = new Carrier()
  const bob = joinSealed(carrier, { sender: 'bob' })
  carrier.deliver({ name: 'message', envelope })
  await settled(carrier, bob)
  expect(bob.values).toEqual([])
  expect(bob.drops).toEqual([{ reason: 'unsealed', eventName: 'message' }])
})

test.each([undefined, null, 7, '', 'x'.repeat(201), '\udc00', {}])(
  '[T6, T13] an envelope under the name %j reaches no handler',
  async (name) => {
    const carrier = new Carrier()
    const alice = joinSealed(carrier, { sender: 'alice' })
    const bob = joinSealed(carrier, { sender: 'bob' })
    await alice.channel.send('message', 1)
    const [message] = carrier.messages.splice(0)
    carrier.deliver({ name, envelope: message?.envelope })
    await settled(carrier, bob)
    expect(bob.values).toEqual([])
    expect(bob.drops).toEqual([{ reason: 'unsealed', eventName: undefined }])
  },
)

test('[T6] an event of another key, context or epoch is dropped with its reason and counted', async () => {
  const carrier = new Carrier()
  const bob = joinSealed(carrier, { sender: 'bob', minKeyVersion: 1 })
  const seal = (
    keys: Keyring,
    context: { scope: string; scopeId: string },
  ): Promise<JsonEnvelope> =>
    sealEvent(1, keys, {
      kind: 'realtime',
      ...context,
      eventName: 'message',
      sender: 'eve',
      counter: new EventCounter({ now: 1_700_000_000_000 }),
    })
  const place = { scope: 'room', scopeId: '42' }
  const good = await seal(ringOf(), place)
  const { stream: _stream, sequence: _sequence, ...bare } = good
  const envelopes = [
    await seal(ringOf(8), place),
    await seal(ringOf(), { scope: 'room', scopeId: '43' }),
    await seal(ringOf(7, 2), place),
    await seal(ringOf(7, 0), place),
    { ...good, sender: 'bill' },
    { ...bare, flags: good.flags & ~16 },
    good,
  ]
  carrier.deliver(...envelopes.map((envelope) => ({ name: 'message', envelope })))
  await settled(carrier, bob)
  expect(bob.values).toEqual([1])
  expect(bob.drops).toMatchObject([
    { reason: 'other-key' },
    { reason: 'not-authentic' },
    { reason: 'unknown-key', keyId: KEY_ID, epoch: 2n },
    { reason: 'epoch-too-old', epoch: 0n },
    { reason: 'other-key' },
    { reason: 'unnumbered' },
  ])
  expect(Object.fromEntries(bob.channel.dropped)).toMatchObject({
    'not-authentic': 1,
    'other-key': 2,
    'unknown-key': 1,
  })
})

test('[T7] events beyond 1,024 at a time overflow, and the others arrive', async () => {
  const carrier = new Carrier()
  const alice = joinSealed(carrier, { sender: 'alice' })
  const bob = joinSealed(carrier, { sender: 'bob' })
  for (let value = 0; value < 1030; value += 1) await alice.channel.send('message', value)
  const messages = carrier.messages.splice(0)
  await alice.channel.close()
  carrier.deliver(...messages)
  expect(bob.drops.map(({ reason }) => reason)).toEqual(Array.from({ length: 6 }, () => 'overflow'))
  await expect.poll(() => bob.values.length).toBe(1024)
  expect(bob.values).toEqual(Array.from({ length: 1024 }, (_, index) => index))
})

test('[T9] without replay protection replayed and unnumbered events are delivered', async () => {
  const carrier = new Carrier()
  const keys = ringOf()
  const bob = joinSealed(carrier, { sender: 'bob', keys, replay: 'none' })
  const envelope = await sealEvent(1, keys, { ...CONTEXT, eventName: 'message' })
  carrier.deliver({ name: 'message', envelope }, { name: 'message', envelope })
  await settled(carrier, bob)
  expect(bob.values).toEqual([1, 1])
})

test('[T9] the caller’s guard decides, and an event is dropped when the guard fails', async () => {
  const carrier = new Carrier()
  const storage = {
    read: () => Promise.reject(new Error('disk')),
    write: () => Promise.reject(new Error('disk')),
  }
  const alice = joinSealed(carrier, { sender: 'alice' })
  const bob = joinSealed(carrier, { sender: 'bob', replay: new ReplayGuard({ storage }) })
  await alice.channel.send('message', 1)
  carrier.flush()
  await settled(carrier, alice, bob)
  expect(bob.values).toEqual([])
  expect(bob.drops).toMatchObject([{ reason: 'failed', cause: { cause: { message: 'disk' } } }])
})

test('[T11] a value that its check refuses reaches no handler', async () => {
  const carrier = new Carrier()
  const alice = joinSealed(carrier, { sender: 'alice' })
  const bob = joinSealed(carrier, {
    sender: 'bob',
    checks: {
      message: (value: unknown): value is { body: string } =>
        typeof (value as { body: unknown }).body === 'string',
    },
  })
  for (const value of [{ body: 1 }, null, { body: 'good' }])
    await alice.channel.send('message', value)
  carrier.flush()
  await settled(carrier, alice, bob)
  expect(bob.values).toEqual([{ body: 'good' }])
  expect(bob.drops).toEqual([
    { reason: 'unexpected', eventName: 'message' },
    { reason: 'unexpected', eventName: 'message' },
  ])
})

test('[T12] a function that was removed is not called', async () => {
  const carrier = new Carrier()
  const alice = joinSealed(carrier, { sender: 'alice' })
  const bob = joinSealed(carrier, { sender: 'bob' })
  const values: unknown[] = []
  const add = (value: unknown): void => void values.push(value)
  const stop = bob.channel.on('message', add)
  bob.channel.on('message', add)
  stop()
  stop()
  await alice.channel.send('message', 1)
  carrier.flush()
  await settled(carrier, alice, bob)
  expect(values).toEqual([1])
})
