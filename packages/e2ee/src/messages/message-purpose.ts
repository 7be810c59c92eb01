import { concatBytes, textToBytes } from '@conclave/base'
import { idToBytes } from '@conclave/wire'
import type { ParticipantId, RoomId } from '@conclave/wire'
import type { KeyPurpose } from '../keys/event-keys.ts'

/** The label of message keys, and the first part of the authenticated data. spec P1, P6 */
export const PAYLOAD_LABEL = 'conclave/1 payload'

/** The purpose of the keys of streams to one recipient, or to the room when it is left out. spec P1 */
export function messagePurpose(room: RoomId, recipient: ParticipantId | undefined): KeyPurpose {
  return {
    label: PAYLOAD_LABEL,
    id: purposeId(room, recipient),
    context: ({ keyId, sender }) =>
      concatBytes(
        idToBytes(room),
        idToBytes(sender as ParticipantId),
        recipientToBytes(recipient),
        textToBytes(keyId),
      ),
  }
}

/** Whether keys of a purpose are for streams of this room; with a recipient, only those to it. */
export function isPurposeOf(
  { label, id }: KeyPurpose,
  room: RoomId,
  recipient?: ParticipantId,
): boolean {
  return label === PAYLOAD_LABEL && id.startsWith(purposeId(room, recipient))
}

/** The 16 bytes that stand for a recipient in keys and in authenticated data. spec P1 */
export function recipientToBytes(recipient: ParticipantId | undefined): Uint8Array<ArrayBuffer> {
  return recipient === undefined ? new Uint8Array(16) : idToBytes(recipient)
}

const purposeId = (room: RoomId, recipient: ParticipantId | undefined): string =>
  `${room} ${recipient ?? ''}`
