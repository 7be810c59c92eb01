/**
 * The key of a recording as text: what the recorder gives to those who may open it. spec Q10
 *
 * @module
 */
import { encodeGrowingFileKey, parseGrowingFileKey } from '@conclave/e2ee/files'
import type { GrowingFileKey } from '@conclave/e2ee/files'

/** Opens one recording. It is redacted in text and JSON. */
export type RecordingKey = GrowingFileKey

/**
 * The key as text, **secret included**. You must seal it wherever you store it: as an entry of a vault, for example.
 *
 * @throws TypeError for anything else
 */
export function encodeRecordingKey(key: RecordingKey): string {
  return JSON.stringify(encodeGrowingFileKey(key))
}

/** The key of a text, as `recordingKeyGiven` brings it. Returns `undefined`, not throws, for anything else. */
export function parseRecordingKey(text: unknown): RecordingKey | undefined {
  if (typeof text !== 'string' || text.length > MAX_KEY_LENGTH) return undefined
  try {
    return parseGrowingFileKey(JSON.parse(text))
  } catch {
    return undefined
  }
}

/** spec Q5 */
const MAX_KEY_LENGTH = 512
