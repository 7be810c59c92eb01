/**
 * Batches: the digests of frames that one transform sealed, and the bytes that are signed for them. spec M90
 *
 * @module
 */
import { ByteReader, concatBytes, textToBytes, uintToBytes } from '@conclave/base'

/** The frames of a batch under one key: `from` to the last counter, of which no others were sealed. */
export interface Batch {
  /** The first two bytes of the media key, as a number. */
  readonly hint: number
  readonly kid: bigint
  readonly from: number
  /** The last counter that is covered. */
  readonly to: number
  /** By counter, rising. */
  readonly digests: ReadonlyMap<number, Uint8Array>
}

/** A batch, and its bytes: those that are signed, and the signature. */
export interface SignedBatch extends Batch {
  readonly content: Uint8Array<ArrayBuffer>
  readonly signature: Uint8Array<ArrayBuffer>
}

/** The track for which a batch holds. */
export interface SignedTrack {
  /** 16 bytes. */
  readonly room: Uint8Array
  /** 16 bytes. */
  readonly participant: Uint8Array
  readonly encodedLabel: Uint8Array
}

/** A batch without its signature. */
export function encodeBatch({
  hint,
  kid,
  from,
  digests,
}: Omit<Batch, 'to'>): Uint8Array<ArrayBuffer> {
  const head = [uintToBytes(hint, 2), uintToBytes(kid, 7), uintToBytes(from, 4), [digests.size]]
  const entries = Array.from(digests, ([counter, digest]) => [
    uintToBytes(counter - from, 2),
    digest,
  ])
  return concatBytes(...head, ...entries.flat())
}

/** Reads a batch with its signature; `undefined` for anything that is none. Never throws. */
export function readBatch(bytes: Uint8Array<ArrayBuffer>, at: number): SignedBatch | undefined {
  const reader = new ByteReader(bytes.subarray(at))
  const hint = reader.uint(2)
  const kid = (BigInt(reader.uint(1)) << 48n) | BigInt(reader.uint(6))
  const from = reader.uint(4)
  const count = reader.uint(1)
  if (count === 0 || count > MAX_BATCH_FRAMES) return undefined
  const digests = new Map<number, Uint8Array>()
  let to = -1
  for (let entry = 0; entry < count; entry += 1) {
    const counter = from + reader.uint(2)
    if (counter <= to) return undefined
    digests.set(counter, reader.copy(DIGEST_BYTES))
    to = counter
  }
  const content = bytes.slice(at, at + reader.at)
  const signature = reader.copy(SIGNATURE_BYTES)
  return reader.ok ? { hint, kid, from, to, digests, content, signature } : undefined
}

/** The bytes that are signed for a batch: they name the room, the session and the track. */
export function batchStatement(
  { room, participant, encodedLabel }: SignedTrack,
  content: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const { length } = encodedLabel
  return concatBytes(LABEL, [0], room, participant, [length], encodedLabel, content)
}

/** How a media key is named in the batches that it signs. */
export function hintOf(mediaKey: Uint8Array): number {
  return ((mediaKey[0] ?? 0) << 8) | (mediaKey[1] ?? 0)
}

/** The frames of a batch at most. spec M91 */
export const MAX_BATCH_FRAMES = 32
/** As long as the tags of SRTP: the digest counts for seconds. spec M90 */
export const DIGEST_BYTES = 10
/** The furthest that a counter lies above the first one of its batch. */
export const MAX_COUNTER_GAP = 0xffff
const SIGNATURE_BYTES = 64
const LABEL = textToBytes('conclave/1 media batch')
