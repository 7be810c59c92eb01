/**
 * Everybody does the same: a JSON value becomes what a transport carries, and the same value again. Who writes
 * JSON writes text and parses it, for a transport of text; ours in binary gives bytes.
 *
 * @module
 */
import {
  decryptRealtimeJson,
  encryptRealtimeJson,
  Keyring,
  MAX_KEYS,
  openEvent,
  sealEventBinary,
} from '@conclave/e2ee'
import type { EventKeys } from '@conclave/e2ee'
import { gcm } from '@noble/ciphers/aes.js'
import { CompactEncrypt, compactDecrypt } from 'jose'
import nacl from 'tweetnacl'

/**
 * The contestants. Ours as JSON and as bytes, under a key of bytes on a `Keyring`, and under a `CryptoKey`, which stays with WebCrypto
 * in every engine; with a ring of 4,096 keys, sealing under one, and under all in turns. The plain helper with the base64 that pages
 * use, and (`native`) with the engine's own.
 */
export type Contestant =
  | 'json'
  | 'binary'
  | 'json, CryptoKey'
  | 'binary, CryptoKey'
  | 'binary, ring of 4,096'
  | 'binary, 4,096 in turns'
  | 'plain'
  | 'native'
  | 'jose'
  | 'secretbox'
  | 'noble'

/** Seals a value and opens it again. */
export type RoundTrip = (value: object) => Promise<unknown>

/** All contestants, each with its own key. */
export async function makeContestants(): Promise<Readonly<Record<Contestant, RoundTrip>>> {
  const raw = crypto.getRandomValues(new Uint8Array(32))
  const key = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt'])
  const one = ringOf(1, raw)
  const many = ringOf(MAX_KEYS, raw)
  // Each key is derived once.
  for (let at = 0; at < MAX_KEYS; at += 1) await binaryTrip({}, many, nameOf(at))
  let turn = 0
  return {
    json: (value) => jsonTrip(value, one),
    binary: (value) => binaryTrip(value, one),
    'json, CryptoKey': (value) => jsonTrip(value, key),
    'binary, CryptoKey': (value) => binaryTrip(value, key),
    'binary, ring of 4,096': (value) => binaryTrip(value, many),
    'binary, 4,096 in turns': (value) => binaryTrip(value, many, nameOf(turn++ % MAX_KEYS)),
    plain: async (value) => plainDecrypt(await plainEncrypt(value, key, PORTABLE), key, PORTABLE),
    native: async (value) => plainDecrypt(await plainEncrypt(value, key, NATIVE), key, NATIVE),
    jose: async (value) => {
      const text = await new CompactEncrypt(new TextEncoder().encode(JSON.stringify(value)))
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: SEALING.keyId })
        .encrypt(raw)
      const { plaintext } = await compactDecrypt(text, raw)
      return JSON.parse(new TextDecoder().decode(plaintext))
    },
    secretbox: async (value) => {
      const nonce = crypto.getRandomValues(new Uint8Array(24))
      const body = new TextEncoder().encode(JSON.stringify(value))
      const text = JSON.stringify({
        nonce: NATIVE.encode(nonce),
        ciphertext: NATIVE.encode(nacl.secretbox(body, nonce, raw)),
      })
      const sealed = JSON.parse(text) as { nonce: string; ciphertext: string }
      const [box, iv] = [NATIVE.decode(sealed.ciphertext), NATIVE.decode(sealed.nonce)]
      const opened = nacl.secretbox.open(box, iv, raw)
      if (opened === null) throw new Error('does not open')
      return JSON.parse(new TextDecoder().decode(opened))
    },
    noble: async (value) => {
      const nonce = crypto.getRandomValues(new Uint8Array(12))
      const context = new TextEncoder().encode(JSON.stringify(CONTEXT))
      const body = new TextEncoder().encode(JSON.stringify(value))
      const text = JSON.stringify({
        nonce: NATIVE.encode(nonce),
        ciphertext: NATIVE.encode(gcm(raw, nonce, context).encrypt(body)),
      })
      const sealed = JSON.parse(text) as { nonce: string; ciphertext: string }
      const cipher = gcm(raw, NATIVE.decode(sealed.nonce), context)
      return JSON.parse(new TextDecoder().decode(cipher.decrypt(NATIVE.decode(sealed.ciphertext))))
    },
  }
}

/** A value whose JSON has this many bytes. */
export function makeValue(bytes: number): object {
  const value = { sender_id: 'user-1', at: 1_763_683_200_000, body: '' }
  const letters = 'abcdefghijklmnopqrstuvwxyz    "\\'
  const random = crypto.getRandomValues(new Uint8Array(bytes))
  let missing = bytes - JSON.stringify(value).length
  for (let at = 0; missing > 0; at += 1) {
    const letter = letters.charAt((random[at % bytes] ?? 0) % letters.length)
    const cost = letter === '"' || letter === '\\' ? 2 : 1
    value.body += cost > missing ? 'x' : letter
    missing -= Math.min(cost, missing)
  }
  return value
}

/** A ring whose current key is the last one of so many. */
function ringOf(keys: number, raw: Uint8Array): Keyring {
  const ring = new Keyring()
  for (let at = 0; at < keys; at += 1) ring.add({ keyId: nameOf(at), epoch: 1, key: raw })
  ring.use({ keyId: nameOf(keys - 1), epoch: 1 })
  return ring
}

const nameOf = (at: number): string => `delivery-${at}`

async function jsonTrip(value: object, keys: CryptoKey | EventKeys): Promise<unknown> {
  const sealed = JSON.stringify(await encryptRealtimeJson(value, keys, CONTEXT))
  return decryptRealtimeJson(JSON.parse(sealed), keys, OPENING)
}

async function binaryTrip(
  value: object,
  keys: CryptoKey | EventKeys,
  keyId?: string,
): Promise<unknown> {
  const options = keyId === undefined ? CONTEXT : { ...CONTEXT, keyId, keyVersion: 1 }
  const opened = await openEvent(await sealEventBinary(value, keys, options), keys, OPENING)
  if (opened.type === 'dropped') throw new Error(opened.reason)
  return opened.value
}

interface Base64 {
  encode(bytes: Uint8Array): string
  decode(text: string): Uint8Array<ArrayBuffer>
}

/** The helper that most would write: WebCrypto, a random nonce, the context as JSON for additional data. */
async function plainEncrypt(value: object, key: CryptoKey, base64: Base64): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(12))
  const additionalData = new TextEncoder().encode(JSON.stringify(SEALING))
  const body = new TextEncoder().encode(JSON.stringify(value))
  const parameters = { name: 'AES-GCM', iv, additionalData }
  const sealed = await crypto.subtle.encrypt(parameters, key, body)
  return JSON.stringify({
    version: 1,
    keyId: SEALING.keyId,
    keyVersion: SEALING.keyVersion,
    iv: base64.encode(iv),
    ciphertext: base64.encode(new Uint8Array(sealed)),
  })
}

async function plainDecrypt(text: string, key: CryptoKey, base64: Base64): Promise<unknown> {
  const envelope = JSON.parse(text) as {
    keyId: string
    keyVersion: number
    iv: string
    ciphertext: string
  }
  const { keyId, keyVersion } = envelope
  const context = { ...CONTEXT, keyId, keyVersion }
  const additionalData = new TextEncoder().encode(JSON.stringify(context))
  const parameters = { name: 'AES-GCM', iv: base64.decode(envelope.iv), additionalData }
  const body = await crypto.subtle.decrypt(parameters, key, base64.decode(envelope.ciphertext))
  return JSON.parse(new TextDecoder().decode(body))
}

const CONTEXT = {
  kind: 'realtime',
  scope: 'delivery',
  scopeId: 'order-1001',
  eventName: 'delivery.private_note',
} as const
/** The others protect from no replay either. */
const OPENING = { ...CONTEXT, replay: 'none' } as const
const SEALING = { ...CONTEXT, keyId: 'delivery-v1', keyVersion: 1 } as const

const PORTABLE: Base64 = {
  encode: (bytes) => btoa(String.fromCharCode(...bytes)),
  decode: (text) => {
    const binary = atob(text)
    const bytes = new Uint8Array(binary.length)
    for (let at = 0; at < binary.length; at += 1) bytes[at] = binary.charCodeAt(at)
    return bytes
  },
}

interface NativeBytes {
  toBase64?: () => string
}
interface NativeDecoder {
  fromBase64?: (text: string) => Uint8Array<ArrayBuffer>
}

const NATIVE: Base64 = {
  encode: (bytes) => (bytes as NativeBytes).toBase64?.() ?? Buffer.from(bytes).toString('base64'),
  decode: (text) =>
    (Uint8Array as unknown as NativeDecoder).fromBase64?.(text) ??
    new Uint8Array(Buffer.from(text, 'base64')),
}
