import { randomBytes } from '@conclave/crypto'
import { bytesToMessageId, bytesToParticipantId, ID_BYTES } from '@conclave/wire'
import type { MessageId, ParticipantId } from '@conclave/wire'

/**
 * A new id for this session in a room. You must make a new one for every session (each page load), and never
 * store it: the counters of its keys start again with the session. spec P1, P2
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export function randomParticipantId(): ParticipantId {
  return fresh(bytesToParticipantId)
}

/** A new id for one published message. @throws CryptoError `ERR_CRYPTO_UNSUPPORTED` */
export function randomMessageId(): MessageId {
  // 16 zero bytes stand for a message that could not be read.
  return fresh((bytes) => (bytes.some((byte) => byte !== 0) ? bytesToMessageId(bytes) : undefined))
}

/** Draws until the bytes are an id: 16 zero bytes are no participant's. */
function fresh<Id>(toId: (bytes: Uint8Array) => Id | undefined): Id {
  return toId(randomBytes(ID_BYTES)) ?? fresh(toId)
}
