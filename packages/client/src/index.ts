/**
 * The front door: rooms that lock with a key. `Room.join(link)` joins one; calls, screen share, chat and everything
 * that sets them up are sealed on this device and opened on the others'.
 *
 * @module
 */
export type { ParticipantInfo } from './messages/bodies.ts'
export type { StreamSource, TrackSource } from './track-source.ts'
export { MAX_CHAT_LENGTH, MAX_NAME_LENGTH } from './messages/bodies.ts'
export type { DropReason } from './messages/room-messages.ts'
export type {
  Outgoing,
  Transport,
  TransportDrop,
  TransportEnd,
  TransportEvents,
} from './transport.ts'
export { Chat } from './room/chat.ts'
export type { ChatMessage } from './room/chat.ts'
export { systemClock } from '@conclave/base'
export type { Clock } from '@conclave/base'
export { ClientError, isClientError } from './errors.ts'
export type { AnyClientError, ClientErrorCode, ClientErrorDetails, LinkProblem } from './errors.ts'
export type {
  Participant,
  ParticipantTrack,
  PeerConnection,
  TrackE2EE,
} from './room/participant.ts'
export type { ParticipantEvents } from './room/participants.ts'
export type { RoomEvents, RoomOptions, RoomState, RoomStats } from './room/room-api.ts'
export { createRoomLink, parseRoomLink } from './room/room-link.ts'
export type { RoomLink } from './room/room-link.ts'
export { Room } from './room/room.ts'
export { checkSupport } from './room/support.ts'
export type { Capability, Support } from './room/support.ts'
export type { E2eeState } from '@conclave/media'
export type { MessageId, ParticipantId, RoomId } from '@conclave/wire'
