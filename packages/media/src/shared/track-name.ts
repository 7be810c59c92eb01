/**
 * The names of tracks: in the application, between page and worker, and in the authenticated data of frames.
 *
 * @module
 */
import { textToBytes } from '@conclave/base'
import type { ParticipantId } from '@conclave/wire'

/** A track of a participant, over all connections that carry it. */
export interface TrackName {
  readonly participant: ParticipantId
  readonly label: string
  readonly kind: 'audio' | 'video'
}

/**
 * A track's label as its frames authenticate it: UTF-8. spec M4
 *
 * @throws RangeError for a label that is not 1 to 64 bytes long
 */
export function encodeTrackLabel(label: string): Uint8Array<ArrayBuffer> {
  const bytes = textToBytes(label)
  if (bytes.length === 0 || bytes.length > MAX_LABEL_BYTES) {
    throw new RangeError(`"label" expected 1 to ${MAX_LABEL_BYTES} bytes, got ${bytes.length}`)
  }
  return bytes
}

const MAX_LABEL_BYTES = 64
