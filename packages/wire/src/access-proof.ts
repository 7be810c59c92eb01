import { ID_BYTES, idToBytes } from './ids.ts'
import type { ParticipantId, RoomId } from './ids.ts'
import { NONCE_BYTES } from './protocol.ts'

/** What an access proof is bound to. spec W8 */
export interface AccessProofContext {
  /** The hub as the client addressed it: `URL.host` of its address. */
  readonly host: string
  /** The connection's challenge, 32 bytes. */
  readonly nonce: Uint8Array
  readonly room: RoomId
  readonly participant: ParticipantId
}

/**
 * The bytes that a joining client signs with the room's access key, and that the hub verifies. You must
 * take `nonce` from this connection's challenge and `host` from the address that you opened. spec W8
 *
 * @throws RangeError when `nonce` is not 32 bytes or `host` is over 65 535 bytes
 */
export function encodeAccessProof(context: AccessProofContext): Uint8Array<ArrayBuffer> {
  const label = new TextEncoder().encode(LABEL)
  const host = new TextEncoder().encode(context.host)
  if (context.nonce.length !== NONCE_BYTES) {
    throw new RangeError(`"nonce" expected ${NONCE_BYTES} bytes, got ${context.nonce.length}`)
  }
  if (host.length > 0xffff)
    throw new RangeError(`"host" expected 65535 bytes at most, got ${host.length}`)
  const bytes = new Uint8Array(label.length + 3 + host.length + NONCE_BYTES + 2 * ID_BYTES)
  bytes.set(label)
  new DataView(bytes.buffer).setUint16(label.length + 1, host.length)
  let at = label.length + 3
  for (const part of [
    host,
    context.nonce,
    idToBytes(context.room),
    idToBytes(context.participant),
  ]) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

const LABEL = 'conclave/1 hub access'
