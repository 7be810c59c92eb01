import { concatBytes, textToBytes } from '@conclave/base'
import { idToBytes } from '@conclave/wire'
import type { ParticipantId, RoomId } from '@conclave/wire'
import type { KeyPurpose } from '../keys/event-keys.ts'

/** The label of message keys, and the first part of the authenticated data. spec P1, P6 */
export const PAYLOAD_LABEL = 'conclave/1 payload'

/**
 * The purpose of the keys of one sealer's streams to one recipient, or to the room when it is left out. spec P1
 *
 * @param salt the sealer's, 8 bytes
 */
export function messagePurpose(
  room: RoomId,
  recipient: ParticipantId | undefined,
  salt: Uint8Array,
): KeyPurpose {
  return {
    label: PAYLOAD_LABEL,
    id: `${purposeId(room, recipient)} ${salt.join()}`,
    context: ({ keyId, sender }) =>
      concatBytes(
        partiesToBytes({ room, sender: sender as ParticipantId, recipient }),
        salt,
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

/** The recipient of the streams that a purpose is for; `undefined` for those to the room. */
export function recipientOf({ id }: KeyPurpose): ParticipantId | undefined {
  const [, recipient = ''] = id.split(' ')
  return recipient === '' ? undefined : (recipient as ParticipantId)
}

/** The place and the parties of a message: authenticated, and known to both ends without being sent. spec P6 */
export interface MessageContext {
  readonly room: RoomId
  readonly sender: ParticipantId
  /** Left out: the room. */
  readonly recipient: ParticipantId | undefined
}

/** The 48 bytes of the place and the parties, in keys and in authenticated data. spec P1, P6 */
export function partiesToBytes(context: MessageContext): Uint8Array<ArrayBuffer> {
  const { room, sender, recipient } = context
  // 16 zero bytes stand for the room.
  const receiver = recipient === undefined ? new Uint8Array(16) : idToBytes(recipient)
  return concatBytes(idToBytes(room), idToBytes(sender), receiver)
}

const purposeId = (room: RoomId, recipient: ParticipantId | undefined): string =>
  `${room} ${recipient ?? ''}`
