/** An event as a transport without event names of its own carries it. spec T41 */
export interface EventFrame {
  readonly name: string
  readonly envelope: unknown
}

/** Whether a value is a `Uint8Array`, of this realm or another. */
export function isBytes(value: unknown): value is Uint8Array<ArrayBuffer> {
  return ArrayBuffer.isView(value) && (value as Uint8Array)[Symbol.toStringTag] === 'Uint8Array'
}

/** JSON text of an event. spec T41 */
export function encodeTextFrame({ name, envelope }: EventFrame): string {
  return JSON.stringify({ event: name, data: envelope })
}

/** Bytes of an event: `u8 1 ‖ u16 length ‖ name ‖ envelope`. spec T41 */
export function encodeBinaryFrame(name: string, envelope: Uint8Array): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(name)
  const bytes = new Uint8Array(HEAD_BYTES + text.length + envelope.length)
  bytes[0] = FORMAT
  new DataView(bytes.buffer).setUint16(1, text.length)
  bytes.set(text, HEAD_BYTES)
  bytes.set(envelope, HEAD_BYTES + text.length)
  return bytes
}

/**
 * An event from what a socket or data channel brought: text, an `ArrayBuffer`, or bytes. Returns `undefined`, not
 * throws, for anything else, and for what is longer than `maxBytes`.
 */
export function decodeFrame(data: unknown, maxBytes: number): EventFrame | undefined {
  try {
    if (typeof data === 'string') return data.length > maxBytes ? undefined : decodeText(data)
    const isBuffer = Object.prototype.toString.call(data) === '[object ArrayBuffer]'
    const bytes = isBuffer ? new Uint8Array(data as ArrayBuffer) : data
    return isBytes(bytes) && bytes.length <= maxBytes ? decodeBytes(bytes) : undefined
  } catch {
    // No JSON, no UTF-8, or something that throws when it is looked at.
    return undefined
  }
}

/** @throws SyntaxError */
function decodeText(text: string): EventFrame | undefined {
  const frame: unknown = JSON.parse(text)
  if (typeof frame !== 'object' || frame === null) return undefined
  const { event, data } = frame as { readonly event?: unknown; readonly data?: unknown }
  return typeof event === 'string' ? { name: event, envelope: data } : undefined
}

/** @throws TypeError */
function decodeBytes(bytes: Uint8Array<ArrayBuffer>): EventFrame | undefined {
  if (bytes.length < HEAD_BYTES || bytes[0] !== FORMAT) return undefined
  const end = HEAD_BYTES + (((bytes[1] ?? 0) << 8) | (bytes[2] ?? 0))
  if (end > bytes.length) return undefined
  return { name: decoder.decode(bytes.subarray(HEAD_BYTES, end)), envelope: bytes.subarray(end) }
}

const FORMAT = 1
const HEAD_BYTES = 3
// A byte order mark is a character like any other here, or two names would have the same bytes.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
