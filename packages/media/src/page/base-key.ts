/**
 * The base key of a KID, as a key source is asked for it. spec M8
 *
 * @module
 */
import { concatBytes, uintToBytes } from '@conclave/base'
import { importAndWipe } from '@conclave/crypto'
import { idToBytes } from '@conclave/wire'
import type { ParticipantId, RoomId } from '@conclave/wire'
import { SUITES } from '../sframe/suite.ts'
import type { MediaSuiteId } from '../sframe/suite.ts'

/** The arguments of `KeySource.export` that give the base key of a KID. */
export interface BaseKeyRequest {
  readonly label: string
  readonly context: Uint8Array<ArrayBuffer>
  readonly length: number
}

/** Names the base key of a participant's KID. No two senders share one. */
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
    context: concatBytes(idToBytes(owner.room), idToBytes(owner.participant), uintToBytes(kid, 8)),
    length: SUITES[owner.suite].keyBytes,
  }
}

/** A base key that cannot be exported, for the worker: only a `CryptoKey` crosses to it. Overwrites `bytes`. spec M16 */
export function importBaseKey(bytes: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return importAndWipe(bytes, 'HKDF', ['deriveBits', 'deriveKey'])
}
