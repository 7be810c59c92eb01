/**
 * The base key of a KID, as a key source is asked for it (spec M8).
 *
 * @module
 */
import { idToBytes } from '@conclave/wire'
import type { ParticipantId, RoomId } from '@conclave/wire'
import { concatBytes, u64be } from '../bytes.ts'
import { SUITES } from '../sframe/suite.ts'
import type { MediaSuiteId } from '../sframe/suite.ts'

/** What `KeySource.export` is asked for to get the base key of a KID. */
export interface BaseKeyRequest {
  readonly label: string
  readonly context: Uint8Array<ArrayBuffer>
  readonly length: number
}

/** Names the base key of a participant's KID, so that no two senders ever share one. */
export function baseKeyRequest(
  kid: bigint,
  owner: {
    readonly room: RoomId
    readonly participant: ParticipantId
    readonly suite: MediaSuiteId
  },
): BaseKeyRequest {
  return {
    label: 'conclave/1 media',
    context: concatBytes([idToBytes(owner.room), idToBytes(owner.participant), u64be(kid)]),
    length: SUITES[owner.suite].keyBytes,
  }
}
