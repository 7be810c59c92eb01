/**
 * The bodies of messages of data: which part of the room they are for, and their content, padded. spec R170
 *
 * @module
 */
import { concatBytes } from '@conclave/base'
import { padBytes, unpadBytes } from '@conclave/e2ee'
import type { DataStream } from './data-path.ts'

/** The longest body, which the longest content fills. */
const MAX_BODY_BYTES = 32_768
/** The longest content. */
export const MAX_DATA_BYTES: number = MAX_BODY_BYTES - 2

/** A content for one part of the room. */
export interface DataBody {
  readonly stream: DataStream
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** The body as the bytes that are sealed. */
export function encodeDataBody(stream: DataStream, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return padBytes(concatBytes([STREAMS.indexOf(stream)], bytes))
}

/** A body, or `undefined` when it is none. Never throws. */
export function decodeDataBody(body: Uint8Array<ArrayBuffer>): DataBody | undefined {
  if (body.length > MAX_BODY_BYTES) return undefined
  const content = unpadBytes(body)
  const stream = STREAMS[content?.[0] ?? STREAMS.length]
  if (content === undefined || stream === undefined) return undefined
  return { stream, bytes: content.slice(1) }
}

const STREAMS: readonly DataStream[] = ['topic', 'file']
