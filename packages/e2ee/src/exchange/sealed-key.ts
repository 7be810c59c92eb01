import { verifySignature } from '@conclave/crypto/verify'
import {
  checkText,
  concatBytes,
  copyBytes,
  decodeBytes,
  decodeText,
  describeType,
  encodeBase64Url,
  equalBytes,
  textToBytes,
  withLength,
  writeByteString,
} from '@conclave/base'
import { CURVE_KEY_BYTES, randomBytes, SIGNATURE_BYTES, signBytes, wipe } from '@conclave/crypto'
import { MAX_CONTEXT_BYTES } from '../events/event-context.ts'
import { MAX_NAME_BYTES } from '../events/event-header.ts'
import { toEpoch } from '../keys/epoch.ts'
import { hashIdentity, identityToBytes, IDENTITY_ID_BYTES } from './exchange-identity.ts'
import type { ExchangeIdentity } from './exchange-identity.ts'
import { checkKeys } from './exchange-keys.ts'
import type { ExchangeKeys } from './exchange-keys.ts'
import { ENCAPSULATED_BYTES, HPKE_TAG_BYTES, hpkeOpen, hpkeSeal } from './hpke.ts'
import type { AdmittedKey, SeenGuard, SeenRefusal } from './seen-keys.ts'
import { checkTime, decodeTime, timeToBytes } from './time.ts'

/** The longest that a sealed key may still be good for when it is opened, in milliseconds: 31 days. spec E15 */
export const MAX_SEALED_KEY_MS: number = 31 * 24 * 60 * 60 * 1000

/** The most bytes that one message brings. spec E12 */
export const MAX_SEALED_KEY_BYTES = 16_384

/** The context of a sealed key. Not in the message: the receiver must know it. spec E13 */
export interface KeyContext {
  /** The room, or whatever the key is for: 1 to 1,024 bytes. */
  readonly room: string
  /** The only purpose that opens it. `'room key'` when left out. */
  readonly purpose?: string
}

/** How a key is sealed. */
export interface SealKeyOptions extends KeyContext {
  readonly from: ExchangeKeys
  /** You must know whose it is: scanned, compared by `safetyNumber`, or accepted by invitation. */
  readonly to: ExchangeIdentity
  /**
   * When it is too late to open it, in milliseconds since 1970. Soon: it is carried, not kept. Receivers open none that is good for
   * more than {@link MAX_SEALED_KEY_MS}.
   */
  readonly expiresAt: number
  /** The name under which a keyring holds it; sealed too. Empty when left out. */
  readonly keyId?: string
  /** 0 when left out. */
  readonly epoch?: number | bigint
}

/** The expectations of the receiver of a sealed key. */
export interface OpenKeyOptions extends KeyContext {
  /** The receiver's own keys. */
  readonly to: ExchangeKeys
  /**
   * The identity that must have sealed it; or a look-up among those that the receiver knows, by `identityId`. No key is
   * ever taken from the message. spec E14
   */
  readonly from:
    | ExchangeIdentity
    | ((senderId: string) => ExchangeIdentity | undefined | Promise<ExchangeIdentity | undefined>)
  /** The time in milliseconds since 1970: `Date.now()`. */
  readonly now: number
  /** The key id that it must have. */
  readonly keyId?: string
  /** The epoch that it must have. */
  readonly epoch?: number | bigint
  /**
   * The identities whose keys may become current at a keyring: those who may change the key of the room. Left out: none, and
   * a keyring takes what is opened for opening only. spec P55
   */
  readonly rotators?: readonly ExchangeIdentity[]
  /** Opens each message once. Without it an old key can be brought again until it expires. spec E16 */
  readonly seen?: SeenGuard
}

/** A sealed key that was opened. You must overwrite `key` when it is no longer needed. */
export interface OpenedKey extends AdmittedKey {
  readonly type: 'opened'
  /** The bytes that were sealed. */
  readonly key: Uint8Array<ArrayBuffer>
  readonly keyId: string
  readonly epoch: bigint
  /** The identity that sealed it, as the receiver named it. */
  readonly from: ExchangeIdentity
  /** Whether `from` is one of the `rotators`: a keyring seals with the key only then. */
  readonly mayRotate: boolean
}

/** A sealed key that was dropped; this result is the only effect. spec E15 */
export interface DroppedKey {
  readonly type: 'dropped'
  readonly reason: 'malformed' | 'not-authentic' | 'expired' | 'expires-too-late' | SeenRefusal
}

/** The header of a sealed key, in clear. You must not act upon it before the key has opened. */
export interface SealedKeyHeader extends Omit<AdmittedKey, 'senderId'> {
  /** `identityId` of the sender. */
  readonly from: string
  /** `identityId` of the receiver. */
  readonly to: string
}

/**
 * Seals a key, or other bytes up to 16 KiB, to one member, signed by the sender. Everything is read before the
 * call returns.
 *
 * @param key copied; zero your copy
 * @throws TypeError, RangeError that name the argument
 * @throws E2eeError `ERR_E2EE_CLOSED`
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function sealKey(
  key: Uint8Array,
  options: SealKeyOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const sender = checkKeys('from', options.from)
  const [from, to] = [identityToBytes('from', sender.identity), identityToBytes('to', options.to)]
  const context = encodeContext(options)
  const expiresAt = timeToBytes(checkTime('expiresAt', options.expiresAt))
  const { privateKey } = sender.toStored().signing
  const content = encodeContent(copyBytes('key', key), options)
  try {
    const id = randomBytes(MESSAGE_ID_BYTES)
    const names = concatBytes(await hashIdentity(from), await hashIdentity(to))
    const header = concatBytes([VERSION, TYPE], id, expiresAt, names)
    const bound = concatBytes(header, from, to, context)
    const agreementKey = to.slice(to.length / 2)
    const info = concatBytes(SEAL_LABEL, bound)
    const { enc, ciphertext } = await hpkeSeal(content, { to: agreementKey, info })
    const signed = concatBytes(SIGNATURE_LABEL, bound, enc, ciphertext)
    return concatBytes(header, enc, ciphertext, await signBytes(privateKey, signed))
  } finally {
    wipe(content)
  }
}

/**
 * Opens a sealed key: first checks the signature of the expected sender, then opens the seal. Resolves to `dropped`, never
 * rejects, whatever the bytes are; they are read before the call returns.
 *
 * @throws TypeError, RangeError that name an argument of the caller's own
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 * @throws E2eeError `ERR_E2EE_CLOSED`, and whatever `from` and `seen` throw
 */
export async function openKey(
  bytes: unknown,
  options: OpenKeyOptions,
): Promise<OpenedKey | DroppedKey> {
  const { from, now, keyId, seen } = options
  const keys = checkKeys('to', options.to)
  const context = encodeContext(options)
  checkTime('now', now)
  if (keyId !== undefined) checkText('keyId', keyId, { min: 0, max: MAX_NAME_BYTES })
  const epoch = options.epoch === undefined ? undefined : toEpoch('epoch', options.epoch)
  if (typeof from !== 'function') identityToBytes('from', from)
  const rotators = checkRotators(options.rotators)
  const { agreement } = keys.toStored()
  const decoded = decodeSealedKey(bytes)
  if (decoded === undefined) return dropped('malformed')
  const { id, expiresAt } = decoded
  const to = identityToBytes('to', keys.identity)
  if (decoded.to !== encodeBase64Url(await hashIdentity(to))) return dropped('not-authentic')
  const sender = typeof from === 'function' ? await from(decoded.from) : from
  if (sender === undefined) return dropped('not-authentic')
  const senderBytes = identityToBytes('from', sender)
  const isNamed = decoded.from === encodeBase64Url(await hashIdentity(senderBytes))
  if (!isNamed) return dropped('not-authentic')
  const bound = concatBytes(decoded.header, senderBytes, to, context)
  const signed = concatBytes(SIGNATURE_LABEL, bound, decoded.enc, decoded.ciphertext)
  const signingKey = senderBytes.slice(0, CURVE_KEY_BYTES)
  const isSigned = await verifySignature(signingKey, decoded.signature, signed)
  if (!isSigned) return dropped('not-authentic')
  if (expiresAt <= now) return dropped('expired')
  if (expiresAt > now + MAX_SEALED_KEY_MS) return dropped('expires-too-late')
  const info = concatBytes(SEAL_LABEL, bound)
  const content = await hpkeOpen(decoded, { keys: agreement, info })
  if (content === undefined) return dropped('not-authentic')
  const opened = decodeContent(content)
  wipe(content)
  if (opened === undefined) return dropped('malformed')
  const isWanted =
    (keyId === undefined || keyId === opened.keyId) &&
    (epoch === undefined || epoch === opened.epoch)
  const admitted = { id, senderId: decoded.from, expiresAt }
  const refusal = isWanted ? await seen?.admit(admitted, now) : 'not-authentic'
  const mayRotate = rotators.some((rotator) => equalBytes(rotator, senderBytes))
  if (refusal === undefined) {
    return { type: 'opened', ...opened, ...admitted, from: sender, mayRotate }
  }
  wipe(opened.key)
  return dropped(refusal)
}

/**
 * Decodes the header of a sealed key: its receiver and its claimed sender. Returns `undefined`, not throws, for
 * anything else.
 */
export function decodeSealedKeyHeader(bytes: unknown): SealedKeyHeader | undefined {
  const decoded = decodeSealedKey(bytes)
  return (
    decoded && { id: decoded.id, expiresAt: decoded.expiresAt, from: decoded.from, to: decoded.to }
  )
}

interface DecodedSealedKey extends SealedKeyHeader {
  readonly header: Uint8Array<ArrayBuffer>
  readonly enc: Uint8Array<ArrayBuffer>
  readonly ciphertext: Uint8Array<ArrayBuffer>
  readonly signature: Uint8Array<ArrayBuffer>
}

/** spec E11 */
function decodeSealedKey(given: unknown): DecodedSealedKey | undefined {
  const bytes = decodeBytes(given, { min: MIN_BYTES, max: MAX_BYTES })
  if (bytes === undefined || bytes[0] !== VERSION || bytes[1] !== TYPE) return undefined
  const expiresAt = decodeTime(bytes, EXPIRY_AT)
  if (expiresAt === undefined) return undefined
  const signatureAt = bytes.length - SIGNATURE_BYTES
  const idAt = (at: number): string => encodeBase64Url(bytes.slice(at, at + IDENTITY_ID_BYTES))
  return {
    id: idAt(2),
    expiresAt,
    from: idAt(SENDER_AT),
    to: idAt(SENDER_AT + IDENTITY_ID_BYTES),
    header: bytes.slice(0, HEADER_BYTES),
    enc: bytes.slice(HEADER_BYTES, HEADER_BYTES + ENCAPSULATED_BYTES),
    ciphertext: bytes.slice(HEADER_BYTES + ENCAPSULATED_BYTES, signatureAt),
    signature: bytes.slice(signatureAt),
  }
}

function checkRotators(rotators: unknown = []): readonly Uint8Array[] {
  if (!Array.isArray(rotators)) {
    throw new TypeError(`"rotators" expected a list of identities, got ${describeType(rotators)}`)
  }
  return rotators.map((rotator: ExchangeIdentity) => identityToBytes('rotators', rotator))
}

/** `u16 length ‖ text` for room and purpose. spec E13 */
function encodeContext({ room, purpose = 'room key' }: KeyContext): Uint8Array<ArrayBuffer> {
  const bounds = { min: 1, max: MAX_CONTEXT_BYTES }
  checkText('room', room, bounds)
  checkText('purpose', purpose, bounds)
  return concatBytes(withLength(textToBytes(room)), withLength(textToBytes(purpose)))
}

/** Takes over `key` and overwrites it. spec E12 */
function encodeContent(
  key: Uint8Array<ArrayBuffer>,
  { keyId = '', epoch = 0 }: SealKeyOptions,
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

function decodeContent(
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

const dropped = (reason: DroppedKey['reason']): DroppedKey => ({ type: 'dropped', reason })

const VERSION = 1
const TYPE = 3
const MESSAGE_ID_BYTES = 16
const EXPIRY_AT: number = 2 + MESSAGE_ID_BYTES
const SENDER_AT: number = EXPIRY_AT + 8
const HEADER_BYTES: number = SENDER_AT + 2 * IDENTITY_ID_BYTES
const CONTENT_HEAD_BYTES = 9
const OVERHEAD_BYTES: number =
  HEADER_BYTES + ENCAPSULATED_BYTES + HPKE_TAG_BYTES + SIGNATURE_BYTES + CONTENT_HEAD_BYTES
const MIN_BYTES: number = OVERHEAD_BYTES + 1
const MAX_BYTES: number = OVERHEAD_BYTES + MAX_NAME_BYTES + MAX_SEALED_KEY_BYTES
const SEAL_LABEL = textToBytes('conclave/1 sealed key\0')
const SIGNATURE_LABEL = textToBytes('conclave/1 sealed key signature\0')
