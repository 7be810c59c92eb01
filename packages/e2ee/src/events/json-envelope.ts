import { decodeBase64Url } from '@conclave/base'
import { MAX_EPOCH } from '../keys/epoch.ts'
import type { EventKind } from './event-context.ts'
import {
  checkName,
  EVENT_FORMAT,
  EVENT_KINDS,
  isBoxLength,
  isFlags,
  isNatural,
  isNumbered,
  MAX_BOX_BYTES,
} from './event-header.ts'
import type { EventHeader, ParsedEnvelope } from './event-header.ts'

/** A sealed event for transports that carry JSON: survives `JSON.stringify`. spec P26 */
export interface JsonEnvelope {
  readonly v: 2
  readonly kind: EventKind
  /** The kind of the sealed bytes; see the table of chapter payload §6. */
  readonly flags: number
  /** Left out when empty. */
  readonly keyId?: string
  /** A number up to 2^53 − 1; beyond that decimal text. */
  readonly epoch: number | string
  /** Left out when empty. */
  readonly sender?: string
  /** With `sequence`, for numbered events. */
  readonly stream?: number
  readonly sequence?: number
  /** Nonce, ciphertext and tag in base64url. */
  readonly sealed: string
}

/** The JSON-safe encoding. spec P26 */
export function encodeJsonEnvelope(header: EventHeader, sealed: string): JsonEnvelope {
  const { kind, flags, keyId, sender, stream, sequence } = header
  const epoch = header.epoch > MAX_NUMBER ? `${header.epoch}` : Number(header.epoch)
  const envelope: Writable<JsonEnvelope> = { v: EVENT_FORMAT, kind, flags, epoch, sealed }
  if (keyId !== '') envelope.keyId = keyId
  if (sender !== '') envelope.sender = sender
  return isNumbered(header) ? Object.assign(envelope, { stream, sequence }) : envelope
}

/** Decodes the JSON-safe encoding; `undefined` for anything else. Passes on errors of getters and proxies. spec P26 */
export function decodeJsonEnvelope(envelope: unknown): ParsedEnvelope | undefined {
  // To list the names of a million elements or characters takes longer than to receive them.
  if (Array.isArray(envelope) || typeof envelope !== 'object') return undefined
  // Only own properties, each read once, and no unknown ones: no caller may trust a value that is not sealed.
  const read: unknown[] = []
  for (const name of Object.keys(envelope as object)) {
    const value: unknown = (envelope as { readonly [name: string]: unknown })[name]
    const at = FIELDS.indexOf(name)
    if (at < 0 || value === undefined) return undefined
    read[at] = value
  }
  const [v, kind, flags, keyId, givenEpoch, sender, stream, sequence, sealed] = read
  if (v !== EVENT_FORMAT || typeof kind !== 'string') return undefined
  if (!isFlags(flags, EVENT_KINDS.indexOf(kind), sender !== undefined)) return undefined
  const epoch = decodeEpoch(givenEpoch)
  if (epoch === undefined) return undefined
  const numbered = isNumbered({ flags })
  const isPlace = (value: unknown): boolean => (numbered ? isNatural(value) : value === undefined)
  if (!isPlace(stream) || !isPlace(sequence)) return undefined
  // Throws, as a getter may.
  checkName('keyId', keyId)
  checkName('sender', sender)
  if (typeof sealed !== 'string' || sealed.length > MAX_BOX_CHARACTERS) return undefined
  const box = decodeBase64Url(sealed)
  if (box === undefined || !isBoxLength(box.length)) return undefined
  const header = {
    kind: kind as EventKind,
    flags,
    keyId: (keyId ?? '') as string,
    epoch,
    sender: (sender ?? '') as string,
    stream: (stream as number | undefined) ?? 0,
    sequence: (sequence as number | undefined) ?? 0,
  }
  return { header, box }
}

type Writable<T> = { -readonly [Name in keyof T]: T[Name] }

/** An epoch has one spelling: a number where JSON can say it exactly, else decimal text. */
function decodeEpoch(value: unknown): bigint | undefined {
  if (isNatural(value)) return BigInt(value)
  if (typeof value !== 'string' || !DECIMAL.test(value)) return undefined
  const epoch = BigInt(value)
  return epoch > MAX_NUMBER && epoch <= MAX_EPOCH ? epoch : undefined
}

const FIELDS: readonly string[] = 'v kind flags keyId epoch sender stream sequence sealed'.split(
  ' ',
)
const DECIMAL = /^[1-9]\d{15,19}$/
const MAX_NUMBER = BigInt(Number.MAX_SAFE_INTEGER)
const MAX_BOX_CHARACTERS: number = Math.ceil((MAX_BOX_BYTES * 4) / 3)
