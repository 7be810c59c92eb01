import { concatBytes } from '@conclave/base'
import {
  decryptChatJson,
  encryptChatJson,
  envelopeToBinary,
  envelopeToJson,
  EVENT_FLAGS,
  generateAesGcmKey,
  MAX_EVENT_BYTES,
  MAX_JSON_DEPTH,
  openEvent,
  decodeEventHeader,
  sealEvent,
  sealEventBinary,
} from '@conclave/e2ee'
import type {
  Dropped,
  EventKeys,
  ExpectedEventContext,
  OpenedOrDroppedEvent,
  OpenEventOptions,
} from '@conclave/e2ee'
import { describe, expect, test } from 'vitest'
import { failureOf, flipBit, utf8 } from '../fixtures.ts'

const key = await generateAesGcmKey()
const chat = { kind: 'chat', roomId: 'room-42', messageId: 'msg-1' } as const
const named = { ...chat, keyId: 'room-42-v1', keyVersion: 3, sender: 'alice' } as const
const value = { body: 'hällo \u2028 \ud83d\ude00', list: [1, null, true, { deep: 'x' }], empty: '' }

const reasonOf = (opened: OpenedOrDroppedEvent): 'opened' | Dropped['reason'] =>
  opened.type === 'opened' ? 'opened' : opened.reason
const tell = async (
  envelope: unknown,
  keys: CryptoKey | EventKeys,
  options: ExpectedEventContext & OpenEventOptions,
): Promise<string> => reasonOf(await openEvent(envelope, keys, { ...options, replay: 'none' }))

describe('encodings', () => {
  test('[P26] an envelope survives JSON and has exactly the specified properties', async () => {
    const sealed = await encryptChatJson(value, key, named)
    expect(JSON.parse(JSON.stringify(sealed))).toEqual(sealed)
    const { sealed: box, ...clear } = sealed
    expect(clear).toEqual({
      v: 2,
      kind: 'chat',
      flags: 0,
      keyId: 'room-42-v1',
      epoch: 3,
      sender: 'alice',
    })
    expect(box).toMatch(/^[A-Za-z0-9_-]+$/)
    expect(await sealEvent(1, key, chat)).toEqual({
      ...{ v: 2, kind: 'chat', flags: 0, epoch: 0 },
      sealed: expect.any(String) as string,
    })
  })

  test('[P26] anything else is malformed', async () => {
    const good = await sealEvent(value, key, named)
    const bad: unknown[] = [
      ...[undefined, null, 0, 1, true, '', 'text', Symbol('x'), 1n, [], {}, () => {}, new Map()],
      ...[
        { ...good, v: 1 },
        { ...good, v: '2' },
        { ...good, v: undefined },
        { ...good, extra: 1 },
      ],
      ...[
        { ...good, kind: 'Chat' },
        { ...good, kind: '' },
        { ...good, kind: 1 },
      ],
      ...[
        { ...good, flags: -1 },
        { ...good, flags: 64 },
        { ...good, flags: 8 },
        { ...good, flags: 16 },
        { ...good, flags: 0.5 },
        { ...good, flags: -0 },
      ],
      ...[
        { ...good, keyId: '' },
        { ...good, keyId: 'x'.repeat(256) },
        { ...good, keyId: '\ud800' },
        { ...good, keyId: 1 },
      ],
      ...[
        { ...good, epoch: -1 },
        { ...good, epoch: 2 ** 53 },
        { ...good, epoch: '3' },
        { ...good, epoch: NaN },
      ],
      ...[
        { ...good, sender: '' },
        { ...good, sender: null },
        { ...good, stream: 1 },
        { ...good, stream: 1, sequence: 1 },
      ],
      ...[
        { ...good, sealed: '' },
        { ...good, sealed: good.sealed.slice(0, 20) },
        { ...good, sealed: `${good.sealed}=` },
      ],
      ...[
        { ...good, sealed: ` ${good.sealed}` },
        { ...good, sealed: 'A'.repeat(2 ** 21) },
        { ...good, sealed: ['A'] },
      ],
      Object.create(good) as object,
      new Proxy(
        {},
        {
          ownKeys: () => {
            throw new Error('trap')
          },
        },
      ),
      Object.defineProperty({ ...good }, 'kind', {
        enumerable: true,
        get: () => {
          throw new Error('trap')
        },
      }),
      JSON.parse(JSON.stringify(good).replace('"v"', '"__proto__":{"v":2},"w"')) as object,
    ]
    for (const envelope of bad) {
      expect(decodeEventHeader(envelope)).toBeUndefined()
      expect(envelopeToBinary(envelope)).toBeUndefined()
      expect(envelopeToJson(envelope)).toBeUndefined()
      expect((await failureOf(decryptChatJson(envelope, key, chat))).code).toBe(
        'ERR_E2EE_MALFORMED',
      )
    }
  })

  test('[P27] each encoding turns into the other without a key, and opens', async () => {
    for (const options of [chat, named, { ...named, sender: 'sénder', keyId: '🔑' }]) {
      const json = await sealEvent(value, key, options)
      const bytes = envelopeToBinary(json)
      expect(envelopeToJson(bytes)).toEqual(json)
      expect(envelopeToJson(json)).toEqual(json)
      expect(envelopeToBinary(bytes)).toEqual(bytes)
      expect(decodeEventHeader(bytes)).toEqual(decodeEventHeader(json))
      expect(await openEvent(bytes, key, options)).toEqual(await openEvent(json, key, options))
      const binary = await sealEventBinary(value, key, options)
      expect(envelopeToBinary(envelopeToJson(binary))).toEqual(binary)
      expect(await tell(binary, key, options)).toBe('opened')
    }
  })

  test('[P21, P32] every flipped bit of a binary envelope fails, and every cut', async () => {
    const options = { ...named, minKeyVersion: 0 }
    const bytes = await sealEventBinary('x', key, { ...named, padding: 'padme' })
    expect(await tell(bytes, key, options)).toBe('opened')
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = flipBit(bytes, bit >> 3, bit & 7)
      expect(await tell(changed, key, chat), `bit ${bit}`).not.toBe('opened')
    }
    for (let length = 0; length < bytes.length; length += 1) {
      expect(await tell(bytes.subarray(0, length), key, chat)).not.toBe('opened')
    }
    expect(await tell(Uint8Array.of(...bytes, 0), key, chat)).toBe('not-authentic')
  })
})

describe('bodies', () => {
  test('[P28] JSON and bytes come back as they were', async () => {
    for (const body of [null, 0, -1.5, '', 'text', true, [], {}, value, '\ud800']) {
      expect(await openEvent(await sealEvent(body, key, chat), key, chat)).toMatchObject({
        value: body,
      })
    }
    for (const length of [0, 1, 2, 3, 300]) {
      const body = new Uint8Array(length).fill(7)
      const sealed = await sealEvent(body, key, chat)
      expect(sealed.flags).toBe(EVENT_FLAGS.bytes)
      expect(await openEvent(sealed, key, chat)).toMatchObject({ value: body })
      expect((await failureOf(decryptChatJson(sealed, key, chat))).code).toBe('ERR_E2EE_MALFORMED')
    }
  })

  test('[P28] a value that JSON cannot express is a TypeError that names the argument', async () => {
    const cycle: unknown[] = []
    cycle.push(cycle)
    for (const body of [undefined, () => {}, Symbol('x'), 1n, { a: 1n }, cycle]) {
      const failing = encryptChatJson(body, key, chat)
      await expect(failing).rejects.toThrow(TypeError)
      await expect(failing).rejects.toThrow(/"value"/)
    }
    await expect(encryptChatJson(new Uint8Array(), key, chat)).rejects.toThrow(TypeError)
  })

  test('[P28] no value that opens reaches a prototype, however carelessly it is merged', async () => {
    const merge = (into: Record<string, unknown>, from: object): void => {
      for (const [name, value] of Object.entries(from)) {
        const inner = into[name]
        if (typeof value !== 'object' || value === null) into[name] = value
        else if (inner instanceof Object) merge(inner as Record<string, unknown>, value as object)
        else merge((into[name] = {}), value as object)
      }
    }
    const ways = ['{"__proto__":X}', '{"constructor":{"prototype":X}}']
    const within = ['X', '{"a":X}', '[X]', '{"constructor":X}', '{"prototype":{"constructor":X}}']
    for (const way of ways) {
      for (const place of within) {
        const text = place.replace('X', way.replace('X', '{"polluted":true}'))
        await expect(sealEvent(JSON.parse(text), key, chat)).rejects.toThrow(RangeError)
        const opened = await openEvent(await sealText(utf8(text)), key, chat)
        if (opened.type === 'opened') merge({}, opened.value as object)
        expect(({} as { polluted?: true }).polluted).toBeUndefined()
        expect(opened).toEqual({ type: 'dropped', reason: 'malformed' })
      }
    }
    for (const text of [
      '{"constructor":"Lego"}',
      '{"prototype":1}',
      '{"constructor":[{"prototype":1}]}',
    ]) {
      expect(await tell(await sealEvent(JSON.parse(text), key, chat), key, chat)).toBe('opened')
    }
  })

  test('[P28] depth is bounded on both sides, and a key __proto__ is refused', async () => {
    const nest = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
    const deepest: unknown = JSON.parse(nest(MAX_JSON_DEPTH))
    expect(await openEvent(await sealEvent(deepest, key, chat), key, chat)).toMatchObject({
      value: deepest,
    })
    const polluting: unknown = JSON.parse('{"a":{"__proto__":{"admin":true}}}')
    for (const body of [JSON.parse(nest(MAX_JSON_DEPTH + 1)), polluting]) {
      await expect(sealEvent(body, key, chat)).rejects.toThrow(RangeError)
    }
    // What a sender without these bounds may send: sealed as bytes, said to be JSON.
    const texts = [
      nest(65),
      nest(500_000),
      '{"__proto__":1}',
      '{"a":[{"\\u005f_proto__":1}]}',
      '{',
      '',
      '\ufeff1',
    ]
    for (const text of texts) {
      expect(await tell(await sealText(utf8(text)), key, chat)).toBe('malformed')
    }
    expect(await tell(await sealText(Uint8Array.of(0x22, 0xff, 0x22)), key, chat)).toBe('malformed')
    expect(await tell(await sealText(utf8('{"a":1}')), key, chat)).toBe('opened')
  })

  test('[P29] a body is at most 1 MiB, and a receiver may ask for less', async () => {
    const most = new Uint8Array(MAX_EVENT_BYTES)
    const sealed = await sealEvent(most, key, { ...chat, padding: 'padme' })
    expect(await openEvent(sealed, key, chat)).toMatchObject({ type: 'opened' })
    expect(await tell(sealed, key, { ...chat, maxBytes: MAX_EVENT_BYTES - 1 })).toBe('malformed')
    const failure = await failureOf(sealEvent(new Uint8Array(MAX_EVENT_BYTES + 1), key, chat))
    expect([failure.code, failure.details]).toEqual([
      'ERR_E2EE_TOO_LARGE',
      { byteLength: MAX_EVENT_BYTES + 1, maxBytes: MAX_EVENT_BYTES },
    ])
    expect((await failureOf(sealEvent('é'.repeat(2 ** 19), key, chat))).code).toBe(
      'ERR_E2EE_TOO_LARGE',
    )
    expect(await tell(new Uint8Array(2 ** 21).fill(2), key, chat)).toBe('malformed')
  })
})

/** A body sealed as bytes whose envelope says JSON, by whoever holds the key. */
async function sealText(body: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const empty = await sealEventBinary(0, key, chat)
  const prefix = utf8('conclave/1 event\0')
  const fields = [chat.roomId, chat.messageId].flatMap((text) => [0, text.length, ...utf8(text)])
  const additionalData = Uint8Array.of(...prefix, ...empty.subarray(0, 13), ...fields)
  const iv = crypto.getRandomValues(new Uint8Array(12))
  const parameters = { name: 'AES-GCM', iv, additionalData }
  const sealed = new Uint8Array(
    await crypto.subtle.encrypt(parameters, key, concatBytes(new Uint8Array(16), body)),
  )
  const bytes = new Uint8Array(25 + sealed.length)
  bytes.set(empty.subarray(0, 13))
  bytes.set(iv, 13)
  bytes.set(sealed, 25)
  return bytes
}
