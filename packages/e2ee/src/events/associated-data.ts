import { textToBytes, writeByteString } from '@conclave/base'
import type { CheckedContext } from './event-context.ts'
import { EVENT_FLAGS, toHeaderParts, writeHeader } from './event-header.ts'
import type { EventHeader } from './event-header.ts'

/** The bytes that both ends authenticate. */
export interface AssociatedData {
  /** Prefix, header, and the fields of the context that are in clear. spec P22 */
  readonly bytes: Uint8Array<ArrayBuffer>
  /** The header in it. spec P21 */
  readonly headerBytes: Uint8Array<ArrayBuffer>
}

/** Encodes the header and the context for authentication. spec P22 */
export function encodeAssociatedData(
  header: EventHeader,
  { ids, eventName }: CheckedContext,
): AssociatedData {
  const isClear = eventName !== undefined && (header.flags & EVENT_FLAGS.hiddenName) === 0
  const fields = isClear ? [...ids, eventName] : ids
  const parts = toHeaderParts(header)
  let length = PREFIX.length + parts.length
  for (const field of fields) length += 2 + field.length
  const bytes = new Uint8Array(length)
  bytes.set(PREFIX)
  const headerEnd = writeHeader(bytes, PREFIX.length, parts)
  let at = headerEnd
  for (const field of fields) {
    bytes[at++] = field.length >> 8
    bytes[at++] = field.length & 255
    at = writeByteString(bytes, at, field)
  }
  return { bytes, headerBytes: bytes.subarray(PREFIX.length, headerEnd) }
}

const PREFIX = textToBytes('conclave/1 event\0')
