import {
  concatBytes,
  decodeBytes,
  decodeText,
  textToBytes,
  viewBytes,
  withLength,
} from '@conclave/base'
import { AdapterError } from '../errors.ts'

/** An event as a transport without event names carries it. spec T41 */
export interface EventFrame {
  readonly name: string
  readonly envelope: unknown
}

/** JSON text of an event. spec T41 */
export function encodeTextFrame({ name, envelope }: EventFrame): string {
  return JSON.stringify({ event: name, data: envelope })
}

/** Bytes of an event: `u8 1 ‖ u16 length ‖ name ‖ envelope`. spec T41 */
export function encodeEventFrame(name: string, envelope: Uint8Array): Uint8Array<ArrayBuffer> {
  return concatBytes([FORMAT], withLength(textToBytes(name)), envelope)
}

/**
 * The length of a frame in bytes.
 *
 * @throws AdapterError `ERR_ADAPTER_TOO_LARGE`. spec T42, T62
 */
export function checkFrameSize(frame: string | Uint8Array, maxBytes: number): number {
  const byteLength = typeof frame === 'string' ? textToBytes(frame).length : frame.length
  if (byteLength <= maxBytes) return byteLength
  throw new AdapterError('ERR_ADAPTER_TOO_LARGE', { byteLength, maxBytes })
}

/**
 * An event from the data that a socket or data channel received: text, text as bytes, or bytes, in memory of any form, in
 * one piece or in a list of pieces. Returns `undefined`, not throws, for anything else, and for frames longer than
 * `maxBytes`. spec T43
 */
export function decodeEventFrame(data: unknown, maxBytes: number): EventFrame | undefined {
  if (typeof data === 'string') return data.length > maxBytes ? undefined : decodeTextFrame(data)
  const bytes = decodeBytes(viewBytes(data) ?? joinPieces(data, maxBytes), {
    min: HEAD_BYTES,
    max: maxBytes,
  })
  if (bytes?.[0] === BRACE) {
    const text = decodeText(bytes)
    return text === undefined ? undefined : decodeTextFrame(text)
  }
  if (bytes === undefined || bytes[0] !== FORMAT) return undefined
  const end = HEAD_BYTES + (((bytes[1] ?? 0) << 8) | (bytes[2] ?? 0))
  const name = end > bytes.length ? undefined : decodeText(bytes, HEAD_BYTES, end)
  return name === undefined ? undefined : { name, envelope: bytes.subarray(end) }
}

/** The pieces of a message in which it arrived, as the `fragments` of a socket of `ws`. */
function joinPieces(pieces: unknown, maxBytes: number): Uint8Array | undefined {
  let length = 0
  const parts: Uint8Array[] = []
  try {
    if (!Array.isArray(pieces)) return undefined
    for (const piece of pieces) {
      const part = viewBytes(piece)
      length += part?.length ?? Infinity
      if (part === undefined || length > maxBytes) return undefined
      parts.push(part)
    }
    return concatBytes(...parts)
  } catch {
    // A getter or a proxy threw.
    return undefined
  }
}

function decodeTextFrame(text: string): EventFrame | undefined {
  const frame = parseJson(text)
  if (typeof frame !== 'object' || frame === null) return undefined
  const { event, data } = frame as { readonly event?: unknown; readonly data?: unknown }
  return typeof event === 'string' ? { name: event, envelope: data } : undefined
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const FORMAT = 1
/** `{` */
const BRACE = 0x7b
const HEAD_BYTES = 3
