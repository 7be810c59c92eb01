import { handlerErrorsIn } from '@conclave/base/testing'
import {
  decryptChatJson,
  encryptChatJson,
  generateAesGcmKey,
  keyedChannelId,
  Keyring,
  MAX_EVENTS_PER_KEY,
  MAX_KEYS,
  openEvent,
  decodeEventHeader,
  sealEvent,
  sealEventBinary,
} from '@conclave/e2ee'
import type {
  ExpectedEventContext,
  KeyName,
  KeyringEntry,
  OpenedOrDroppedEvent,
} from '@conclave/e2ee'
import { describe, expect, test, vi } from 'vitest'
import { keyStateOf } from '../../src/events/aes-gcm-key.ts'
import { failureOf } from '../fixtures.ts'

const chat = { kind: 'chat', roomId: 'room-42', messageId: 'msg-1' } as const
const first = { keyId: 'room-42', epoch: 1n } as const
const second = { keyId: 'room-42', epoch: 2n } as const
const secretOf = (value: number): Uint8Array<ArrayBuffer> => new Uint8Array(32).fill(value)
const reasonOf = (opened: OpenedOrDroppedEvent): string =>
  opened.type === 'opened' ? `opened ${JSON.stringify(opened.value)}` : opened.reason
const tell = async (
  envelope: unknown,
  keys: Keyring | CryptoKey,
  place: ExpectedEventContext,
): Promise<string> => reasonOf(await openEvent(envelope, keys, { ...place, replay: 'none' }))

/** A ring that seals with `entry`, and a clock for it. */
function ringOf(entry: KeyringEntry, options: { graceMs?: number } = {}) {
  const clock = { now: 0 }
  const ring = new Keyring({ now: () => clock.now, ...options })
  ring.rotate(entry)
  return { ring, clock }
}

describe.each([
  ['a key as it is', async () => generateAesGcmKey()],
  ['a secret', async () => crypto.getRandomValues(new Uint8Array(32))],
] as const)('with %s', (_, make) => {
  test('[P33, P34] seals with the current key, opens with the one that the envelope names', async () => {
    const [one, two] = [await make(), await make()]
    const { ring } = ringOf({ ...first, key: one })
    const old = await encryptChatJson('old', ring, chat)
    ring.rotate({ ...second, key: two })
    const young = await encryptChatJson('young', ring, chat)
    expect([decodeEventHeader(old), decodeEventHeader(young)]).toMatchObject([first, second])
    expect(ring.current).toEqual(second)
    expect(await decryptChatJson(old, ring, { ...chat, replay: 'none' })).toBe('old')
    expect(await decryptChatJson(young, ring, { ...chat, replay: 'none' })).toBe('young')
    // A held key by name.
    expect(
      decodeEventHeader(await sealEvent(1, ring, { ...chat, keyId: first.keyId, keyVersion: 1 })),
    ).toMatchObject(first)
    // No other key is tried.
    expect(await tell({ ...old, epoch: 2 }, ring, chat)).toBe('other-key')
  })

  test('[P33] a missing key is named, and once it is added the event opens', async () => {
    const [one, two] = [await make(), await make()]
    const { ring: sender } = ringOf({ ...second, key: two })
    const { ring } = ringOf({ ...first, key: one })
    const event = await encryptChatJson('later', sender, chat)
    expect(await openEvent(event, ring, { ...chat, replay: 'none' })).toEqual({
      type: 'dropped',
      reason: 'unknown-key',
      ...second,
    })
    const failure = await failureOf(decryptChatJson(event, ring, { ...chat, replay: 'none' }))
    expect([failure.code, failure.details]).toEqual(['ERR_E2EE_UNKNOWN_KEY', second])
    ring.add({ ...second, key: two })
    expect(await decryptChatJson(event, ring, { ...chat, replay: 'none' })).toBe('later')
  })

  test('[P35] a rotation loses nothing: added everywhere, used everywhere, then the grace', async () => {
    const [one, two] = [await make(), await make()]
    const alice = ringOf({ ...first, key: one }, { graceMs: 1000 })
    const bob = ringOf({ ...first, key: one }, { graceMs: 1000 })
    alice.ring.add({ ...second, key: two })
    bob.ring.add({ ...second, key: two })
    alice.ring.use(second)
    const young = await sealEvent('young', alice.ring, chat)
    const old = await sealEvent('old', bob.ring, chat)
    expect(await tell(young, bob.ring, chat)).toBe('opened "young"')
    expect(await tell(old, alice.ring, chat)).toBe('opened "old"')
    alice.clock.now = 999
    expect(await tell(old, alice.ring, chat)).toBe('opened "old"')
    alice.clock.now = 1000
    expect(await tell(old, alice.ring, chat)).toBe('unknown-key')
    expect(alice.ring.keys).toEqual([second])
    expect(bob.ring.keys).toEqual([first, second])
  })

  test('[P36] a retired key neither seals nor opens, not even an event that is being opened', async () => {
    const { ring } = ringOf({ ...first, key: await make() })
    const retired: KeyName[] = []
    ring.on('retired', (name) => retired.push(name))
    const event = await sealEvent(1, ring, chat)
    const fresh = ringOf({ ...first, key: secretOf(9) }).ring
    const derived = await sealEvent(1, fresh, { ...chat, sender: 'new' })
    for (const [held, sealed] of [
      [ring, event],
      [fresh, derived],
    ] as const) {
      const opening = openEvent(sealed, held, { ...chat, replay: 'none' })
      held.retire(first)
      expect(reasonOf(await opening)).toBe('unknown-key')
      expect(await tell(sealed, held, chat)).toBe('unknown-key')
      expect(held.current).toBeUndefined()
      expect((await failureOf(sealEvent(1, held, chat))).code).toBe('ERR_E2EE_UNKNOWN_KEY')
    }
    expect(retired).toEqual([first])
    ring.retire(first)
    expect(retired).toEqual([first])
  })

  test('[P37] the minimum never goes down, and retires what lies below', async () => {
    const [one, two] = [await make(), await make()]
    const { ring } = ringOf({ ...first, key: one })
    const old = await sealEvent(1, ring, chat)
    ring.add({ ...second, key: two })
    // The minimum of one key id is none of another.
    const other = { keyId: 'another', epoch: 1n }
    ring.add({ ...other, key: two })
    ring.requireEpoch(second)
    ring.requireEpoch(first)
    expect(ring.keys).toEqual([second, other])
    expect(await openEvent(old, ring, { ...chat, replay: 'none' })).toEqual({
      ...{ type: 'dropped', reason: 'epoch-too-old', minEpoch: 2n },
      ...first,
    })
    expect(() => ring.add({ ...first, key: one })).toThrow(RangeError)
    ring.use(second)
    expect(await tell(await sealEvent(1, ring, chat), ring, chat)).toBe('opened 1')
  })

  test('[P38] a key of one room opens and seals nothing of another', async () => {
    const key = await make()
    const { ring: thief } = ringOf({ keyId: 'room-7', epoch: 1, key })
    const ring = new Keyring()
    ring.rotate({ ...first, key: await make(), onlyFor: { kind: 'chat', roomId: 'room-42' } })
    ring.add({ keyId: 'room-7', epoch: 1, key, onlyFor: { kind: 'chat', roomId: 'room-7' } })
    const forged = await sealEvent('forged', thief, chat)
    expect(await tell(forged, ring, chat)).toBe('unknown-key')
    const own = await sealEvent('own', thief, { ...chat, roomId: 'room-7' })
    expect(await tell(own, ring, { ...chat, roomId: 'room-7' })).toBe('opened "own"')
    const failure = await failureOf(sealEvent(1, ring, { ...chat, roomId: 'room-7' }))
    expect(failure.code).toBe('ERR_E2EE_UNKNOWN_KEY')
    // The same id of another kind or scope is another channel, for the holder of the key and for the ring.
    const id = 'room-7'
    const others = [
      { kind: 'realtime', scope: 'orders', scopeId: id, eventName: 'paid' },
      { kind: 'realtime', scope: 'users', scopeId: id, eventName: 'reset' },
      { kind: 'realtime', scope: id, scopeId: id, eventName: 'x' },
      { kind: 'call', callId: id, eventName: 'offer' },
    ] as const
    for (const place of others) {
      expect(await tell(await sealEvent('forged', thief, place), ring, place)).toBe('unknown-key')
    }
  })

  test('[P25] events at once, from many senders, in both encodings', async () => {
    const { ring } = ringOf({ ...first, key: await make() })
    const work = Array.from({ length: 60 }, async (_unused, index) => {
      const options = { ...chat, sender: `sender ${index % 7}` }
      const seal = index % 2 === 0 ? sealEvent : sealEventBinary
      return tell(await seal(index, ring, options), ring, options)
    })
    expect(await Promise.all(work)).toEqual(
      Array.from({ length: 60 }, (_unused, index) => `opened ${index}`),
    )
  })
})

test('[P36] bytes that are being exported when their key retires are not handed out', async () => {
  for (const key of [secretOf(1), await generateAesGcmKey()]) {
    const { ring } = ringOf({ ...first, key })
    const calls = [ring.export('x', new Uint8Array(), 32), keyedChannelId('x', ring)]
    const failures = calls.map((call) => failureOf(call))
    ring.retire(first)
    // A name that has ended is that of no other key.
    expect(() => ring.add({ ...first, key: secretOf(2) })).toThrow(RangeError)
    for (const failure of failures) expect((await failure).code).toBe('ERR_E2EE_UNKNOWN_KEY')
  }
})

test('[P36] a key retires once, also when a handler uses the ring meanwhile', () => {
  const { ring, clock } = ringOf({ keyId: 'a', epoch: 1, key: secretOf(1) }, { graceMs: 10 })
  for (const keyId of ['b', 'c']) ring.rotate({ keyId, epoch: 1, key: secretOf(1) })
  const retired: string[] = []
  ring.on('retired', ({ keyId }) => {
    retired.push(keyId)
    expect(ring.keys.map((name) => name.keyId)).not.toContain(keyId)
    if (keyId === 'b') ring.add({ keyId, epoch: 2, key: secretOf(2) })
  })
  clock.now = 20
  ring.sweep()
  expect(retired).toEqual(['a', 'b'])
  expect(ring.has({ keyId: 'b', epoch: 2 })).toBe(true)
})

test('[P24] a key on a ring seals no more than any', async () => {
  const key = await generateAesGcmKey()
  const { ring } = ringOf({ ...first, key })
  keyStateOf('key', key).sealed = MAX_EVENTS_PER_KEY
  expect((await failureOf(sealEvent(1, ring, chat))).code).toBe('ERR_E2EE_EXHAUSTED')
})

test('[P36] a closed ring holds no keys and sends no events; a handler that throws disturbs no other', async () => {
  const { ring } = ringOf({ ...first, key: secretOf(1) })
  ring.add({ ...second, key: secretOf(2) })
  const event = await sealEvent(1, ring, chat)
  const seen: KeyName[] = []
  ring.on('retired', () => {
    throw new Error('handler')
  })
  ring.on('retired', (name) => seen.push(name))
  const thrown = await handlerErrorsIn(() => ring.close())
  expect(thrown.map(String)).toEqual(['Error: handler', 'Error: handler'])
  expect(seen).toEqual([first, second])
  expect(ring.keys).toEqual([])
  expect(await tell(event, ring, chat)).toBe('unknown-key')
  for (const call of [
    () => ring.add({ ...first, key: secretOf(1) }),
    () => ring.use(first),
    () => sealEvent(1, ring, chat),
  ]) {
    expect((await failureOf(call)).code).toBe('ERR_E2EE_CLOSED')
  }
  ring.close()
})

test('[P35, P38] sealing and opening visit no other key, however many a ring holds', async () => {
  const clock = { now: 0 }
  const ring = new Keyring({ now: () => clock.now, graceMs: 1000 })
  for (let epoch = 0; epoch < MAX_KEYS; epoch += 1) {
    ring.rotate({ keyId: `k${epoch}`, epoch, key: secretOf(1) })
  }
  const event = await sealEvent(1, ring, chat)
  const visits: string[] = []
  const spies = (['values', 'keys', 'entries', 'forEach'] as const).map((name) => {
    const original = Map.prototype[name] as (...given: unknown[]) => unknown
    return vi.spyOn(Map.prototype, name).mockImplementation(function visit(
      this: Map<unknown, unknown>,
      ...given: unknown[]
    ) {
      if (this.size >= MAX_KEYS) visits.push(name)
      return original.apply(this, given) as never
    })
  })
  await sealEvent(1, ring, chat)
  expect(await tell(event, ring, chat)).toBe('opened 1')
  for (const spy of spies) spy.mockRestore()
  expect(visits).toEqual([])
  clock.now = 1000
  expect(await tell(event, ring, chat)).toBe('opened 1')
  await sealEvent(1, ring, chat)
  expect(ring.keys).toHaveLength(1)
})

test('[P38] a ring is bounded', async () => {
  const ring = new Keyring()
  const key = await generateAesGcmKey()
  for (let epoch = 0; epoch < MAX_KEYS; epoch += 1) ring.add({ keyId: 'x', epoch, key })
  const failure = await failureOf(() => ring.add({ keyId: 'y', epoch: 0, key }))
  expect([failure.code, failure.details]).toEqual(['ERR_E2EE_TOO_MANY_KEYS', { maxKeys: MAX_KEYS }])
})

test('[P46] wrong arguments are errors that name them', async () => {
  const { ring } = ringOf({ ...first, key: secretOf(1) })
  const wrong: [name: string, call: () => unknown][] = [
    ['entry', () => ring.add(null as never)],
    ['keyId', () => ring.add({ ...second, keyId: 5, key: secretOf(1) } as never)],
    ['epoch', () => ring.add({ ...second, epoch: -1, key: secretOf(1) })],
    ['epoch', () => ring.add({ ...second, epoch: 2n ** 64n, key: secretOf(1) })],
    ['epoch', () => ring.add({ ...second, epoch: 2 ** 53, key: secretOf(1) })],
    ['epoch', () => ring.use({ keyId: 'x', epoch: '1' } as never)],
    ['epoch', () => ring.add({ keyId: 'x', keyVersion: 1, key: secretOf(1) } as never)],
    ['key', () => ring.add({ ...second, key: new Uint8Array(31) })],
    ['key', () => ring.add({ ...second, key: 'x' } as never)],
    ['onlyFor', () => ring.add({ ...second, key: secretOf(1), onlyFor: 'room-42' as never })],
    ['onlyFor.kind', () => ring.add({ ...second, key: secretOf(1), onlyFor: {} as never })],
    [
      'roomId',
      () => ring.add({ ...second, key: secretOf(1), onlyFor: { kind: 'chat', roomId: '' } }),
    ],
    ['keyId', () => ring.add({ ...first, key: secretOf(1) })],
    ['epoch', () => ring.requireEpoch({ keyId: 'x', epoch: NaN })],
    ['keyId', () => ring.requireEpoch(2 as never)],
    ['graceMs', () => new Keyring({ graceMs: -1, now: () => 0 })],
    ['graceMs', () => new Keyring({ graceMs: Number.POSITIVE_INFINITY })],
    ['now', () => new Keyring({ now: 5 as never })],
  ]
  for (const [name, call] of wrong) {
    let error: unknown
    try {
      call()
    } catch (thrown) {
      error = thrown
    }
    expect(error instanceof TypeError || error instanceof RangeError, name).toBe(true)
    expect((error as Error).message).toContain(`"${name}"`)
  }
})
