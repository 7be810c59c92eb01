import {
  envelopeToBinary,
  envelopeToJson,
  Keyring,
  openEvent,
  decodeEventHeader,
} from '@conclave/e2ee'
import type { ExpectedEventContext } from '@conclave/e2ee'
import { createSigner, importSigningKeys, SignerDirectory } from '@conclave/e2ee/signing'
import { describe, expect, test } from 'vitest'
import vectors from '../../../../spec/vectors/payload-envelope.json' with { type: 'json' }
import { checkContext } from '../../src/events/event-context.ts'
import { concatBytes, decodeBase64Url } from '@conclave/base'
import { encodeAssociatedData } from '../../src/events/associated-data.ts'
import { encodeBody } from '../../src/events/event-body.ts'
import { bytesToHex, hexToBytes } from '../fixtures.ts'

const importKey = (hex: string): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', hexToBytes(hex), 'AES-GCM', false, ['encrypt', 'decrypt'])

function contextOf(vector: {
  readonly kind: string
  readonly fields: readonly string[]
}): ExpectedEventContext {
  const [first = '', second = '', third] = vector.fields
  if (vector.kind === 'chat') return { kind: 'chat', roomId: first, messageId: second }
  const named = (name: string | undefined) => (name === undefined ? {} : { eventName: name })
  if (vector.kind === 'call') return { kind: 'call', callId: first, ...named(vector.fields[1]) }
  return { kind: 'realtime', scope: first, scopeId: second, ...named(third) }
}

describe('events', () => {
  const named = vectors.events.map((vector, index) => ({ ...vector, index }))

  test.each(named)(
    '[P21, P26, P27] event $index reads the same in both encodings',
    ({ json, binary }) => {
      expect(envelopeToJson(hexToBytes(binary))).toEqual(json)
      expect(bytesToHex(envelopeToBinary(json) ?? new Uint8Array())).toBe(binary)
      expect(decodeEventHeader(json)).toEqual(decodeEventHeader(hexToBytes(binary)))
    },
  )

  test.each(named)('[P22] event $index: the authenticated data', (vector) => {
    const context = contextOf(vector)
    const checked = checkContext(context.kind, context, { nameOptional: true })
    const header = decodeEventHeader(vector.json)
    if (header === undefined) throw new Error('expected a header')
    expect(bytesToHex(encodeAssociatedData(header, checked).bytes)).toBe(vector.aad)
  })

  test.each(named)('[P25, P28, P43, P44] event $index opens in both encodings', async (vector) => {
    const { json, binary, secret, key } = vector
    const ring = new Keyring()
    const name = { keyId: json.keyId ?? '', epoch: BigInt(json.epoch) }
    ring.add({ ...name, key: secret === undefined ? await importKey(key) : hexToBytes(secret) })
    const options = contextOf(vector)
    const given = options.kind === 'chat' ? undefined : options.eventName
    const eventName = vector.hiddenName ?? given
    const body = hexToBytes(vector.body)
    const value: unknown =
      (json.flags & 4) === 0 ? JSON.parse(new TextDecoder().decode(body)) : body
    for (const envelope of [json, hexToBytes(binary)]) {
      const opened = await openEvent(envelope, ring, { ...contextOf(vector), replay: 'none' })
      expect(opened).toMatchObject({
        type: 'opened',
        value,
        ...name,
        sender: json.sender,
        eventName,
      })
    }
  })

  test.each(named)('[P28, P43] event $index: its plaintext, and its ciphertext', async (vector) => {
    const { flags, sealed } = vector.json
    const body = hexToBytes(vector.body)
    const value: unknown = (flags & 4) === 0 ? JSON.parse(new TextDecoder().decode(body)) : body
    const hiddenName = String.fromCharCode(...new TextEncoder().encode(vector.hiddenName ?? ''))
    const plaintext = encodeBody(value, { flags, hiddenName })
    expect(bytesToHex(plaintext)).toBe(vector.plaintext)
    const box = decodeBase64Url(sealed) ?? new Uint8Array()
    const parameters = {
      name: 'AES-GCM',
      iv: box.slice(0, 12),
      additionalData: hexToBytes(vector.aad),
    }
    const encrypted = await crypto.subtle.encrypt(
      parameters,
      await importKey(vector.key),
      concatBytes(new Uint8Array(16), plaintext),
    )
    expect(bytesToHex(new Uint8Array(encrypted))).toBe(bytesToHex(box.slice(12)))
  })
})

test.each(vectors.signed)('[P50, P52] signed: $why', async (vector) => {
  const { secret, key, reason, binary, publicKey } = vector
  const envelope = hexToBytes(binary)
  const header = decodeEventHeader(envelope)
  if (header === undefined) throw new Error('expected a header')
  const ring = new Keyring()
  ring.add({ ...header, key: secret === undefined ? await importKey(key) : hexToBytes(secret) })
  const verifier = new SignerDirectory()
  verifier.add('user-1', hexToBytes(publicKey))
  const options = contextOf(vector)
  const opened = await openEvent(envelope, ring, { ...options, verifier, replay: 'none' })
  expect(opened).toMatchObject(
    reason === null
      ? { type: 'opened', sender: 'user-1', signedBy: hexToBytes(publicKey) }
      : { type: 'dropped', reason },
  )
  if (vector.plaintext === undefined) return
  const signer = createSigner(await importSigningKeys(hexToBytes(vector.seed)))
  const plaintext = hexToBytes(vector.plaintext).slice(64)
  const content = await signer.sign({ associatedData: hexToBytes(vector.aad), plaintext })
  expect(bytesToHex(content)).toBe(vector.plaintext)
})

test.each(vectors.dropped)('[P30] $why: $reason', async (vector) => {
  const minKeyVersion = BigInt(vector.minEpoch)
  const options = { ...contextOf({ kind: 'chat', fields: vector.fields }), minKeyVersion }
  const key = await importKey(vector.key)
  const binary = hexToBytes(vector.binary)
  expect(await openEvent(binary, key, options)).toMatchObject({
    type: 'dropped',
    reason: vector.reason,
  })
  expect(await openEvent(envelopeToJson(binary), key, options)).toMatchObject({
    reason: vector.reason,
  })
})

test.each(vectors.malformed)('[P21, P26, P30] malformed: $why', async (vector) => {
  const envelope: unknown = 'binary' in vector ? hexToBytes(vector.binary ?? '') : vector.json
  expect(decodeEventHeader(envelope)).toBeUndefined()
  const options = contextOf({ kind: 'chat', fields: ['room-42', 'msg-1'] })
  const key = await importKey('40'.repeat(32))
  expect(await openEvent(envelope, key, options)).toEqual({ type: 'dropped', reason: 'malformed' })
})
