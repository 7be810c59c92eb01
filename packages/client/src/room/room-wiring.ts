/**
 * The connections between the parts of a room: the events of each, and the part that handles them.
 *
 * @module
 */
import type { DropCounter } from '@conclave/base'
import type { KeySource } from '@conclave/e2ee'
import type { E2eeState } from '@conclave/media'
import type { ParticipantId } from '@conclave/wire'
import { MESSAGE_KINDS } from '../messages/bodies.ts'
import type { TransportEnd } from '../transport.ts'
import type { Chat } from './chat.ts'
import type { RoomParts } from './join-room.ts'
import type { Participant, TrackE2EE } from './participant.ts'
import type { Participants } from './participants.ts'
import type { RoomEvents } from './room-api.ts'
import type { RoomState } from './room-store.ts'

/** The side of a room that the wiring acts on. */
export interface WiredRoom {
  readonly chat: Chat
  readonly participants: Participants
  readonly drops: DropCounter<string>
  participant(id: ParticipantId): Participant | undefined
  setState(state: RoomState): void
  mediaStateChanged(event: RoomEvents['e2ee-state-change']): void
  ended(reason: TransportEnd): void
}

/** Connects the parts of a session with their room. */
export function wireRoom(parts: RoomParts<KeySource>, room: WiredRoom): void {
  wireMessages(parts, room)
  if (parts.media !== undefined) wireMedia(parts, room)
}

const wireMessages = (
  { messages, media, signals }: RoomParts<KeySource>,
  { chat, participants, drops, ...room }: WiredRoom,
): void => {
  messages.on('joined', ({ participant, info }) => {
    participants.add(participant, info)
    media?.addParticipant(participant)
  })
  messages.on('left', ({ participant }) => {
    media?.removeParticipant(participant)
    participants.remove(participant)
  })
  messages.on('info', ({ participant, info }) => participants.setInfo(participant, info))
  messages.on('message', ({ from, kind, audience, body }) => {
    const isUnderstood =
      kind === MESSAGE_KINDS.chat
        ? chat.receive(from, body)
        : kind === MESSAGE_KINDS.signal && signals.receive(from, audience, body)
    if (!isUnderstood) drops.count('malformed-body')
  })
  messages.on('acknowledged', ({ id }) => chat.acknowledged(id))
  messages.on('refused', ({ id }) => chat.refused(id))
  messages.on('dropped', ({ reason, count }) => drops.count(reason, count))
  messages.on('up', () => {
    room.setState('connected')
    media?.resync()
  })
  messages.on('down', () => room.setState('reconnecting'))
  messages.on('ended', ({ reason }) => room.ended(reason))
}

const wireMedia = (
  { media, self }: RoomParts<KeySource>,
  { participants, drops, ...room }: WiredRoom,
): void => {
  media?.on('trackAdded', ({ participant, source, track }) =>
    participants.setTrack(participant, source, track),
  )
  media?.on('trackRemoved', ({ participant, source }) =>
    participants.setTrack(participant, source, undefined),
  )
  media?.on('connectionChanged', ({ participant, connection }) =>
    participants.setConnection(participant, connection),
  )
  media?.on('e2eeStateChanged', ({ participant: id, ...event }) => {
    const shown = SHOWN_E2EE[event.state]
    if (id !== self && shown !== undefined) participants.setE2EE(id, event.source, shown)
    const participant = room.participant(id)
    if (participant !== undefined) room.mediaStateChanged({ participant, ...event })
  })
  media?.on('dropped', ({ reason, count }) => drops.count(reason, count))
}

/** How a source is shown whose frames are in a state; `undefined` for states of this session's own sources. */
const SHOWN_E2EE: Readonly<Record<E2eeState, TrackE2EE | undefined>> = {
  EncryptionSuccess: undefined,
  EncryptionFailed: undefined,
  DecryptionSuccess: 'ok',
  MissingKey: 'waiting-key',
  DecryptionFailed: 'failed',
  InvalidKey: 'failed',
  InternalError: 'failed',
}
