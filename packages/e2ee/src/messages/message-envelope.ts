import { MAX_PAYLOAD_BYTES } from '@conclave/wire'

/** Who a sealed message is for: everyone in the room, or one participant. */
export type Audience = 'room' | 'direct'

/**
 * What a sealed message says in clear. All of it is authenticated (spec P6), but only by opening: until then a
 * field may choose where the message waits, never what it does.
 */
export interface EnvelopeHeader {
  /** What the message is to the application: a u8 of its choice. */
  readonly kind: number
  readonly audience: Audience
  /** Which root sealed it: a u64. */
  readonly epoch: bigint
  /** Its place in its stream: an integer up to {@link MAX_SEQUENCE}. */
  readonly sequence: number
}

/** Length of the header in bytes. spec, table of chapter payload §2 */
export const ENVELOPE_HEADER_BYTES = 20

/** Where the eight bytes of the sequence begin, which end the header. */
export const SEQUENCE_OFFSET = 12

/** Length of the authentication tag in bytes: all that GCM gives. */
export const TAG_BYTES = 16

/** How much longer a sealed message is than its body, in bytes. */
export const SEALED_OVERHEAD_BYTES: number = ENVELOPE_HEADER_BYTES + TAG_BYTES

/** The longest sealed message in bytes: what one data frame carries. spec P5 */
export const MAX_SEALED_BYTES: number = MAX_PAYLOAD_BYTES

/** The longest body in bytes. spec P5 */
export const MAX_BODY_BYTES: number = MAX_SEALED_BYTES - SEALED_OVERHEAD_BYTES

/** The highest sequence. spec P3 */
export const MAX_SEQUENCE: number = Number.MAX_SAFE_INTEGER

/** The 20 bytes of a header; the caller has checked the fields. */
export function encodeEnvelopeHeader(fields: EnvelopeHeader): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(ENVELOPE_HEADER_BYTES))
  view.setUint8(0, VERSION)
  view.setUint8(1, fields.kind)
  view.setUint8(2, fields.audience === 'room' ? ROOM : DIRECT)
  view.setBigUint64(4, fields.epoch)
  view.setUint32(SEQUENCE_OFFSET, Math.floor(fields.sequence / WORD))
  view.setUint32(SEQUENCE_OFFSET + 4, fields.sequence % WORD)
  return new Uint8Array(view.buffer)
}

/**
 * Reads the header of a sealed message, without opening it. Returns `undefined`, not throws, for bytes that
 * are no sealed message. spec P7
 */
export function decodeEnvelopeHeader(bytes: Uint8Array): EnvelopeHeader | undefined {
  if (bytes.length < SEALED_OVERHEAD_BYTES || bytes.length > MAX_SEALED_BYTES) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, ENVELOPE_HEADER_BYTES)
  const audience = view.getUint8(2)
  const sequence = view.getUint32(SEQUENCE_OFFSET) * WORD + view.getUint32(SEQUENCE_OFFSET + 4)
  if (view.getUint8(0) !== VERSION || view.getUint8(3) !== 0) return undefined
  if (audience > DIRECT || sequence > MAX_SEQUENCE) return undefined
  return {
    kind: view.getUint8(1),
    audience: audience === ROOM ? 'room' : 'direct',
    epoch: view.getBigUint64(4),
    sequence,
  }
}

const VERSION = 1
const ROOM = 0
const DIRECT = 1
const WORD = 2 ** 32
