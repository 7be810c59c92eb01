import {
  decryptCallSignalJson,
  decryptChatJson,
  decryptRealtimeJson,
  encryptCallSignalJson,
  encryptChatJson,
  encryptRealtimeJson,
  exportAesGcmKeyToBase64,
  generateAesGcmKey,
  importAesGcmKeyFromBase64,
  isE2eeError,
  MAX_EVENTS_PER_KEY,
  openEvent,
  sealEvent,
  sealEventBinary,
} from '@conclave/e2ee'
import type {
  Dropped,
  EventKeys,
  ExpectedEventContext,
  JsonEnvelope,
  OpenedOrDroppedEvent,
  OpenEventOptions,
} from '@conclave/e2ee'
import { describe, expect, test } from 'vitest'
import { keyStateOf, scratchOf } from '../../src/events/aes-gcm-key.ts'
import { bytesToHex, failureOf } from '../fixtures.ts'

const key = await generateAesGcmKey()
const otherKey = await generateAesGcmKey()
const chat = { kind: 'chat', roomId: 'room-42', messageId: 'msg-1' } as const
const named = { ...chat, keyId: 'room-42-v1', keyVersion: 3, sender: 'alice' } as const
const note = { kind: 'realtime', scope: 'delivery', scopeId: 'order-1', eventName: 'note' } as const
const value = { body: 'hällo \u2028 \ud83d\ude00', list: [1, null, true, { deep: 'x' }], empty: '' }

const reasonOf = (opened: OpenedOrDroppedEvent): 'opened' | Dropped['reason'] =>
  opened.type === 'opened' ? 'opened' : opened.reason
const tell = async (
  envelope: unknown,
  keys: CryptoKey | EventKeys,
  options: ExpectedEventContext & OpenEventOptions,
): Promise<string> => reasonOf(await openEvent(envelope, keys, { ...options, replay: 'none' }))

describe('contexts', () => {
  test('[P20] an event sealed as one kind opens as no other', async () => {
    const ids = {
      callId: 'x',
      eventName: 'x',
      roomId: 'x',
      messageId: 'x',
      scope: 'x',
      scopeId: 'x',
    }
    for (const kind of ['chat', 'call', 'realtime'] as const) {
      const sealed = await sealEvent(1, key, { ...ids, kind })
      for (const other of ['chat', 'call', 'realtime'] as const) {
        const expected = other === kind ? 'opened' : 'not-authentic'
        expect(await tell(sealed, key, { ...ids, kind: other })).toBe(expected)
        // Said to be of the other kind.
        const moved = { ...sealed, kind: other }
        expect(await tell(moved, key, { ...ids, kind: other })).toBe(expected)
      }
    }
  })

  test('[P22, P23] an event opens in no other context', async () => {
    const message = await encryptChatJson(value, key, { roomId: 'a', messageId: 'b' })
    expect(await decryptChatJson(message, key, { roomId: 'a', messageId: 'b' })).toEqual(value)
    for (const [roomId, messageId] of [
      ['a', 'c'],
      ['c', 'b'],
      ['ab', 'b'],
      ['a', 'bb'],
      ['b', 'a'],
      ['A', 'b'],
    ] as const) {
      const failure = await failureOf(decryptChatJson(message, key, { roomId, messageId }))
      expect(failure.code).toBe('ERR_E2EE_OPEN_FAILED')
      expect(failure.details).toBeUndefined()
    }
    const signal = await encryptCallSignalJson(value, key, { callId: 'c', eventName: 'offer' })
    expect(await decryptCallSignalJson(signal, key, { callId: 'c', eventName: 'offer' })).toEqual(
      value,
    )
    for (const [callId, eventName] of [
      ['c', 'answer'],
      ['d', 'offer'],
      ['co', 'ffer'],
    ] as const) {
      const failure = await failureOf(decryptCallSignalJson(signal, key, { callId, eventName }))
      expect(failure.code).toBe('ERR_E2EE_OPEN_FAILED')
    }
    const event = await encryptRealtimeJson(value, key, note)
    expect(await decryptRealtimeJson(event, key, note)).toEqual(value)
    for (const change of [{ scope: 'x' }, { scopeId: 'order-2' }, { eventName: 'notes' }]) {
      const failure = await failureOf(decryptRealtimeJson(event, key, { ...note, ...change }))
      expect(failure.code).toBe('ERR_E2EE_OPEN_FAILED')
    }
  })

  test('[P23] fields are 1 to 1,024 bytes of well-formed text', async () => {
    const most = { ...chat, roomId: 'é'.repeat(512) }
    expect(await tell(await sealEvent(1, key, most), key, most)).toBe('opened')
    for (const roomId of ['', 'é'.repeat(513), 'a'.repeat(1025), '\ud800', 'x\udfff']) {
      await expect(sealEvent(1, key, { ...chat, roomId })).rejects.toThrow(RangeError)
      await expect(openEvent({}, key, { ...chat, roomId })).rejects.toThrow(/"roomId"/)
    }
  })
})

describe('keys and nonces', () => {
  test('[P24] no two events have the same nonce, in sequence and at once', async () => {
    const sealed = await Promise.all(
      Array.from({ length: 200 }, () => sealEventBinary(1, key, chat)),
    )
    const nonces = sealed.map((bytes) => bytesToHex(bytes.subarray(13, 25)))
    expect(new Set(nonces).size).toBe(200)
  })

  test('[P24] a key that has sealed all that it may seals no more, and still opens', async () => {
    const tired = await generateAesGcmKey()
    const last = await sealEvent('last', tired, chat)
    keyStateOf('key', tired).sealed = MAX_EVENTS_PER_KEY
    const failure = await failureOf(sealEvent(1, tired, chat))
    expect([failure.code, failure.details]).toEqual(['ERR_E2EE_EXHAUSTED', { limit: 'key' }])
    expect(await tell(last, tired, chat)).toBe('opened')
  })

  test('[P24] two hundred concurrent events open to their values, though the arguments change meanwhile', async () => {
    const body = new Uint8Array(300)
    const sealing = Array.from({ length: 200 }, (_, index) => {
      body.fill(index)
      return sealEventBinary(body, key, { ...chat, messageId: `m${index}` })
    })
    body.fill(255)
    const all = await Promise.all(sealing)
    const opening = all.map((bytes, index) => {
      const shared = bytes.slice()
      const opened = openEvent(shared, key, { ...chat, messageId: `m${index}` })
      shared.fill(0)
      return opened
    })
    for (const [index, opened] of (await Promise.all(opening)).entries()) {
      expect(opened).toMatchObject({ type: 'opened', value: new Uint8Array(300).fill(index) })
    }
  })

  test('[P25] a key that cannot be exported is as good as the same one that can', async () => {
    const text = await exportAesGcmKeyToBase64(key)
    const sealer = await importAesGcmKeyFromBase64(text, { extractable: false })
    expect(sealer.extractable).toBe(false)
    expect(await tell(await sealEvent(1, sealer, named), key, named)).toBe('opened')
    expect(await tell(await sealEvent(1, key, named), sealer, named)).toBe('opened')
    await expect(exportAesGcmKeyToBase64(sealer)).rejects.toThrow(TypeError)
  })

  test('[P60] a key is read from base64 of either alphabet, with and without padding, with line breaks and spaces', async () => {
    const standard = `${'+/'.repeat(21)}8=`
    const url = `${'-_'.repeat(21)}8`
    const forms = [standard, url, `${url}=`, standard.replace('=', ''), `${standard}\n`]
    const broken = [` ${standard.slice(0, 20)}\r\n${standard.slice(20)}`, `\ufeff${url}\u00a0`]
    for (const text of [...forms, ...broken]) {
      const read = await importAesGcmKeyFromBase64(text)
      expect(await exportAesGcmKeyToBase64(read)).toBe(standard)
    }
  })

  test('[P60] other text is malformed, and the message says which mistake it is', async () => {
    const text = await exportAesGcmKeyToBase64(key)
    const wrong: [text: string, got: string][] = [
      ['', '0'],
      ...[`"${text}"`, `${text}=`, `${text.slice(0, 42)}9=`, text.slice(2), `=${text}`].map(
        (other): [string, string] => [other, 'other text'],
      ),
      ['A'.repeat(22), '16'],
      ['0f'.repeat(32), 'hexadecimal digits'],
      ['A'.repeat(1_000_000), '750000'],
    ]
    for (const [other, got] of wrong) {
      const failure = await failureOf(importAesGcmKeyFromBase64(other))
      expect(failure.code).toBe('ERR_E2EE_MALFORMED')
      expect(failure.message).toBe(`"text" expected 32 bytes in base64, got ${got}`)
    }
  })
})

describe('opening', () => {
  test('[P30] reasons come in their order, and have their codes', async () => {
    const json = await sealEvent(1, key, named)
    expect(await openEvent(json, otherKey, chat)).toEqual({
      ...{ type: 'dropped', reason: 'other-key', keyId: 'room-42-v1', epoch: 3n },
    })
    const asked = { ...chat, keyId: 'room-42-v2', minKeyVersion: 4 }
    const tooOld = { keyId: 'room-42-v1', epoch: 3n, minEpoch: 4n }
    expect(await openEvent(json, otherKey, asked)).toEqual({
      ...{ type: 'dropped', reason: 'epoch-too-old' },
      ...tooOld,
    })
    const old = await failureOf(decryptChatJson(json, otherKey, asked))
    expect([old.code, old.details]).toEqual(['ERR_E2EE_EPOCH_TOO_OLD', tooOld])
    const unknown = await failureOf(decryptChatJson(json, otherKey, { ...asked, minKeyVersion: 3 }))
    const name = { keyId: 'room-42-v1', epoch: 3n }
    expect([unknown.code, unknown.details]).toEqual(['ERR_E2EE_UNKNOWN_KEY', name])
    expect(isE2eeError(unknown)).toBe(true)
    expect(await tell(json, key, { ...asked, sender: 'bob' })).toBe('not-authentic')
  })

  test('[P31] a version below the minimum is refused, the minimum itself is not', async () => {
    const sealed = await sealEvent(1, key, { ...named, keyVersion: 2 })
    expect(await tell(sealed, key, { ...chat, minKeyVersion: 2 })).toBe('opened')
    expect(await tell(sealed, key, { ...chat, minKeyVersion: 3 })).toBe('epoch-too-old')
    // Saying a higher version makes no younger key.
    expect(await tell({ ...sealed, epoch: 3 }, key, { ...chat, minKeyVersion: 3 })).toBe(
      'not-authentic',
    )
  })

  test('[P32] key id, version, sender and flags are authenticated', async () => {
    const sealed = await sealEvent(1, key, named)
    const changes: Partial<JsonEnvelope>[] = [
      ...[{ keyId: 'room-42-v2' }, { epoch: 4 }, { sender: 'bob' }, { flags: 2 }, { flags: 4 }],
    ]
    for (const change of changes)
      expect(await tell({ ...sealed, ...change }, key, chat)).toBe('not-authentic')
    const { sender: _, ...anonymous } = sealed
    expect(await tell(anonymous, key, chat)).toBe('not-authentic')
    expect(await tell(sealed, key, { ...named, keyVersion: 4 })).toBe('not-authentic')
    expect(await tell(sealed, key, { ...named, keyId: 'other' })).toBe('unknown-key')
    expect(await openEvent(sealed, key, named)).toEqual({
      ...{
        type: 'opened',
        kind: 'chat',
        value: 1,
        keyId: 'room-42-v1',
        epoch: 3n,
        sender: 'alice',
      },
      ...{ eventName: undefined, place: undefined },
    })
  })
})

test('[P46] wrong arguments are errors that name them and show none of their content', async () => {
  const canary = 'canary-7f3a'
  const wrong: [name: string, call: () => Promise<unknown>][] = [
    ['context', () => encryptChatJson(1, key, undefined as never)],
    ['context', () => decryptChatJson({}, key, canary as never)],
    ['roomId', () => encryptChatJson(1, key, { messageId: 'x' } as never)],
    ['messageId', () => decryptChatJson({}, key, { roomId: 'x', messageId: 5 } as never)],
    ['eventName', () => encryptCallSignalJson(1, key, { callId: 'x' } as never)],
    [
      'scope',
      () => encryptRealtimeJson(1, key, { scope: null, scopeId: 'x', eventName: 'x' } as never),
    ],
    ['kind', () => sealEvent(1, key, { ...chat, kind: canary } as never)],
    ['kind', () => openEvent({}, key, undefined as never)],
    ['keyId', () => sealEvent(1, key, { ...chat, keyId: 5 } as never)],
    ['keyId', () => sealEvent(1, key, { ...chat, keyId: canary.repeat(30) })],
    ['keyVersion', () => sealEvent(1, key, { ...chat, keyVersion: canary } as never)],
    ['keyVersion', () => sealEvent(1, key, { ...chat, keyVersion: 1.5 })],
    ['minKeyVersion', () => openEvent({}, key, { ...chat, minKeyVersion: -1 })],
    ['sender', () => sealEvent(1, key, { ...chat, sender: {} } as never)],
    ['padding', () => sealEvent(1, key, { ...chat, padding: canary } as never)],
    ['hideEventName', () => sealEvent(1, key, { ...note, hideEventName: canary } as never)],
    ['counter', () => sealEvent(1, key, { ...chat, sender: 'x', counter: {} } as never)],
    ['maxBytes', () => openEvent({}, key, { ...chat, maxBytes: 2 ** 21 })],
    ['replay', () => openEvent({}, key, { ...chat, replay: {} } as never)],
    ['key', () => sealEvent(1, canary as never, chat)],
    ['key', () => openEvent({}, null as never, chat)],
    ['key', () => openEvent({}, {} as never, chat)],
    ['text', () => importAesGcmKeyFromBase64(5 as never)],
    ['extractable', () => importAesGcmKeyFromBase64('', { extractable: 1 } as never)],
    ['key', () => exportAesGcmKeyToBase64(canary as never)],
  ]
  for (const [name, call] of wrong) {
    const error: unknown = await call().catch((failure: unknown) => failure)
    expect(error instanceof TypeError || error instanceof RangeError, name).toBe(true)
    expect((error as Error).message).toContain(`"${name}"`)
    expect((error as Error).message).not.toContain('canary')
  }
})

test('[P46] keys of another algorithm, length or use are TypeErrors', async () => {
  const make = (algorithm: AesKeyAlgorithm, usages: KeyUsage[]) =>
    crypto.subtle.generateKey(algorithm, false, usages)
  const short = await make({ name: 'AES-GCM', length: 128 }, ['encrypt', 'decrypt'])
  const other = await make({ name: 'AES-CTR', length: 256 }, ['encrypt', 'decrypt'])
  const sealer = await make({ name: 'AES-GCM', length: 256 }, ['encrypt'])
  const opener = await make({ name: 'AES-GCM', length: 256 }, ['decrypt'])
  for (const wrong of [short, other, opener]) {
    await expect(sealEvent(1, wrong, chat)).rejects.toThrow(/"key"/)
  }
  for (const wrong of [short, other, sealer]) {
    await expect(openEvent({}, wrong, chat)).rejects.toThrow(/"key"/)
  }
})

test('[P28] no bytes of a value stay in scratch memory, padded or not', async () => {
  const secret = 'a secret of some length'
  for (const options of [{}, { padding: 'padme' }] as const) {
    await sealEvent(secret, key, { ...chat, ...options })
    const scratch = scratchOf(keyStateOf('key', key))
    expect(scratch.every((byte) => byte === 0)).toBe(true)
  }
})
