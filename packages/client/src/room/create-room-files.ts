import type { DropCounter } from '@conclave/base'
import type { KeySource } from '@conclave/e2ee'
import type { IncomingFile } from '../files/file-api.ts'
import { RoomFiles } from '../files/room-files.ts'
import { MESSAGE_KINDS } from '../messages/bodies.ts'
import type { DataLoader } from './data-loader.ts'
import type { RoomParts } from './join-room.ts'
import type { Participants } from './participants.ts'

export type { RoomFiles } from '../files/room-files.ts'

/** The files of a session: offers go as messages, and content goes by the data of its room. spec R190 */
export function createRoomFiles(
  { clock, messages }: Pick<RoomParts<KeySource>, 'clock' | 'messages'>,
  room: {
    readonly data: DataLoader
    readonly participants: Pick<Participants, 'all'>
    readonly drops: DropCounter<string>
    readonly events: { emit(type: 'file', event: { readonly file: IncomingFile }): void }
  },
): RoomFiles {
  const { data, participants, drops, events } = room
  return new RoomFiles({
    clock,
    offered: (file) => events.emit('file', { file }),
    data: async () => (await data.load()).path,
    send: (to, body) => messages.send(to, MESSAGE_KINDS.file, body),
    participants: () => [...participants.all.keys()],
    drop: (reason) => drops.count(reason),
  })
}
