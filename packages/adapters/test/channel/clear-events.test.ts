/** Clear events beside sealed ones on one channel, and carriers that confuse the two. */
import { envelopeToBinary, sealEvent, toPlainJson } from '@conclave/e2ee'
import type { JsonEnvelope } from '@conclave/e2ee'
import type { ClearEvent } from '@conclave/adapters'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Carrier, CONTEXT, joinSealed, ringOf, settled } from '../fixtures.ts'
import type { Heard, Message } from '../fixtures.ts'

const clear = ['typing', 'seen'] as const

/** Two ends that declare the same names, and everything that reached a handler of `bob` for a clear name. */
function meet(
  encoding: 'json' | 'binary' = 'json',
  more: { readonly hideEventNames?: boolean } = {},
) {
  const carrier = new Carrier(encoding)
  const alice = joinSealed(carrier, { sender: 'alice', clear, ...more })
  const bob = joinSealed(carrier, { sender: 'bob', clear, ...more })
  const heard: [unknown, unknown][] = []
  bob.channel.on('typing', (value, event) => heard.push([value, event]))
  return { carrier, alice, bob, heard }
}

/** Takes the only message that lies at a carrier. */
function takeOne(carrier: Carrier): Message {
  const [message, ...others] = carrier.messages.splice(0)
  if (message === undefined || others.length > 0) throw new Error('expected one message')
  return message
}

const reasonsOf = ({ drops }: Heard<never> | Heard<object>) => drops.map(({ reason }) => reason)

const fromNobody: ClearEvent = { type: 'clear', eventName: 'typing', from: undefined }

describe.each(['json', 'binary'] as const)('over a carrier of %s', (encoding) => {
  test('[T17, T18] an event under a clear name travels in clear, every other one sealed', async () => {
    const { carrier, alice, bob, heard } = meet(encoding)
    const sealed: unknown[] = []
    bob.channel.on('message', (_value, { type, sender }) => sealed.push([type, sender]))
    await alice.channel.send('typing', { canary: 1 })
    await alice.channel.send('message', { canary: 2 })
    const [first, second] = carrier.messages
    const bytes = new TextEncoder().encode('{"canary":1}')
    const inClear = { name: 'typing', envelope: encoding === 'json' ? { canary: 1 } : bytes }
    expect(first).toEqual(inClear)
    expect(JSON.stringify(second)).not.toContain('canary')
    carrier.flush()
    await settled(carrier, bob)
    expect(heard).toEqual([[{ canary: 1 }, fromNobody]])
    expect(bob.values).toEqual([{ canary: 2 }])
    expect(sealed).toEqual([['sealed', 'alice']])
    expect(bob.drops).toEqual([])
  })

  test('[T18, T19] clear events keep their place among sealed ones, when sent and when received', async () => {
    const { carrier, alice, bob } = meet(encoding)
    const order: unknown[] = []
    for (const name of ['message', 'typing']) bob.channel.on(name, (value) => order.push(value))
    const values = Array.from({ length: 40 }, (_, index) => index)
    await Promise.all(
      values.map((value) => alice.channel.send(value % 3 === 0 ? 'message' : 'typing', value)),
    )
    carrier.flush()
    await settled(carrier, bob)
    expect(order).toEqual(values)
  })

  test('[T18, T19] every value of JSON arrives as it was sent', async () => {
    const { carrier, alice, bob, heard } = meet(encoding)
    const values = [
      null,
      true,
      0,
      -1.5,
      '',
      '123',
      '{"v":2}',
      'ü\ud83d\ude00',
      [],
      [[{}]],
      { a: [null] },
    ]
    for (const value of values) await alice.channel.send('typing', value)
    carrier.flush()
    await settled(carrier, bob)
    expect(heard).toEqual(values.map((value) => [value, fromNobody]))
  })

  test('[T19] a server that strips the seal delivers nothing: a clear event under a sealed name is `unsealed`', async () => {
    const { carrier, alice, bob } = meet(encoding)
    await alice.channel.send('message', { body: 'hello' })
    const { name } = takeOne(carrier)
    const stripped = [{ body: 'hello' }, new TextEncoder().encode('{"body":"hello"}'), 'hello']
    carrier.deliver(...stripped.map((envelope) => ({ name, envelope })))
    await settled(carrier, alice, bob)
    expect(bob.values).toEqual([])
    expect(reasonsOf(bob)).toEqual(['unsealed', 'unsealed', 'unsealed'])
  })

  test('[T19] a server that gives a sealed event a clear name delivers nothing', async () => {
    const { carrier, alice, bob, heard } = meet(encoding)
    await alice.channel.send('message', 1)
    const { envelope } = takeOne(carrier)
    carrier.deliver({ name: 'typing', envelope })
    await settled(carrier, alice, bob)
    expect(heard).toEqual([])
    expect(bob.drops).toEqual([{ reason: 'declared-clear', eventName: 'typing' }])
  })

  test('[T19] a server that gives a clear event a sealed name, or replays it there, delivers nothing', async () => {
    const { carrier, alice, bob, heard } = meet(encoding)
    await alice.channel.send('typing', { body: 'pay mallory' })
    const { envelope } = takeOne(carrier)
    carrier.deliver(
      { name: 'typing', envelope },
      { name: 'message', envelope },
      { name: 'Typing', envelope },
      { name: 'message', envelope },
    )
    await settled(carrier, bob)
    expect(heard).toHaveLength(1)
    expect(bob.values).toEqual([])
    expect(bob.drops).toEqual(
      ['message', 'Typing', 'message'].map((eventName) => ({ reason: 'unsealed', eventName })),
    )
  })

  test('[T19] an end that declares another list than the other opens none of the events in question', async () => {
    const carrier = new Carrier(encoding)
    const alice = joinSealed(carrier, { sender: 'alice', clear: ['message'] })
    const bob = joinSealed(carrier, { sender: 'bob' })
    await alice.channel.send('message', 1)
    await bob.channel.send('message', 2)
    carrier.flush()
    await settled(carrier, bob, alice)
    expect([alice.values, bob.values]).toEqual([[1], []])
    expect(reasonsOf(alice)).toEqual(['declared-clear'])
    expect(reasonsOf(bob)).toEqual(['unsealed', 'reflected'])
  })

  test('[T19] a sealed event whose hidden name is declared clear reaches no handler', async () => {
    const carrier = new Carrier(encoding)
    const carol = joinSealed(carrier, { sender: 'carol', hideEventNames: true })
    const bob = joinSealed(carrier, { sender: 'bob', clear: ['message'] })
    await carol.channel.send('message', 1)
    carrier.flush()
    await settled(carrier, carol, bob)
    expect(bob.values).toEqual([])
    expect(bob.drops).toEqual([{ reason: 'declared-clear', eventName: 'message' }])
  })

  test('[T18] clear events travel under their names where the names of the others are hidden', async () => {
    const { carrier, alice, bob, heard } = meet(encoding, { hideEventNames: true })
    await alice.channel.send('typing', 1)
    await alice.channel.send('message', 2)
    expect(carrier.messages.map(({ name }) => name)).toEqual(['typing', 'sealed'])
    carrier.flush()
    await settled(carrier, alice, bob)
    expect([heard, bob.values]).toEqual([[[1, fromNobody]], [2]])
  })
})

test('[T17] the list is read once: what is done to it later has no effect', async () => {
  const carrier = new Carrier()
  const names = ['typing']
  const alice = joinSealed(carrier, { sender: 'alice', clear: names })
  names.splice(0, 1, 'message')
  await alice.channel.send('message', { canary: 1 })
  expect(JSON.stringify(carrier.messages.splice(0))).not.toContain('canary')
  await alice.channel.send('typing', { canary: 1 })
  expect(carrier.messages).toEqual([{ name: 'typing', envelope: { canary: 1 } }])
})

test('[T17] without a list no name is clear, whatever objects inherit', async () => {
  const carrier = new Carrier()
  const alice = joinSealed(carrier, { sender: 'alice' })
  const bob = joinSealed(carrier, { sender: 'bob', clear: ['has'] })
  for (const name of ['constructor', 'toString', '__proto__']) {
    await alice.channel.send(name, { canary: 1 })
    bob.channel.on(name, () => bob.values.push(name))
    carrier.deliver({ name, envelope: { canary: 1 } })
  }
  expect(JSON.stringify(carrier.messages)).not.toContain('canary')
  await settled(carrier, alice, bob)
  expect(bob.values).toEqual([])
  expect(reasonsOf(bob)).toEqual(['unsealed', 'unsealed', 'unsealed'])
})

test('[T19] no facts about a sender come with a clear event, whatever it says', async () => {
  const { carrier, bob, heard } = meet()
  const claims = { sender: 'alice', signedBy: new Uint8Array(32), type: 'sealed', keyId: 'room-42' }
  carrier.deliver({ name: 'typing', envelope: { ...claims, signedBy: 'A' } })
  await settled(carrier, bob)
  expect(heard).toEqual([[{ ...claims, signedBy: 'A' }, fromNobody]])
})

test('[T19] nothing authenticates clear events: replays, forgeries and one’s own are delivered, with a verifier too', async () => {
  const carrier = new Carrier()
  const verifier = { verify: () => Promise.resolve(undefined) }
  const bob = joinSealed(carrier, { sender: 'bob', clear: ['message'], verifier })
  await bob.channel.send('message', 'own')
  const own = takeOne(carrier)
  carrier.deliver(own, own, { name: 'message', envelope: 'forged' })
  await settled(carrier, bob)
  expect(bob.values).toEqual(['own', 'own', 'forged'])
})

test('[T11, T19] a clear value that its check refuses reaches no handler', async () => {
  const carrier = new Carrier()
  const isText = (value: unknown): value is string => typeof value === 'string'
  const bob = joinSealed(carrier, {
    sender: 'bob',
    clear: ['message'],
    checks: { message: isText },
  })
  carrier.deliver({ name: 'message', envelope: 7 }, { name: 'message', envelope: 'text' })
  await settled(carrier, bob)
  expect([bob.values, reasonsOf(bob)]).toEqual([['text'], ['unexpected']])
})

const envelopes = async (): Promise<readonly unknown[]> => {
  const options = { ...CONTEXT, eventName: 'typing', sender: 'mallory' }
  const envelope: JsonEnvelope = await sealEvent(1, ringOf(), options)
  const bytes = envelopeToBinary(envelope)
  const text = JSON.stringify(envelope)
  return [envelope, bytes, text, new TextEncoder().encode(text), { ...envelope, keyId: 'other' }]
}

test('[T19] an envelope under a clear name is `declared-clear` in every form, also one that would open there', async () => {
  const { carrier, bob, heard } = meet()
  for (const envelope of await envelopes()) carrier.deliver({ name: 'typing', envelope })
  await settled(carrier, bob)
  expect(heard).toEqual([])
  expect(reasonsOf(bob)).toEqual(Array.from({ length: 5 }, () => 'declared-clear'))
})

test('[T19] a clear value with the shape of an envelope does not open under a sealed name', async () => {
  const { carrier, bob } = meet()
  const [envelope] = await envelopes()
  const made = { ...(envelope as JsonEnvelope), sealed: 'A'.repeat(80) }
  carrier.deliver({ name: 'message', envelope: made }, { name: 'message', envelope })
  await settled(carrier, bob)
  expect(bob.values).toEqual([])
  expect(bob.drops).toHaveLength(2)
})

test('[T18] values that JSON would change, bytes, envelopes and values that are too long are refused', async () => {
  const { carrier, alice } = meet()
  const [envelope, , text] = await envelopes()
  const wrong = [
    undefined,
    1n,
    Number.NaN,
    new Map(),
    new Uint8Array(3),
    { a: () => {} },
    envelope,
    text,
  ]
  for (const value of wrong) {
    await expect(alice.channel.send('typing', value)).rejects.toThrow(TypeError)
  }
  await expect(alice.channel.send('typing', 'x'.repeat(2 ** 20))).rejects.toMatchObject({
    code: 'ERR_ADAPTER_TOO_LARGE',
    details: { byteLength: 2 ** 20 + 2, maxBytes: 2 ** 20 },
  })
  expect(carrier.messages).toEqual([])
})

test.each<readonly [string, unknown]>([
  ['nothing', undefined],
  ['a map', new Map([['a', 1]])],
  ['a key `__proto__`', JSON.parse('{"__proto__":{"a":1}}')],
  ['a value that is too deep', JSON.parse('['.repeat(80) + ']'.repeat(80))],
  ['a text that is too long', 'x'.repeat(2 ** 20)],
  ['bytes that are no text', new Uint8Array([0xff, 0xfe])],
  ['bytes that are no JSON', new TextEncoder().encode('typing')],
  ['bytes of a number beyond JSON', new TextEncoder().encode('1e999')],
  ['bytes that are too long', new Uint8Array(2 ** 20 + 1).fill(0x20)],
  ['no bytes', new Uint8Array()],
])('[T19] %s under a clear name is malformed', async (_what, envelope) => {
  const { carrier, bob, heard } = meet()
  carrier.deliver({ name: 'typing', envelope })
  await settled(carrier, bob)
  expect(heard).toEqual([])
  expect(bob.drops).toEqual([{ reason: 'malformed', eventName: 'typing' }])
})

test('[T13, T19] an event of any shape under a clear name gives one outcome, and its value is JSON', async () => {
  const anything = fc.anything({
    withBigInt: true,
    withDate: true,
    withNullPrototype: true,
    withTypedArray: true,
  })
  await fc.assert(
    fc.asyncProperty(fc.array(anything, { maxLength: 20 }), async (values) => {
      const { carrier, bob, heard } = meet()
      carrier.deliver(...values.map((envelope) => ({ name: 'typing', envelope })))
      await settled(carrier, bob)
      expect(heard.length + bob.drops.length).toBe(values.length)
      expect(() => toPlainJson(heard.map(([value]) => value))).not.toThrow()
      await bob.channel.close()
    }),
    { numRuns: 200 },
  )
})
