/**
 * Key ids: how a frame names the key that sealed it, and what the base key of that id is derived from
 * (spec M8, M17).
 *
 * @module
 */
import { idToBytes } from '@conclave/wire'
import type { ParticipantId, RoomId } from '@conclave/wire'
import { concatBytes, u64be } from './bytes.ts'
import type { MediaSuiteId } from './sframe/suite.ts'
import { SUITES } from './sframe/suite.ts'

/** Puts a KID together: a nonce of 48 bits, then the epoch modulo 256. */
export function composeKid(nonce: Uint8Array, epoch: bigint): bigint {
  let kid = 0n
  for (const byte of nonce.subarray(0, KID_NONCE_BYTES)) kid = (kid << 8n) | BigInt(byte)
  return (kid << 8n) | (epoch & 0xffn)
}

/** Whether a number read from a frame can be a KID at all: it has at most seven bytes. */
export function isKid(value: bigint): boolean {
  return value >= 0n && value < 1n << 56n
}

/** The last byte of the number of a KID's epoch, which the key source resolves (spec M13). */
export function epochByteOfKid(kid: bigint): number {
  return Number(kid & 0xffn)
}

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

/** The text by which a sender announces its key to receivers, in authenticated signalling. */
export function encodeKeyDescription(kid: bigint, suite: MediaSuiteId): string {
  return `sframe/${suite}/${kid.toString(16).padStart(14, '0')}`
}

/** Reads such a text; `undefined`, not an exception, for anything else or another suite. */
export function decodeKeyDescription(text: unknown, suite: MediaSuiteId): bigint | undefined {
  if (typeof text !== 'string') return undefined
  const match = /^sframe\/([45])\/([0-9a-f]{14})$/.exec(text)
  return match && match[1] === String(suite) ? BigInt(`0x${match[2]}`) : undefined
}

/** Length of the random part of a KID in bytes. */
export const KID_NONCE_BYTES = 6
