import {
  checkText,
  concatBytes,
  decodeBytes,
  decodeText,
  encodeBase64Url,
  textToBytes,
  withLength,
  writeByteString,
} from '@conclave/base'
import { randomBytes, SIGNATURE_BYTES, wipe } from '@conclave/crypto'
import { MAX_CONTEXT_BYTES } from '../events/event-context.ts'
import { MAX_NAME_BYTES } from '../events/event-header.ts'
import { toEpoch } from '../keys/epoch.ts'
import { IDENTITY_ID_BYTES } from './exchange-identity.ts'
import { HPKE_TAG_BYTES } from './hpke.ts'
import { PREKEY_ID_BYTES } from './prekey-message.ts'
import type { AdmittedKey } from './seen-keys.ts'
import { decodeTime, timeToBytes } from './time.ts'

/** The most bytes that one message brings. spec E12 */
export const MAX_SEALED_KEY_BYTES = 16_384

/** The context of a sealed key. Not in the message: the receiver must know it. spec E13 */
export interface KeyContext {
  /** The room, or whatever the key is for: 1 to 1,024 bytes. */
  readonly room: string
  /** The only purpose that opens it, 1 to 1,024 bytes: `'room key'`, `'grant'`. So no key opens as one of another kind. */
  readonly purpose: string
}

/** The header of a sealed key, in clear. You must not act upon it before the key has opened. */
export interface SealedKeyHeader extends Omit<AdmittedKey, 'senderId'> {
  /** `identityId` of the sender. */
  readonly from: string
  /** `identityId` of the receiver. */
  readonly to: string
  /** The receiver's prekey that it is sealed to. Left out: to the identity itself. spec E11 */
  readonly prekeyId?: string
}

/**
 * Decodes the header of a sealed key: its receiver and its claimed sender. Returns `undefined`, not throws, for
 * anything else.
 */
export function decodeSealedKeyHeader(bytes: unknown): SealedKeyHeader | undefined {
  return decodeSealedKey(bytes)?.clear
}

/** A sealed key, decoded as far as it is in clear. */
export interface DecodedSealedKey {
  readonly clear: SealedKeyHeader
  readonly header: Uint8Array<ArrayBuffer>
  /** Encapsulated key, then ciphertext: the kind of the receiver's key says how long the first is. */
  readonly sealed: Uint8Array<ArrayBuffer>
}

/** Decodes untrusted bytes. Returns `undefined`, not throws, for anything that is no sealed key. spec E11 */
export function decodeSealedKey(given: unknown): DecodedSealedKey | undefined {
  const bytes = decodeBytes(given, { min: MIN_BYTES, max: MAX_BYTES })
  if (bytes === undefined || bytes[0] !== VERSION || bytes[1] !== TYPE) return undefined
  const expiresAt = decodeTime(bytes, EXPIRY_AT)
  if (expiresAt === undefined) return undefined
  const prekey = bytes.slice(PREKEY_AT, HEADER_BYTES)
  const idAt = (at: number): string => encodeBase64Url(bytes.slice(at, at + IDENTITY_ID_BYTES))
  const names = { from: idAt(SENDER_AT), to: idAt(SENDER_AT + IDENTITY_ID_BYTES) }
  const prekeyId = prekey.some((byte) => byte !== 0) && { prekeyId: idAt(PREKEY_AT) }
  return {
    clear: { id: idAt(2), expiresAt, ...names, ...prekeyId },
    header: bytes.slice(0, HEADER_BYTES),
    sealed: bytes.slice(HEADER_BYTES),
  }
}

/** The clear part of a sealed key, under a new message id; the names are sender, receiver and prekey. spec E11 */
export function encodeHeader(
  expiresAt: number,
  names: readonly Uint8Array[],
): Uint8Array<ArrayBuffer> {
  const id = randomBytes(MESSAGE_ID_BYTES)
  return concatBytes([VERSION, TYPE], id, timeToBytes(expiresAt), ...names)
}

/** `u16 length ‖ text` for room and purpose. spec E13 */
export function encodeContext({ room, purpose }: KeyContext): Uint8Array<ArrayBuffer> {
  const bounds = { min: 1, max: MAX_CONTEXT_BYTES }
  checkText('room', room, bounds)
  checkText('purpose', purpose, bounds)
  return concatBytes(withLength(textToBytes(room)), withLength(textToBytes(purpose)))
}

/**
 * The content of a sealed key, without its signature. Takes over `key` and overwrites it. spec E12
 *
 * @throws TypeError, RangeError that name the argument
 */
export function encodeContent(
  key: Uint8Array<ArrayBuffer>,
  { keyId = '', epoch = 0 }: { readonly keyId?: string; readonly epoch?: number | bigint },
): Uint8Array<ArrayBuffer> {
  try {
    if (key.length === 0 || key.length > MAX_SEALED_KEY_BYTES) {
      throw new RangeError(`"key" expected 1 to ${MAX_SEALED_KEY_BYTES} bytes, got ${key.length}`)
    }
    const id = checkText('keyId', keyId, { min: 0, max: MAX_NAME_BYTES })
    const head = new Uint8Array(CONTENT_HEAD_BYTES + id.length)
    new DataView(head.buffer).setBigUint64(0, toEpoch('epoch', epoch))
    head[8] = id.length
    writeByteString(head, CONTENT_HEAD_BYTES, id)
    return concatBytes(head, key)
  } finally {
    wipe(key)
  }
}

/** Decodes the content of an authentic sealed key. Returns `undefined`, not throws, for another form. spec E12 */
export function decodeContent(
  content: Uint8Array<ArrayBuffer>,
): { key: Uint8Array<ArrayBuffer>; keyId: string; epoch: bigint } | undefined {
  if (content.length <= CONTENT_HEAD_BYTES) return undefined
  const start = CONTENT_HEAD_BYTES + (content[8] ?? 0)
  const length = content.length - start
  if (length < 1 || length > MAX_SEALED_KEY_BYTES) return undefined
  const keyId = decodeText(content, CONTENT_HEAD_BYTES, start)
  if (keyId === undefined) return undefined
  const epoch = new DataView(content.buffer, content.byteOffset).getBigUint64(0)
  return { key: content.slice(start), keyId, epoch }
}

const VERSION = 1
const TYPE = 3
const MESSAGE_ID_BYTES = 16
const EXPIRY_AT: number = 2 + MESSAGE_ID_BYTES
const SENDER_AT: number = EXPIRY_AT + 8
const PREKEY_AT: number = SENDER_AT + 2 * IDENTITY_ID_BYTES
const HEADER_BYTES: number = PREKEY_AT + PREKEY_ID_BYTES
/** X25519 and X-Wing. spec E11, E28 */
const [MIN_ENCAPSULATED_BYTES, MAX_ENCAPSULATED_BYTES] = [32, 1120]
const CONTENT_HEAD_BYTES = 9
const OVERHEAD_BYTES: number = HEADER_BYTES + HPKE_TAG_BYTES + SIGNATURE_BYTES + CONTENT_HEAD_BYTES
const MIN_BYTES: number = OVERHEAD_BYTES + MIN_ENCAPSULATED_BYTES + 1
const MAX_BYTES: number =
  OVERHEAD_BYTES + MAX_ENCAPSULATED_BYTES + MAX_NAME_BYTES + MAX_SEALED_KEY_BYTES
/** Begins the `info` of HPKE. spec E13 */
export const SEAL_LABEL: Uint8Array<ArrayBuffer> = textToBytes('conclave/1 sealed key\0')
/** Begins the signed bytes. spec E13 */
export const SIGNATURE_LABEL: Uint8Array<ArrayBuffer> = textToBytes(
  'conclave/1 sealed key signature\0',
)
