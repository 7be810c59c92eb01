import { decodeText, encodeBase64Url, viewBytes } from '@conclave/base'
import {
  decodeBinaryEnvelope,
  EVENT_FORMAT,
  MAX_EVENT_BYTES,
  toHeaderParts,
  writeHeader,
} from './event-header.ts'
import type { EventHeader, ParsedEnvelope } from './event-header.ts'
import { decodeJsonEnvelope, encodeJsonEnvelope } from './json-envelope.ts'
import type { JsonEnvelope } from './json-envelope.ts'

/**
 * Decodes the clear part of an envelope of either encoding, to find out which key it needs. Returns
 * `undefined`, not throws, for anything else. You must not act upon it before the event opened.
 */
export function decodeEventHeader(envelope: unknown): EventHeader | undefined {
  return decodeEnvelope(envelope)?.header
}

/** The JSON-safe encoding of an envelope in either; `undefined`, not throws, for anything else. spec P27 */
export function envelopeToJson(envelope: unknown): JsonEnvelope | undefined {
  const parsed = decodeEnvelope(envelope)
  return parsed && encodeJsonEnvelope(parsed.header, encodeBase64Url(parsed.box))
}

/** The binary encoding of an envelope in either; `undefined`, not throws, for anything else. spec P27 */
export function envelopeToBinary(envelope: unknown): Uint8Array<ArrayBuffer> | undefined {
  const parsed = decodeEnvelope(envelope)
  if (parsed === undefined) return undefined
  const parts = toHeaderParts(parsed.header)
  const bytes = new Uint8Array(parts.length + parsed.box.length)
  bytes.set(parsed.box, writeHeader(bytes, 0, parts))
  return bytes
}

/**
 * Decodes either encoding, the JSON-safe one also from its text or the bytes of this, bytes in any memory; `undefined`, not
 * throws, for anything else. spec P26, P27, P48
 */
export function decodeEnvelope(envelope: unknown): ParsedEnvelope | undefined {
  try {
    // A copy: others may write into the memory, and WebCrypto refuses memory that is shared or can be resized.
    const bytes = viewBytes(envelope)?.slice(0, MORE_THAN_FITS)
    if (bytes?.[0] === EVENT_FORMAT) return decodeBinaryEnvelope(bytes)
    const text = bytes ? decodeText(bytes) : envelope
    return decodeJsonEnvelope(
      typeof text === 'string' ? JSON.parse(text.slice(0, MORE_THAN_FITS)) : text,
    )
  } catch {
    // No object, no JSON, or a getter or a proxy that throws.
    return undefined
  }
}

const MORE_THAN_FITS: number = 2 * MAX_EVENT_BYTES
