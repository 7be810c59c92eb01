import { checkText, decodeText, toByteString, writeByteString } from '@conclave/base'
import { NONCE_BYTES, TAG_BYTES } from '@conclave/crypto'
import { COMMITMENT_BYTES } from '../core/keyed-cipher.ts'
import type { KeyName } from '../keys/event-keys.ts'
import type { EventKind } from './event-context.ts'

/**
 * The part of an envelope that is in clear. Authenticated, but only by opening: until then it may choose a key or where
 * the event waits, never what it does. spec P21
 */
export interface EventHeader extends KeyName {
  readonly kind: EventKind
  readonly flags: number
  readonly sender: string
  /** 0 unless the event is numbered. */
  readonly stream: number
  /** 0 unless the event is numbered. */
  readonly sequence: number
}

/** An envelope of either encoding, decoded. */
export interface ParsedEnvelope {
  readonly header: EventHeader
  /** Nonce, ciphertext and tag; may share memory with the decoded bytes. */
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

/** The first byte, and the `v`, of an event. spec P21 */
export const EVENT_FORMAT = 2

/** The names of kinds, by the byte that stands for them. spec P21 */
export const EVENT_KINDS: readonly string[] = ['', 'chat', 'call', 'realtime']

/** The most bytes that the body of an event has. spec P29 */
export const MAX_EVENT_BYTES: number = 2 ** 20

/** The most bytes of a key id, and of a sender, in UTF-8. spec P21 */
export const MAX_NAME_BYTES = 255

/** The bytes of nonce, commitment and tag. */
const MIN_BOX_BYTES: number = NONCE_BYTES + COMMITMENT_BYTES + TAG_BYTES

/** The most bytes of nonce, ciphertext and tag: there is room for a name, and for the eighth that padding adds. spec P29 */
export const MAX_BOX_BYTES: number = MIN_BOX_BYTES + MAX_EVENT_BYTES + MAX_EVENT_BYTES / 8

/** The byte that stands for a kind. spec P21 */
export function encodeKind(kind: EventKind): number {
  return EVENT_KINDS.indexOf(kind)
}

/** Whether a header has a stream and a sequence. */
export function isNumbered({ flags }: { readonly flags: number }): boolean {
  return (flags & EVENT_FLAGS.numbered) !== 0
}

/** A header with its texts as byte strings, ready to be written. */
export interface HeaderParts {
  readonly header: EventHeader
  readonly keyId: string
  readonly sender: string
  /** Of the header in bytes. */
  readonly length: number
}

/** Prepares a header for {@link writeHeader}. */
export function toHeaderParts(header: EventHeader): HeaderParts {
  const keyId = toByteString(header.keyId) ?? ''
  const sender = toByteString(header.sender) ?? ''
  const numbers = isNumbered(header) ? NUMBERS_BYTES : 0
  return { header, keyId, sender, length: FIXED_BYTES + keyId.length + sender.length + numbers }
}

/** Writes a header in its binary encoding; returns where it ends. spec P21 */
export function writeHeader(
  bytes: Uint8Array,
  start: number,
  { header, keyId, sender }: HeaderParts,
): number {
  let at = start
  bytes[at++] = EVENT_FORMAT
  bytes[at++] = encodeKind(header.kind)
  bytes[at++] = header.flags
  bytes[at++] = keyId.length
  bytes[at++] = sender.length
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  view.setBigUint64(at, header.epoch)
  at = writeByteString(bytes, at + 8, keyId)
  at = writeByteString(bytes, at, sender)
  if (!isNumbered(header)) return at
  view.setBigUint64(at, BigInt(header.stream))
  view.setBigUint64(at + 8, BigInt(header.sequence))
  return at + NUMBERS_BYTES
}

/** Decodes the binary encoding, whose first byte the caller has looked at; `undefined`, not throws, for anything else. spec P27 */
export function decodeBinaryEnvelope(bytes: Uint8Array<ArrayBuffer>): ParsedEnvelope | undefined {
  if (bytes.length < FIXED_BYTES) return undefined
  const [, kind = 0, flags = 0, keyIdLength = 0, senderLength = 0] = bytes
  if (!isFlags(flags, kind, senderLength > 0)) return undefined
  const numbered = isNumbered({ flags })
  const start = FIXED_BYTES + keyIdLength + senderLength + (numbered ? NUMBERS_BYTES : 0)
  if (!isBoxLength(bytes.length - start)) return undefined
  const senderAt = FIXED_BYTES + keyIdLength
  const keyId = decodeText(bytes, FIXED_BYTES, senderAt)
  const sender = decodeText(bytes, senderAt, senderAt + senderLength)
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const stream = numbered ? Number(view.getBigUint64(start - 16)) : 0
  const sequence = numbered ? Number(view.getBigUint64(start - 8)) : 0
  if (keyId === undefined || sender === undefined) return undefined
  if (!isNatural(stream) || !isNatural(sequence)) return undefined
  const epoch = view.getBigUint64(EPOCH_AT)
  const header = {
    ...{ kind: EVENT_KINDS[kind] as EventKind, flags },
    ...{ keyId, epoch, sender, stream, sequence },
  }
  return { header, box: bytes.subarray(start) }
}

/** Whether these flags may stand in an event of this kind, with a sender or without. spec P21 */
export function isFlags(flags: unknown, kind: number, hasSender: boolean): flags is number {
  if (kind < 1 || kind >= EVENT_KINDS.length || !isNatural(flags, ALL_FLAGS)) return false
  if (!hasSender && (flags & FLAGS_OF_SENDER) !== 0) return false
  // A chat message has no event name to hide.
  return EVENT_KINDS[kind] !== 'chat' || (flags & EVENT_FLAGS.hiddenName) === 0
}

/** Whether so many bytes can be nonce, ciphertext and tag. spec P29 */
export function isBoxLength(length: number): boolean {
  return length >= MIN_BOX_BYTES && length <= MAX_BOX_BYTES
}

/** Whether a value is an integer from 0 to `max`, in its one spelling. */
export function isNatural(value: unknown, max: number = Number.MAX_SAFE_INTEGER): value is number {
  return (
    typeof value === 'number' &&
    Number.isInteger(value) &&
    value >= 0 &&
    value <= max &&
    !Object.is(value, -0)
  )
}

/**
 * Checks a key id or a sender, where there is one.
 *
 * @throws TypeError, RangeError that name the argument
 */
export function checkName(name: string, value: unknown): void {
  if (value !== undefined) checkText(name, value, { min: 1, max: MAX_NAME_BYTES })
}

const EPOCH_AT = 5
const FIXED_BYTES: number = EPOCH_AT + 8
const NUMBERS_BYTES = 16
const ALL_FLAGS = 63
/** A number and a signature are a sender's. */
const FLAGS_OF_SENDER: number = EVENT_FLAGS.numbered | EVENT_FLAGS.signed
