import { concatBytes, textToBytes } from '@conclave/base'
import type { AesGcmContext } from '@conclave/crypto'
import { idToBytes } from '@conclave/wire'
import type { ParticipantId, RoomId } from '@conclave/wire'
import { SEQUENCE_OFFSET } from './message-envelope.ts'
import { PAYLOAD_LABEL, recipientToBytes } from './message-purpose.ts'

/** The place and the parties of a message: authenticated, and known to both ends without being sent. spec P6 */
export interface MessageContext {
  readonly room: RoomId
  readonly sender: ParticipantId
  /** Left out: the room. */
  readonly recipient: ParticipantId | undefined
}

/** Nonce and authenticated data of a message, by its header in bytes. spec P2, P6 */
export function cipherContext(
  header: Uint8Array,
  { room, sender, recipient }: MessageContext,
): Required<Pick<AesGcmContext, 'nonce' | 'additionalData'>> {
  const parties = [idToBytes(room), idToBytes(sender), recipientToBytes(recipient)]
  return {
    nonce: concatBytes(NONCE_PREFIX, header.subarray(SEQUENCE_OFFSET, SEQUENCE_OFFSET + 8)),
    additionalData: concatBytes(AAD_PREFIX, header, ...parties),
  }
}

const NONCE_PREFIX = new Uint8Array(4)
const AAD_PREFIX = textToBytes(`${PAYLOAD_LABEL}\0`)
