import { isBytes } from '../bytes.ts'
import { TAG_BYTES } from '../messages/message-envelope.ts'
import { base64UrlToBytes, bytesToBase64Url } from '../payload/base64.ts'
import { checkText } from './event-context.ts'
import type { EventKind } from './event-context.ts'
import { readText, toByteString, writeByteString } from '../payload/text.ts'

/** A sealed event for transports that carry JSON: survives `JSON.stringify`. spec P26 */
export interface JsonEnvelope {
  readonly v: 2
  readonly kind: EventKind
  /** What the sealed bytes are; see the table of chapter payload §6. */
  readonly flags: number
  /** Left out when empty. */
  readonly keyId?: string
  readonly keyVersion: number
  /** Left out when empty. */
  readonly sender?: string
  /** With `sequence`, for numbered events. */
  readonly stream?: number
  readonly sequence?: number
  /** Nonce, ciphertext and tag in base64url. */
  readonly sealed: string
}

/**
 * What an envelope says in clear. Authenticated, but only by opening: until then it may choose a key or where
 * the event waits, never what it does. spec P21
 */
export interface EventHeader {
  readonly kind: EventKind
  readonly flags: number
  readonly keyId: string
  readonly keyVersion: number
  readonly sender: string
  /** 0 unless the event is numbered. */
  readonly stream: number
  /** 0 unless the event is numbered. */
  readonly sequence: number
}

/** An envelope of either encoding, read. */
export interface ParsedEnvelope {
  readonly header: EventHeader
  /** Nonce, ciphertext and tag; may share memory with what was read. */
  readonly box: Uint8Array<ArrayBuffer>
}

/** The bits of an envelope's `flags`. spec P21 */
export const EVENT_FLAGS = {
  /** The key was derived from a secret, for this kind and sender. spec P25 */
  derived: 1,
  /** The plaintext is padded. spec P43 */
  padded: 2,
  /** The body is bytes, not JSON. spec P28 */
  bytes: 4,
  /** The event name is in the plaintext. spec P44 */
  hiddenName: 8,
  /** The envelope has a stream and a sequence. spec P39 */
  numbered: 16,
  /** The plaintext begins with a signature. spec P50 */
  signed: 32,
} as const

/** Length of a nonce in bytes. spec P24 */
export const EVENT_NONCE_BYTES = 12

/** The most bytes that the body of an event has. spec P29 */
export const MAX_EVENT_BYTES: number = 2 ** 20

/** The most bytes of a key id, and of a sender, in UTF-8. spec P21 */
export const MAX_NAME_BYTES = 255

/** The highest key version: a u32. */
export const MAX_KEY_VERSION: number = 2 ** 32 - 1

/**
 * Reads what an envelope of either encoding says in clear, to find out which key it wants. Returns
 * `undefined`, not throws, for anything that is none. You must not act upon it before the event opened.
 */
export function readEventHeader(envelope: unknown): EventHeader | undefined {
  return parseEnvelope(envelope)?.header
}

/** The JSON-safe encoding of an envelope in either; `undefined`, not throws, for anything else. spec P27 */
export function envelopeToJson(envelope: unknown): JsonEnvelope | undefined {
  const parsed = parseEnvelope(envelope)
  return parsed && encodeJsonEnvelope(parsed.header, bytesToBase64Url(parsed.box))
}

/** The binary encoding of an envelope in either; `undefined`, not throws, for anything else. spec P27 */
export function envelopeToBinary(envelope: unknown): Uint8Array<ArrayBuffer> | undefined {
  const parsed = parseEnvelope(envelope)
  if (parsed === undefined) return undefined
  const { header, box } = parsed
  const clear = encodeAssociatedData(header, [], new Uint8Array())
  const bytes = new Uint8Array(clear.length + box.length)
  bytes.set(clear)
  bytes.set(box, clear.length)
  return bytes
}

/** Reads either encoding; never throws. spec P26, P27 */
export function parseEnvelope(envelope: unknown): ParsedEnvelope | undefined {
  if (typeof envelope !== 'object' || envelope === null) return undefined
  try {
    if (!isBytes(envelope)) return parseJson(envelope)
    const { buffer, byteOffset, byteLength } = envelope as Uint8Array<ArrayBuffer>
    // A plain view: what others derived from it, or put into it, may say anything later on.
    return parseBinary(new Uint8Array(buffer, byteOffset, byteLength))
  } catch {
    // A getter or a proxy that throws, or memory that is gone.
    return undefined
  }
}

/** The JSON-safe encoding. spec P26 */
export function encodeJsonEnvelope(header: EventHeader, sealed: string): JsonEnvelope {
  const { kind, flags, keyId, keyVersion, sender, stream, sequence } = header
  if (sender === '' && keyId !== '' && (flags & EVENT_FLAGS.numbered) === 0) {
    return { v: FORMAT, kind, flags, keyId, keyVersion, sealed }
  }
  const named = keyId === '' ? {} : { keyId }
  const sent = sender === '' ? {} : { sender }
  const place = (flags & EVENT_FLAGS.numbered) === 0 ? {} : { stream, sequence }
  return { v: FORMAT, kind, flags, ...named, keyVersion, ...sent, ...place, sealed }
}

/**
 * `prefix`, the header in its binary encoding, then each field after its length: what is authenticated. The
 * fields are byte strings. With neither prefix nor fields: the header alone. spec P21, P22
 */
export function encodeAssociatedData(
  header: EventHeader,
  fields: readonly string[],
  prefix: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const keyId = toByteString(header.keyId) ?? ''
  const sender = toByteString(header.sender) ?? ''
  const numbered = (header.flags & EVENT_FLAGS.numbered) !== 0
  let length = prefix.length + headerLength(keyId.length, sender.length, numbered)
  for (const field of fields) length += 2 + field.length
  const bytes = new Uint8Array(length)
  bytes.set(prefix)
  let at = prefix.length
  bytes[at++] = FORMAT
  bytes[at++] = encodeKind(header.kind)
  bytes[at++] = header.flags
  bytes[at++] = keyId.length
  bytes[at++] = sender.length
  at = writeU32(bytes, at, header.keyVersion)
  at = writeByteString(bytes, at, keyId)
  at = writeByteString(bytes, at, sender)
  if (numbered) at = writeU64(bytes, writeU64(bytes, at, header.stream), header.sequence)
  for (const field of fields) {
    bytes[at++] = field.length >> 8
    bytes[at++] = field.length & 255
    at = writeByteString(bytes, at, field)
  }
  return bytes
}

/**
 * Checks a key id or a sender, where there is one.
 *
 * @throws TypeError, RangeError that name the argument
 */
export function checkName(name: string, value: unknown): void {
  if (value !== undefined) checkText(name, value, { min: 1, max: MAX_NAME_BYTES })
}

/** The byte that stands for a kind. spec P21 */
export function encodeKind(kind: EventKind): number {
  return KINDS.indexOf(kind)
}

/** How long the header is that begins at `at`. spec P21 */
export function headerLengthIn(bytes: Uint8Array, at: number): number {
  const numbered = ((bytes[at + 2] ?? 0) & EVENT_FLAGS.numbered) !== 0
  return headerLength(bytes[at + 3] ?? 0, bytes[at + 4] ?? 0, numbered)
}

function parseJson(envelope: object): ParsedEnvelope | undefined {
  // To list the names of a million elements takes longer than to receive them.
  if (Array.isArray(envelope) || ArrayBuffer.isView(envelope)) return undefined
  // Own properties alone, each read once, and none that means nothing: nobody shall trust what is not sealed.
  const read: unknown[] = []
  for (const name of Object.keys(envelope)) {
    const value: unknown = (envelope as { readonly [name: string]: unknown })[name]
    const at = FIELDS.indexOf(name)
    if (at < 0 || value === undefined) return undefined
    read[at] = value
  }
  const [v, kind, flags, keyId, keyVersion, sender, stream, sequence, sealed] = read
  if (v !== FORMAT || typeof kind !== 'string' || !isFlags(flags, KINDS.indexOf(kind)))
    return undefined
  if (!isInteger(keyVersion, MAX_KEY_VERSION)) return undefined
  const numbered = (flags & EVENT_FLAGS.numbered) !== 0
  const isPlace = (value: unknown): boolean =>
    numbered ? isInteger(value, MAX_NUMBER) : value === undefined
  if (!isPlace(stream) || !isPlace(sequence)) return undefined
  // Throws, as a getter may.
  checkName('keyId', keyId)
  checkName('sender', sender)
  if (typeof sealed !== 'string' || sealed.length > MAX_BOX_CHARACTERS) return undefined
  const box = base64UrlToBytes(sealed)
  if (box === undefined || !isBoxLength(box.length)) return undefined
  const header = {
    kind: kind as EventKind,
    flags,
    keyId: (keyId ?? '') as string,
    keyVersion,
    sender: (sender ?? '') as string,
    stream: (stream as number | undefined) ?? 0,
    sequence: (sequence as number | undefined) ?? 0,
  }
  return { header, box }
}

function parseBinary(bytes: Uint8Array<ArrayBuffer>): ParsedEnvelope | undefined {
  if (bytes.length < FIXED_BYTES || bytes[0] !== FORMAT) return undefined
  const [, kind = 0, flags = 0, keyIdLength = 0, senderLength = 0] = bytes
  if (!isFlags(flags, kind)) return undefined
  const numbered = (flags & EVENT_FLAGS.numbered) !== 0
  const start = headerLength(keyIdLength, senderLength, numbered)
  if (!isBoxLength(bytes.length - start)) return undefined
  const senderAt = FIXED_BYTES + keyIdLength
  const keyId = readText(bytes, FIXED_BYTES, senderAt)
  const sender = readText(bytes, senderAt, senderAt + senderLength)
  const stream = numbered ? readU64(bytes, start - 16) : 0
  const sequence = numbered ? readU64(bytes, start - 8) : 0
  if (
    keyId === undefined ||
    sender === undefined ||
    stream === undefined ||
    sequence === undefined
  ) {
    return undefined
  }
  const keyVersion = readU32(bytes, 5)
  const header = {
    kind: KINDS[kind] as EventKind,
    flags,
    keyId,
    keyVersion,
    sender,
    stream,
    sequence,
  }
  return { header, box: bytes.subarray(start) }
}

function isFlags(flags: unknown, kind: number): flags is number {
  if (kind < 1 || kind >= KINDS.length || !isInteger(flags, ALL_FLAGS)) return false
  // A chat message has no event name to hide.
  return KINDS[kind] !== 'chat' || (flags & EVENT_FLAGS.hiddenName) === 0
}

const headerLength = (keyId: number, sender: number, numbered: boolean): number =>
  FIXED_BYTES + keyId + sender + (numbered ? 16 : 0)

const isBoxLength = (length: number): boolean => length >= MIN_BOX_BYTES && length <= MAX_BOX_BYTES

const isInteger = (value: unknown, max: number): value is number =>
  typeof value === 'number' &&
  Number.isInteger(value) &&
  value >= 0 &&
  value <= max &&
  !Object.is(value, -0)

function writeU32(bytes: Uint8Array, at: number, value: number): number {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
  return at + 4
}

const writeU64 = (bytes: Uint8Array, at: number, value: number): number =>
  writeU32(bytes, writeU32(bytes, at, Math.floor(value / WORD)), value % WORD)

const readU32 = (bytes: Uint8Array, at: number): number =>
  (((bytes[at] ?? 0) << 24) |
    ((bytes[at + 1] ?? 0) << 16) |
    ((bytes[at + 2] ?? 0) << 8) |
    (bytes[at + 3] ?? 0)) >>>
  0

function readU64(bytes: Uint8Array, at: number): number | undefined {
  const value = readU32(bytes, at) * WORD + readU32(bytes, at + 4)
  return value > MAX_NUMBER ? undefined : value
}

const FIELDS: readonly string[] =
  'v kind flags keyId keyVersion sender stream sequence sealed'.split(' ')
const FORMAT = 2
const KINDS: readonly string[] = ['', 'chat', 'call', 'realtime']
const FIXED_BYTES = 9
const ALL_FLAGS = 63
const WORD = 2 ** 32
const MAX_NUMBER = Number.MAX_SAFE_INTEGER
const MIN_BOX_BYTES = EVENT_NONCE_BYTES + TAG_BYTES
/** Room for a name, and for the eighth that padding adds. spec P29 */
const MAX_BOX_BYTES: number = MIN_BOX_BYTES + MAX_EVENT_BYTES + MAX_EVENT_BYTES / 8
const MAX_BOX_CHARACTERS: number = Math.ceil((MAX_BOX_BYTES * 4) / 3)
