import { encodeBase64Url, isBytes } from '@conclave/base'
import { decodeBinaryEnvelope, toHeaderParts, writeHeader } from './event-header.ts'
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

/** Decodes either encoding; `undefined`, not throws, for anything else. spec P26, P27 */
export function decodeEnvelope(envelope: unknown): ParsedEnvelope | undefined {
  if (typeof envelope !== 'object' || envelope === null) return undefined
  try {
    if (!isBytes(envelope)) return decodeJsonEnvelope(envelope)
    const { buffer, byteOffset, byteLength } = envelope as Uint8Array<ArrayBuffer>
    // A plain view: a subclass, or an object with own properties, could answer differently later.
    return decodeBinaryEnvelope(new Uint8Array(buffer, byteOffset, byteLength))
  } catch {
    // A getter or a proxy that throws, or memory that is gone.
    return undefined
  }
}
