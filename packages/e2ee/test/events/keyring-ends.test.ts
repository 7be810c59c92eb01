import { decryptChatJson, DEFAULT_GRACE_MS, Keyring, openEvent, sealEvent } from '@conclave/e2ee'
import type { ExpectedEventContext, KeyringEntry } from '@conclave/e2ee'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { KeyLimits, MAX_ENDED_EPOCHS, MAX_KEY_IDS } from '../../src/events/key-limits.ts'
import { failureOf } from '../fixtures.ts'

const chat = { kind: 'chat', roomId: 'room-42', messageId: 'msg-1' } as const
const first = { keyId: 'room-42', epoch: 1n } as const
const second = { keyId: 'room-42', epoch: 2n } as const
const secretOf = (value: number): Uint8Array<ArrayBuffer> => new Uint8Array(32).fill(value)
const tell = async (
  envelope: unknown,
  keys: Keyring,
  place: ExpectedEventContext,
): Promise<string> => {
  const opened = await openEvent(envelope, keys, { ...place, replay: 'none' })
  return opened.type === 'opened' ? `opened ${JSON.stringify(opened.value)}` : opened.reason
}

/** A ring that seals with `entry`, and a clock for it. */
function ringOf(entry: KeyringEntry, options: { graceMs?: number } = {}) {
  const clock = { now: 0 }
  const ring = new Keyring({ now: () => clock.now, ...options })
  ring.rotate(entry)
  return { ring, clock }
}

function thrownBy(call: () => unknown): unknown {
  try {
    call()
  } catch (error) {
    return error
  }
  return undefined
}

test('[P35, P36] by no sequence of calls does an epoch go back, or a name that has ended return', () => {
  const names = ['a', 'b'].flatMap((keyId) => [1n, 2n, 3n, 4n].map((epoch) => ({ keyId, epoch })))
  const calls = ['rotate', 'add', 'use', 'retire', 'requireEpoch', 'wait'] as const
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(...calls), fc.constantFrom(...names)), { maxLength: 30 }),
      (steps) => {
        const clock = { now: 0 }
        const ring = new Keyring({ now: () => clock.now, graceMs: 10 })
        const [highest, ended] = [new Map<string, bigint>(), new Set<string>()]
        ring.on('retired', ({ keyId, epoch }) => ended.add(`${keyId} ${epoch}`))
        ring.on('currentChanged', ({ keyId, epoch }) => {
          expect(epoch).toBeGreaterThanOrEqual(highest.get(keyId) ?? 0n)
          highest.set(keyId, epoch)
        })
        for (const [call, name] of steps) {
          clock.now += call === 'wait' ? 11 : 1
          const error = thrownBy(() =>
            call === 'wait' ? ring.sweep() : ring[call]({ ...name, key: secretOf(1) }),
          )
          const { code } = (error ?? { code: 'ERR_E2EE_UNKNOWN_KEY' }) as { code?: string }
          expect(error instanceof RangeError || code === 'ERR_E2EE_UNKNOWN_KEY').toBe(true)
          for (const { keyId, epoch } of ring.keys) expect(ended).not.toContain(`${keyId} ${epoch}`)
        }
      },
    ),
    { numRuns: 1000 },
  )
})

test('[P35] rotate to an earlier epoch changes nothing', () => {
  const { ring } = ringOf({ ...second, key: secretOf(2) })
  ring.retire(second)
  expect(() => ring.rotate({ ...first, key: secretOf(1) })).toThrow(RangeError)
  expect([ring.current, ring.keys]).toEqual([undefined, []])
})

test('[P35] without a grace of the application the one before opens for a minute', async () => {
  const { ring, clock } = ringOf({ ...first, key: secretOf(1) })
  const event = await sealEvent(1, ring, chat)
  ring.rotate({ ...second, key: secretOf(2) })
  clock.now = DEFAULT_GRACE_MS - 1
  expect(await tell(event, ring, chat)).toBe('opened 1')
  clock.now = DEFAULT_GRACE_MS
  expect(await tell(event, ring, chat)).toBe('unknown-key')
  expect(DEFAULT_GRACE_MS).toBe(60_000)
})

test('[P55] a received key becomes current only from a sender who may rotate, and not far ahead', () => {
  const { ring } = ringOf({ ...first, key: secretOf(1) })
  const received = { keyId: first.keyId, key: secretOf(2) }
  expect(() => ring.rotate({ ...received, epoch: 2, mayRotate: false })).toThrow(RangeError)
  expect(ring.keys).toEqual([first])
  ring.add({ ...received, epoch: 2, mayRotate: false })
  expect(() => ring.use({ ...first, epoch: 2 })).toThrow(RangeError)
  const far = { ...received, epoch: 2 ** 32 - 1, mayRotate: true }
  expect(() => ring.rotate(far)).toThrow('"epoch" expected 1025 at most')
  ring.rotate({ ...received, epoch: 1025, mayRotate: true })
  expect(ring.current).toEqual({ ...first, epoch: 1025n })
  // The application itself may number as it likes, and so may a first key.
  ring.rotate({ ...received, epoch: 2 ** 40 })
  ring.rotate({ keyId: 'new', epoch: 2 ** 32, key: secretOf(3), mayRotate: true })
})

test('[P36] of many ended epochs the lowest end all below them', () => {
  const ring = new Keyring()
  for (let epoch = 10; epoch < 10 + MAX_ENDED_EPOCHS + 1; epoch += 1) {
    ring.add({ keyId: 'x', epoch, key: secretOf(1) })
    ring.retire({ keyId: 'x', epoch })
  }
  for (const epoch of [0, 9, 10, 11, 266]) {
    expect(() => ring.add({ keyId: 'x', epoch, key: secretOf(1) })).toThrow(RangeError)
  }
  ring.add({ keyId: 'x', epoch: 267, key: secretOf(1) })
  ring.add({ keyId: 'x', epoch: 3, key: secretOf(1), history: true })
})

test('[P38] the key ids that a ring remembers are bounded', async () => {
  const limits = new KeyLimits()
  for (let id = 0; id < MAX_KEY_IDS; id += 1) limits.remember(`${id}`)
  limits.remember('7')
  const failure = await failureOf(() => limits.remember('new'))
  expect(failure.code).toBe('ERR_E2EE_TOO_MANY_KEYS')
})

test('[P56] a key for history opens only where history is asked for, and never as said now', async () => {
  const key = secretOf(7)
  const { ring: sender } = ringOf({ ...first, key })
  const { ring } = ringOf({ ...second, key: secretOf(8) })
  const event = await sealEvent('then', sender, chat)
  ring.requireEpoch(second)
  ring.add({ ...first, key, history: true })
  expect((await openEvent(event, ring, { ...chat, replay: 'none' })).type).toBe('dropped')
  expect((await failureOf(decryptChatJson(event, ring, { ...chat, replay: 'none' }))).code).toBe(
    'ERR_E2EE_EPOCH_TOO_OLD',
  )
  expect(await openEvent(event, ring, { ...chat, history: true, replay: 'none' })).toMatchObject({
    ...{ type: 'history', value: 'then' },
    ...first,
  })
  expect(await decryptChatJson(event, ring, { ...chat, history: true, replay: 'none' })).toBe(
    'then',
  )
  const now = await sealEvent('now', ring, chat)
  expect(await openEvent(now, ring, { ...chat, history: true, replay: 'none' })).toMatchObject({
    type: 'opened',
  })
  expect(() => ring.use(first)).toThrow(RangeError)
  expect(() => ring.rotate({ keyId: 'x', epoch: 1, key, history: true })).toThrow('"history"')
  const named = { ...chat, keyId: first.keyId, keyVersion: 2n }
  expect((await sealEvent(1, ring, named)).epoch).toBe(2)
  const old = await failureOf(sealEvent(1, ring, { ...named, keyVersion: 1n }))
  expect(old.code).toBe('ERR_E2EE_EPOCH_TOO_OLD')
})

test('[P38] a key of one call or scope opens and seals there and nowhere else', async () => {
  const places = [
    { kind: 'realtime', scope: 'a', scopeId: 'bc', eventName: 'x' },
    { kind: 'realtime', scope: 'ab', scopeId: 'c', eventName: 'x' },
    { kind: 'call', callId: 'abc', eventName: 'x' },
    { ...chat, roomId: 'abc' },
  ] as const
  for (const [index, only] of places.entries()) {
    const ring = new Keyring()
    ring.rotate({ ...first, key: secretOf(1), onlyFor: only })
    for (const [at, place] of places.entries()) {
      const answer = await sealEvent(1, ring, place).then(
        async (event) => tell(event, ring, place),
        (error: { code: string }) => error.code,
      )
      expect(answer).toBe(at === index ? 'opened 1' : 'ERR_E2EE_UNKNOWN_KEY')
    }
  }
})

test('[P35] keys retire in the order of their ends, also when the clock goes back', () => {
  const clock = { now: 100 }
  const ring = new Keyring({ now: () => clock.now, graceMs: 10 })
  ring.rotate({ keyId: 'a', epoch: 1, key: secretOf(1) })
  ring.rotate({ keyId: 'b', epoch: 1, key: secretOf(2) })
  clock.now = 50
  ring.rotate({ keyId: 'c', epoch: 1, key: secretOf(3) })
  clock.now = 60
  expect(ring.keys.map(({ keyId }) => keyId)).toEqual(['a', 'c'])
  clock.now = 110
  expect(ring.keys.map(({ keyId }) => keyId)).toEqual(['c'])
})

test('[P35] versions of one key id never go back; another id may begin at any', async () => {
  const { ring } = ringOf({ ...second, key: secretOf(2) })
  ring.add({ ...first, key: secretOf(1) })
  expect(() => ring.use(first)).toThrow(RangeError)
  ring.rotate({ keyId: 'other', epoch: 0, key: secretOf(3) })
  expect(ring.current).toEqual({ keyId: 'other', epoch: 0n })
  expect((await failureOf(() => ring.use({ keyId: 'absent', epoch: 1 }))).code).toBe(
    'ERR_E2EE_UNKNOWN_KEY',
  )
})

test('[P35] a key that becomes current again in its grace period stays', () => {
  const { ring, clock } = ringOf({ ...first, key: secretOf(1) }, { graceMs: 10 })
  ring.rotate({ keyId: 'other', epoch: 1, key: secretOf(2) })
  clock.now = 5
  ring.use(first)
  clock.now = 14
  expect(ring.keys).toHaveLength(2)
  clock.now = 15
  expect(ring.keys).toEqual([first])
})
