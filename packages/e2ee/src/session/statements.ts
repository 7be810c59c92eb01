import { concatBytes, describeType, textToBytes } from '@conclave/base'
import { idToBytes, parseRoomId } from '@conclave/wire'
import type { RoomId } from '@conclave/wire'

/** The purposes of the signatures and hashes of sessions, each with its own label. spec C4 */
export type StatementLabel = 'person' | 'room message'

/** The bytes of a statement: its label, a zero byte, its parts. spec C4 */
export function encodeStatement(
  label: StatementLabel,
  ...parts: readonly Uint8Array[]
): Uint8Array<ArrayBuffer> {
  return concatBytes(textToBytes(`conclave/1 ${label}\0`), ...parts)
}

/** The 16 bytes of a room's id. @throws TypeError for anything else */
export function roomToBytes(room: RoomId): Uint8Array<ArrayBuffer> {
  if (parseRoomId(room) !== undefined) return idToBytes(room)
  throw new TypeError(`"room" expected a room id, got ${describeType(room)}`)
}
