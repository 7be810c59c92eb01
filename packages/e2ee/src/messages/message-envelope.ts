import { concatBytes, decodeText, isBytes, textToBytes, uintToBytes } from '@conclave/base'
import { TAG_BYTES } from '@conclave/crypto'
import { MAX_PAYLOAD_BYTES } from '@conclave/wire'
import { COMMITMENT_BYTES } from '../core/keyed-cipher.ts'
import type { KeyName } from '../keys/event-keys.ts'

/**
 * The receivers of a sealed message: everyone in the room, or one participant. `data` is for one participant too, in a stream
 * beside the direct one: a gap in it means nothing. spec P2
 */
export type Audience = 'room' | 'direct' | 'data'

/**
 * The part of a sealed message that is in clear. All of it is authenticated (spec P6), but only by opening: until then
 * a field may choose where the message waits, never what it does.
 */
export interface EnvelopeHeader extends KeyName {
  /** A u8 of the application's choice. */
  readonly kind: number
  readonly audience: Audience
  /** Its place in its stream: an integer up to {@link MAX_SEQUENCE}. */
  readonly sequence: number
  /** Drawn by the sealer: two sealers of one session share no key. spec P17 */
  readonly salt: Uint8Array<ArrayBuffer>
}

/** Length of the header in bytes, without a key id. spec, table of chapter payload §2 */
const ENVELOPE_HEADER_BYTES = 28

/** Where the byte of the audience is. */
export const AUDIENCE_OFFSET = 2

/** Where the eight bytes of the sequence begin; the salt and the key id follow them. */
export const SEQUENCE_OFFSET = 12

/** Length of a sealer's salt in bytes. */
export const SALT_BYTES = 8

/** How much longer a sealed message is than its body, in bytes; a key id adds its own length. */
export const SEALED_OVERHEAD_BYTES: number = ENVELOPE_HEADER_BYTES + COMMITMENT_BYTES + TAG_BYTES

/** The longest sealed message in bytes, which fits one data frame. spec P5 */
export const MAX_SEALED_BYTES: number = MAX_PAYLOAD_BYTES

/** The longest body in bytes, under a key without a key id. spec P5 */
export const MAX_BODY_BYTES: number = MAX_SEALED_BYTES - SEALED_OVERHEAD_BYTES

/** The highest sequence. spec P3 */
export const MAX_SEQUENCE: number = Number.MAX_SAFE_INTEGER

/** The bytes of a header. You must check the fields before. */
export function encodeEnvelopeHeader(header: EnvelopeHeader): Uint8Array<ArrayBuffer> {
  const { kind, audience, epoch, sequence, salt } = header
  const keyId = textToBytes(header.keyId)
  const start = [VERSION, kind, AUDIENCES.indexOf(audience), keyId.length]
  return concatBytes(start, uintToBytes(epoch, 8), uintToBytes(sequence, 8), salt, keyId)
}

/**
 * Decodes the header of a sealed message, without opening it. Returns `undefined`, not throws, for anything else.
 * spec P7
 */
export function decodeEnvelopeHeader(bytes: Uint8Array): EnvelopeHeader | undefined {
  if (!isBytes(bytes) || bytes.length < SEALED_OVERHEAD_BYTES || bytes.length > MAX_SEALED_BYTES)
    return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, ENVELOPE_HEADER_BYTES)
  const audience = AUDIENCES[bytes[AUDIENCE_OFFSET] ?? AUDIENCES.length]
  const sequence = Number(view.getBigUint64(SEQUENCE_OFFSET))
  const end = headerLength(bytes)
  if (bytes[0] !== VERSION || end + COMMITMENT_BYTES + TAG_BYTES > bytes.length) {
    return undefined
  }
  if (audience === undefined || sequence > MAX_SEQUENCE) return undefined
  const keyId = decodeText(bytes, ENVELOPE_HEADER_BYTES, end)
  if (keyId === undefined) return undefined
  return {
    kind: bytes[1] ?? 0,
    audience,
    keyId,
    epoch: view.getBigUint64(4),
    sequence,
    salt: bytes.slice(SALT_OFFSET, ENVELOPE_HEADER_BYTES),
  }
}

/** Where the header of a sealed message ends. */
export const headerLength = (bytes: Uint8Array): number => ENVELOPE_HEADER_BYTES + (bytes[3] ?? 0)

const SALT_OFFSET = SEQUENCE_OFFSET + 8
const VERSION = 1
/** Each by its number in the envelope. */
export const AUDIENCES: readonly Audience[] = ['room', 'direct', 'data']
