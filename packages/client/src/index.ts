/**
 * The front door: rooms that lock with a key. `Room.join(link)` joins one; calls, screen share, chat and everything
 * that sets them up are sealed on this device and opened on the others'.
 *
 * @module
 */
export type { ParticipantInfo, TrackSource } from './channel/bodies.ts'
export { maxChatLength, maxNameLength } from './channel/bodies.ts'
export type { DropReason } from './channel/channel.ts'
export type {
  Outgoing,
  Transport,
  TransportDrop,
  TransportEnd,
  TransportEvents,
} from './channel/transport.ts'
export { Chat } from './chat.ts'
export type { ChatMessage } from './chat.ts'
export { systemClock } from '@conclave/base'
export type { Clock } from '@conclave/base'
export { ClientError, isClientError } from './errors.ts'
export type { AnyClientError, ClientErrorCode, ClientErrorDetails, LinkProblem } from './errors.ts'
export type { Participant, ParticipantTrack, PeerConnection, TrackE2EE } from './participant.ts'
export type { ParticipantEvents } from './participants.ts'
export type { StreamSource } from './published.ts'
export type { RoomEvents, RoomOptions, RoomState, RoomStats } from './room-api.ts'
export { createRoomLink, parseRoomLink } from './room-link.ts'
export type { RoomLink } from './room-link.ts'
export { Room } from './room.ts'
export { checkSupport } from './support.ts'
export type { Capability, Support } from './support.ts'
export type { E2eeState } from '@conclave/media'
export type { MessageId, ParticipantId, RoomId } from '@conclave/wire'
