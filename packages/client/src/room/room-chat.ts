/**
 * The chat of a room: its messages, names and snapshot, connected with it.
 *
 * @module
 */
import type { Emitter } from '@conclave/base'
import type { KeySource } from '@conclave/e2ee'
import type { ParticipantId } from '@conclave/wire'
import { Chat } from './chat.ts'
import type { RoomParts } from './join-room.ts'
import type { Participant } from './participant.ts'
import type { RoomEvents } from './room-api.ts'
import type { RoomSnapshot } from './room-store.ts'

/** The side of a room that its chat uses. */
export interface ChatRoom {
  readonly events: Pick<Emitter<RoomEvents>, 'emit'>
  participant(id: ParticipantId): Participant | undefined
  /** Replaces parts of the snapshot. */
  update(change: Partial<RoomSnapshot>): void
}

/** Makes the chat of a session. */
export function createRoomChat(
  { self, clock, messages }: Pick<RoomParts<KeySource>, 'self' | 'clock' | 'messages'>,
  room: ChatRoom,
): Chat {
  const chat: Chat = new Chat({
    self,
    now: () => Math.floor(clock.now()),
    nameOf: (id) => room.participant(id)?.name ?? '',
    personOf: (id) => room.participant(id)?.person,
    broadcast: (kind, body) => messages.broadcast(kind, body),
    changed: (message) => {
      room.update({ messages: chat.messages })
      room.events.emit('chat', { message })
    },
    told: (told) => {
      room.update({ messages: chat.messages })
      room.events.emit('historyTold', { messages: told })
    },
    missed: (missed) => room.update({ missed }),
  })
  return chat
}
