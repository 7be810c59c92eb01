import { decodeText, textToBytes, textToScratch, viewBytes, writeByteString } from '@conclave/base'
import { E2eeError } from '../errors.ts'
import { EVENT_FLAGS, MAX_EVENT_BYTES } from './event-header.ts'
import { pad, unpad } from './padding.ts'
import { toPlainJson } from './plain-json.ts'

/** The content of an envelope. */
export interface EventBody {
  /** As `JSON.parse` makes it, or a `Uint8Array` when bytes were sealed. */
  readonly value: unknown
  /** The event name, where it was hidden. */
  readonly eventName: string | undefined
}

/**
 * The plaintext of a value, in `scratch` if it fits there. `hiddenName` is a byte string. spec P28
 *
 * @throws TypeError, RangeError as `toPlainJson`; TypeError for bytes that were transferred
 * @throws E2eeError `ERR_E2EE_TOO_LARGE`
 */
export function encodeBody(
  value: unknown,
  { flags, hiddenName }: { readonly flags: number; readonly hiddenName: string },
  scratch?: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const isJson = (flags & EVENT_FLAGS.bytes) === 0
  const body = isJson ? encodeJson(value, scratch) : copyValue(value)
  if (body.length > MAX_EVENT_BYTES) throw tooLargeError(body.length)
  if ((flags & (EVENT_FLAGS.hiddenName | EVENT_FLAGS.padded)) === 0) return body
  const named = (flags & EVENT_FLAGS.hiddenName) === 0 ? body : prependName(body, hiddenName)
  return (flags & EVENT_FLAGS.padded) === 0 ? named : pad(named)
}

/** Decodes a plaintext; `undefined`, not throws, when it is malformed. Takes over `plaintext`. spec P28 */
export function decodeBody(
  plaintext: Uint8Array<ArrayBuffer>,
  { flags, maxBytes }: { readonly flags: number; readonly maxBytes: number },
): EventBody | undefined {
  let body: Uint8Array<ArrayBuffer> | undefined = plaintext
  if ((flags & EVENT_FLAGS.padded) !== 0) body = unpad(body)
  let eventName: string | undefined
  if (body !== undefined && (flags & EVENT_FLAGS.hiddenName) !== 0) {
    const end = 2 + (((body[0] ?? 0) << 8) | (body[1] ?? 0))
    if (end === 2 || end > body.length) return undefined
    eventName = decodeText(body, 2, end)
    if (eventName === undefined) return undefined
    body = body.subarray(end)
  }
  if (body === undefined || body.length > maxBytes) return undefined
  if ((flags & EVENT_FLAGS.bytes) !== 0) return { value: body, eventName }
  const text = decodeText(body)
  if (text === undefined) return undefined
  try {
    return { value: toPlainJson(JSON.parse(text)), eventName }
  } catch {
    return undefined
  }
}

function copyValue(value: unknown): Uint8Array<ArrayBuffer> {
  const bytes = viewBytes(value)
  if (bytes === undefined) throw new TypeError('"value" expected bytes, not transferred')
  return bytes.slice()
}

function encodeJson(
  value: unknown,
  scratch: Uint8Array<ArrayBuffer> | undefined,
): Uint8Array<ArrayBuffer> {
  const text = JSON.stringify(toPlainJson(value))
  return scratch === undefined ? textToBytes(text) : textToScratch(text, scratch)
}

function prependName(body: Uint8Array, name: string): Uint8Array<ArrayBuffer> {
  const named = new Uint8Array(2 + name.length + body.length)
  named[0] = name.length >> 8
  named[1] = name.length & 255
  named.set(body, writeByteString(named, 2, name))
  return named
}

const tooLargeError = (byteLength: number): E2eeError<'ERR_E2EE_TOO_LARGE'> =>
  new E2eeError('ERR_E2EE_TOO_LARGE', { byteLength, maxBytes: MAX_EVENT_BYTES })
