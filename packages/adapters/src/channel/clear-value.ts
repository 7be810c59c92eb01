import { decodeBytes, decodeText, textToBytes, viewBytes } from '@conclave/base'
import { decodeEventHeader, MAX_EVENT_BYTES, toPlainJson } from '@conclave/e2ee'
import { AdapterError } from '../errors.ts'

/** The value of a clear event as a copy of plain objects and lists, and as JSON in UTF-8. */
export interface ClearValue {
  readonly value: unknown
  readonly bytes: Uint8Array<ArrayBuffer>
}

/**
 * Reads the value of a clear event that is sent. spec T18
 *
 * @throws TypeError, RangeError that name the place in the value
 * @throws AdapterError `ERR_ADAPTER_TOO_LARGE`
 */
export function encodeClearValue(given: unknown): ClearValue {
  const value = toPlainJson(given)
  if (isEnvelope(value))
    throw new TypeError('"value" expected no envelope: the name is declared clear')
  const bytes = textToBytes(JSON.stringify(value))
  if (bytes.length <= MAX_EVENT_BYTES) return { value, bytes }
  const details = { byteLength: bytes.length, maxBytes: MAX_EVENT_BYTES }
  throw new AdapterError('ERR_ADAPTER_TOO_LARGE', details)
}

/**
 * The value of a clear event that arrived: JSON, or its text in UTF-8 in memory of any form. Returns `undefined`, not throws,
 * for anything else. spec T19
 */
export function decodeClearValue(data: unknown): Pick<ClearValue, 'value'> | undefined {
  try {
    const view = viewBytes(data)
    if (view === undefined) {
      const value = toPlainJson(data)
      return textToBytes(JSON.stringify(value)).length > MAX_EVENT_BYTES ? undefined : { value }
    }
    const bytes = decodeBytes(view, { min: 1, max: MAX_EVENT_BYTES })
    const text = bytes && decodeText(bytes)
    return text === undefined ? undefined : { value: toPlainJson(JSON.parse(text)) }
  } catch {
    // No JSON, or a getter or a proxy threw.
    return undefined
  }
}

/** Whether an event is an envelope, of any key and of either encoding. */
export function isEnvelope(data: unknown): boolean {
  return decodeEventHeader(data) !== undefined
}
