import { concatBytes, describeType, textToBytes } from '@conclave/base'
import { idToBytes, parseParticipantId, parseRoomId } from '@conclave/wire'
import type { ParticipantId, RoomId } from '@conclave/wire'

/** The purposes of the signatures and hashes of sessions and owners, each with its own label. spec C4 */
export type StatementLabel =
  | 'host'
  | 'introduction'
  | 'owner'
  | 'person'
  | 'policy'
  | 'room code'
  | 'room code roster'
  | 'move'
  | 'room message'

/** The bytes of a statement: its label, a zero byte, its parts. spec C4 */
export function encodeStatement(
  label: StatementLabel,
  ...parts: readonly ArrayLike<number>[]
): Uint8Array<ArrayBuffer> {
  return concatBytes(textToBytes(`conclave/1 ${label}\0`), ...parts)
}

/** The 16 bytes of a room's id. @throws TypeError for anything else */
export function roomToBytes(room: RoomId): Uint8Array<ArrayBuffer> {
  if (parseRoomId(room) !== undefined) return idToBytes(room)
  throw new TypeError(`"room" expected a room id, got ${describeType(room)}`)
}

/** The 16 bytes of a participant's id. @throws TypeError for anything else */
export function participantToBytes(name: string, id: ParticipantId): Uint8Array<ArrayBuffer> {
  if (parseParticipantId(id) !== undefined) return idToBytes(id)
  throw new TypeError(`"${name}" expected a participant id, got ${describeType(id)}`)
}
