import { checkString, decodeBase64Url, describeType } from '@conclave/base'
import {
  expand,
  importExpandKey,
  NONCE_BYTES,
  randomBytes,
  webCrypto,
  wipe,
} from '@conclave/crypto'
import { E2eeError } from '../errors.ts'
import type { SealedCount } from '../keys/event-keys.ts'
import { encodeExportInfo } from '../keys/export-info.ts'

/**
 * Events that one `CryptoKey` seals, at most, on this device and in this page: 2^28. Nonces are random, and
 * NIST allows 2^32 of those for a key, on all devices together; so 16 may send all that they can. The count
 * starts again where a key is imported again: nothing but rotation bounds a key over its whole life.
 * SP 800-38D §8.3, spec P24
 */
export const MAX_EVENTS_PER_KEY: number = 2 ** 28

/**
 * A new AES-256-GCM key for events. It can be exported, for backup and exchange.
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function generateAesGcmKey(): Promise<CryptoKey> {
  return webCrypto().generateKey({ name: ALGORITHM, length: KEY_BITS }, true, [...USAGES])
}

/**
 * The 32 bytes of a key in base64, with padding. You must guard the text as you guard the key, and bring it to
 * others only over a channel that they authenticated.
 *
 * @throws TypeError for anything but an extractable AES-256-GCM key
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function exportAesGcmKeyToBase64(key: CryptoKey): Promise<string> {
  keyStateOf('key', key)
  if (!key.extractable) throw new TypeError('"key" expected to be extractable')
  const raw = new Uint8Array(await webCrypto().exportKey('raw', key))
  const text = btoa(String.fromCharCode(...raw))
  wipe(raw)
  return text
}

/**
 * The key that {@link exportAesGcmKeyToBase64} wrote, or another program: 32 bytes in base64 or base64url, with padding or without, and
 * with white space anywhere. spec P60. `extractable`: whether it can be exported again, which is so unless you say `false`.
 *
 * @throws TypeError when `text` is no string
 * @throws E2eeError `ERR_E2EE_MALFORMED` for any other text, with a message that says which mistake it is
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function importAesGcmKeyFromBase64(
  text: string,
  { extractable = true }: { readonly extractable?: boolean } = {},
): Promise<CryptoKey> {
  checkString('text', text)
  if (typeof extractable !== 'boolean') {
    throw new TypeError(`"extractable" expected boolean, got ${describeType(extractable)}`)
  }
  const typed = text.replace(/\s+/g, '').replace(/=$/, '')
  const raw = decodeBase64Url(typed.replaceAll('+', '-').replaceAll('/', '_'))
  if (raw?.length !== KEY_BITS / 8) {
    const got = /^[\da-f]{64}$/i.test(typed) ? 'hexadecimal digits' : (raw?.length ?? 'other text')
    const message = `"text" expected 32 bytes in base64, got ${got}`
    throw new E2eeError('ERR_E2EE_MALFORMED', undefined, { message })
  }
  try {
    return await webCrypto().importKey('raw', raw, ALGORITHM, extractable, [...USAGES])
  } finally {
    wipe(raw)
  }
}

/** The state of a key that was used here. */
export interface KeyState extends SealedCount {
  readonly canSeal: boolean
  readonly canOpen: boolean
}

/**
 * The state of a key, which is checked when it is first seen.
 *
 * @throws TypeError for anything but an AES-256-GCM key
 */
export function keyStateOf(name: string, key: unknown): KeyState {
  const known = stateByKey.get(key as CryptoKey)
  if (known !== undefined) return known
  if (Object.prototype.toString.call(key) !== '[object CryptoKey]') {
    throw new TypeError(
      `"${name}" expected CryptoKey, Keyring or KeySource, got ${describeType(key)}`,
    )
  }
  const { algorithm, usages } = key as CryptoKey
  if (algorithm.name !== ALGORITHM || (algorithm as AesKeyAlgorithm).length !== KEY_BITS) {
    throw new TypeError(`"${name}" expected an AES-256-GCM key, got ${algorithm.name}`)
  }
  const state = {
    canSeal: usages.includes('encrypt'),
    canOpen: usages.includes('decrypt'),
    sealed: 0,
  }
  stateByKey.set(key as CryptoKey, state)
  return state
}

/**
 * As `export` of a key source whose root at epoch 0 is the bytes of a key. spec P45
 *
 * @throws TypeError for anything but an extractable AES-256-GCM key
 */
export async function exportFromKey(
  name: string,
  key: CryptoKey,
  [label, context, length]: readonly [label: string, context: Uint8Array, length: number],
): Promise<Uint8Array<ArrayBuffer>> {
  keyStateOf(name, key)
  if (!key.extractable) throw new TypeError(`"${name}" expected an extractable key`)
  const raw = new Uint8Array(await webCrypto().exportKey('raw', key))
  const info = encodeExportInfo({ label, context, length, epoch: 0n })
  return expand(await importExpandKey(raw), { info, length })
}

/**
 * Counts one event more.
 *
 * @throws E2eeError `ERR_E2EE_EXHAUSTED`. spec P24
 */
export function countSealed(state: SealedCount): void {
  if (state.sealed >= MAX_EVENTS_PER_KEY) {
    throw new E2eeError('ERR_E2EE_EXHAUSTED', { limit: 'key' })
  }
  state.sealed += 1
}

/** A random nonce that no other event under these keys gets. spec P24 */
export function takeNonce(count: SealedCount): Uint8Array<ArrayBuffer> {
  let { ahead } = count
  if (ahead === undefined || ahead.length === 0) ahead = randomBytes(NONCE_BYTES * NONCES_AHEAD)
  // Callers that still have a part of the memory keep it as it was.
  count.ahead = ahead.subarray(NONCE_BYTES)
  return ahead.subarray(0, NONCE_BYTES)
}

/** Length of the memory of {@link scratchOf}. */
export const SCRATCH_BYTES = 16_384

/** Where a value is written until the call that encrypts has copied it: making an array takes longer. */
export function scratchOf(count: SealedCount): Uint8Array<ArrayBuffer> {
  return (count.scratch ??= new Uint8Array(SCRATCH_BYTES))
}

/** Module state: the result of checking a key, so that it is checked once; collected with the key. */
const stateByKey = new WeakMap<CryptoKey, KeyState>()
const NONCES_AHEAD = 32
const ALGORITHM = 'AES-GCM'
const KEY_BITS = 256
const USAGES = ['encrypt', 'decrypt'] as const
