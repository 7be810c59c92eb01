import {
  decryptRealtimeJson,
  E2eeError,
  encryptRealtimeJson,
  envelopeToBinary,
  envelopeToJson,
  generateAesGcmKey,
  importAesGcmKeyFromBase64,
  openEvent,
  padmeLength,
  decodeEventHeader,
  sealEvent,
  sealEventBinary,
} from '@conclave/e2ee'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { pad, unpad } from '../../src/events/padding.ts'
import { REPLAY_FORMAT } from '../../src/events/replay-record.ts'
import { ReplayState } from '../../src/events/replay-state.ts'

const key = await generateAesGcmKey()
const CONTEXT = { kind: 'realtime', scope: 's', scopeId: 'i', eventName: 'e' } as const
const field = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' })
const contexts = fc.record({ scope: field, scopeId: field, eventName: field })
const names = fc.record({
  keyId: fc.string({ minLength: 1, maxLength: 30, unit: 'grapheme' }),
  keyVersion: fc.oneof(fc.maxSafeNat(), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
  sender: fc.string({ minLength: 1, maxLength: 30, unit: 'grapheme' }),
})
const values = fc
  .jsonValue({ maxDepth: 6 })
  .filter((value) => !/__proto__|"constructor":\{.*"prototype"/.test(JSON.stringify(value)))
  // JSON knows no -0.
  .map((value): unknown => JSON.parse(JSON.stringify(value)))

test('[P27, P28] any value under any names survives a round trip, in both encodings, padded and hidden or not', () =>
  fc.assert(
    fc.asyncProperty(values, contexts, names, fc.boolean(), async (value, context, name, hide) => {
      const options = { kind: 'realtime', ...context } as const
      const hiding = hide ? ({ padding: 'padme', hideEventName: true } as const) : {}
      const json = await sealEvent(value, key, { ...options, ...name, ...hiding })
      const binary = await sealEventBinary(value, key, { ...options, ...name, ...hiding })
      for (const envelope of [json, binary, envelopeToBinary(json), envelopeToJson(binary)]) {
        const opened = await openEvent(envelope, key, { ...options, ...name })
        expect(opened).toEqual({
          ...{ type: 'opened', kind: 'realtime', value, place: undefined },
          ...{ keyId: name.keyId, epoch: BigInt(name.keyVersion), sender: name.sender },
          eventName: context.eventName,
        })
      }
    }),
    { numRuns: 60 },
  ))

/** Values with traps: a `toJSON` and a getter that answer differently each time, non-finite numbers, lists in lists. */
const trapped = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthSize: 'small' },
    fc.constantFrom(1, 'text', null, true, Number.NaN, undefined, new Map(), new Date(NaN)),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(
      fc.constantFrom('a', 'b', '__proto__', 'constructor', 'prototype', 'toJSON'),
      tie('value'),
    ),
    fc.tuple(tie('value'), tie('value')).map(([first, later]) => {
      let calls = 0
      return { toJSON: () => (calls++ === 0 ? first : later) }
    }),
    fc.tuple(tie('value'), fc.integer({ min: 1, max: 80 })).map(([inner, depth]) => {
      let calls = 0
      const nest = (): unknown => {
        let nested = inner
        for (let level = 0; level < depth * calls; level += 1) nested = [nested]
        calls += 1
        return nested
      }
      return Object.defineProperty({}, 'a', { enumerable: true, get: nest })
    }),
  ),
})).value

test('[P28, P47] a value that was sealed opens, or the caller is told why it was not sealed', () =>
  fc.assert(
    fc.asyncProperty(trapped, async (value) => {
      const outcome = await sealEvent(value, key, CONTEXT).then(
        async (envelope) => (await openEvent(envelope, key, CONTEXT)).type,
        (error: unknown) => (error as Error).message,
      )
      expect(outcome).toMatch(/^(opened$|"value")/)
    }),
    { numRuns: 300 },
  ))

test('[P22] two contexts that differ never open each other', () =>
  fc.assert(
    fc.asyncProperty(contexts, contexts, async (one, other) => {
      fc.pre(JSON.stringify(one) !== JSON.stringify(other))
      const envelope = await encryptRealtimeJson(1, key, one)
      const error: unknown = await decryptRealtimeJson(envelope, key, other).catch(
        (e: unknown) => e,
      )
      expect(error).toMatchObject({ code: 'ERR_E2EE_OPEN_FAILED' })
    }),
    { numRuns: 100 },
  ))

test('[P30] no envelope of any shape throws anything but the typed errors', async () => {
  const good = await sealEvent({ a: 1 }, key, CONTEXT)
  const anything = fc.anything({ withBigInt: true, withTypedArray: true, withNullPrototype: true })
  const near = fc.record(
    {
      v: fc.oneof(fc.constant<unknown>(2), anything),
      kind: fc.oneof(fc.constantFrom<unknown>('chat', 'call', 'realtime'), anything),
      flags: fc.oneof(fc.integer({ min: -1, max: 65 }), anything),
      keyId: fc.oneof(fc.string(), anything),
      epoch: fc.oneof(
        fc.maxSafeNat(),
        fc.bigInt({ min: 0n, max: 2n ** 65n }).map((epoch) => `${epoch}`),
        anything,
      ),
      sender: fc.oneof(fc.string(), anything),
      stream: fc.oneof(fc.maxSafeNat(), anything),
      sequence: fc.oneof(fc.maxSafeNat(), anything),
      sealed: fc.oneof(fc.constant(good.sealed), fc.base64String({ minLength: 40 }), anything),
    },
    { requiredKeys: ['v', 'kind', 'sealed'] },
  )
  const edited = fc
    .tuple(fc.constantFrom(...Object.keys(good)), anything)
    .map(([name, value]) => ({ ...good, [name]: value }))
  await fc.assert(
    fc.asyncProperty(fc.oneof(anything, near, edited), async (envelope) => {
      const opened = await openEvent(envelope, key, CONTEXT)
      expect(opened.type === 'opened' ? envelope : good).toEqual(good)
      const answer: unknown = await decryptRealtimeJson(envelope, key, CONTEXT).catch(
        (error: unknown) => error,
      )
      expect(opened.type === 'opened' || answer instanceof E2eeError).toBe(true)
    }),
    { numRuns: 500 },
  )
})

test('[P21, P30] bytes at random, and near an envelope, never throw and never open', async () => {
  const good = await sealEventBinary({ a: 1 }, key, { ...CONTEXT, keyId: 'k', sender: 's' })
  const near = fc
    .tuple(fc.nat(good.length - 1), fc.uint8Array({ minLength: 1, maxLength: 4 }))
    .map(([at, bytes]) => {
      const changed = new Uint8Array(good)
      changed.set(bytes.subarray(0, good.length - at), at)
      return changed
    })
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 200 }), near), async (bytes) => {
      const opened = await openEvent(new Uint8Array(bytes), key, CONTEXT)
      const same = bytes.length === good.length && bytes.every((byte, at) => byte === good[at])
      expect(opened.type === 'opened').toBe(same)
      const header = decodeEventHeader(bytes)
      const again = envelopeToBinary(envelopeToJson(bytes))
      expect(again).toEqual(header === undefined ? undefined : new Uint8Array(bytes))
    }),
    { numRuns: 500 },
  )
})

test('[P43] removing padding restores exactly the content', () =>
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const padded = pad(bytes)
      expect(padded.length).toBe(padmeLength(Math.max(64, bytes.length + 1)))
      expect([...(unpad(padded) ?? [-1])]).toEqual([...bytes])
      const taken = unpad(new Uint8Array(bytes))
      expect(taken === undefined ? 0x80 : bytes[taken.length]).toBe(0x80)
    }),
  ))

test('[P40, P41] a guard accepts each event once, whatever the order and however often it is stored', () =>
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          sender: fc.constantFrom('a', 'b'),
          stream: fc.integer({ min: 1, max: 6 }),
          sequence: fc.integer({ min: 0, max: 2100 }),
        }),
        { maxLength: 60 },
      ),
      fc.nat(20),
      (events, reloadEvery) => {
        let state = new ReplayState()
        const accepted = new Set<string>()
        const rules = { rising: false, now: Number.MAX_SAFE_INTEGER }
        for (const [index, each] of [...events, ...events].entries()) {
          const event = { ...each, keyId: 'k', contextId: 'room' }
          const name = JSON.stringify(event)
          const isFresh = state.admit(event, rules) === undefined
          expect(isFresh && accepted.has(name)).toBe(false)
          if (isFresh) accepted.add(name)
          expect(state.refusalOf(event, rules)).toBe('replay')
          if (reloadEvery > 0 && index % reloadEvery === 0) {
            const merged = new ReplayState()
            merged.merge(REPLAY_FORMAT.decode(REPLAY_FORMAT.encode(state)) ?? new ReplayState())
            state = merged
          }
        }
      },
    ),
  ))

test('[P41] any bytes decode to a record or to undefined', () =>
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      const record = new Uint8Array(bytes)
      record[0] = 2
      const state = REPLAY_FORMAT.decode(record)
      expect(state === undefined ? record : REPLAY_FORMAT.encode(state)).toEqual(record)
    }),
  ))

test('[P60] any text is a key or malformed', () =>
  fc.assert(
    fc.asyncProperty(fc.oneof(fc.string(), fc.base64String()), async (text) => {
      const error: unknown = await importAesGcmKeyFromBase64(text).catch((e: unknown) => e)
      expect(error instanceof CryptoKey || error instanceof E2eeError).toBe(true)
    }),
  ))
