import { concatBytes, textToBytes, withLength } from '@conclave/base'
import { idToBytes } from './ids.ts'
import type { ParticipantId, RoomId } from './ids.ts'
import { NONCE_BYTES } from './protocol.ts'

/** The context that the two proofs of a join are bound to. spec W8 */
export interface JoinProofContext {
  /** The hub as the client addressed it: `URL.host` of its address. */
  readonly host: string
  /** The connection's challenge, 32 bytes. */
  readonly nonce: Uint8Array
  readonly room: RoomId
  readonly participant: ParticipantId
}

/**
 * The bytes that a joining client signs with the room's access key, and that the hub verifies. You must take `nonce`
 * from this connection's challenge and `host` from the address that you opened. spec W8
 *
 * @throws RangeError when `nonce` is not 32 bytes or `host` is over 65 535 bytes
 */
export function encodeAccessProof(context: JoinProofContext): Uint8Array<ArrayBuffer> {
  return encodeProof('conclave/1 hub access', context)
}

/**
 * The bytes that a joining client signs with the key of its session: as {@link encodeAccessProof}, under another label.
 * spec W8
 *
 * @throws RangeError as there
 */
export function encodeSessionProof(context: JoinProofContext): Uint8Array<ArrayBuffer> {
  return encodeProof('conclave/1 hub session', context)
}

function encodeProof(
  label: string,
  { nonce, room, participant, ...context }: JoinProofContext,
): Uint8Array<ArrayBuffer> {
  const host = textToBytes(context.host)
  if (nonce.length !== NONCE_BYTES) {
    throw new RangeError(`"nonce" expected ${NONCE_BYTES} bytes, got ${nonce.length}`)
  }
  if (host.length > 0xffff)
    throw new RangeError(`"host" expected 65535 bytes at most, got ${host.length}`)
  const ids = [idToBytes(room), idToBytes(participant)]
  return concatBytes(textToBytes(label), [0], withLength(host), nonce, ...ids)
}
