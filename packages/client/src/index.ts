/**
 * The front door: rooms that lock with a key. `Room.join(link)` joins one; calls, screen share, chat and everything
 * that sets them up are sealed on this device and opened on the others'.
 *
 * @module
 */
export type { Asking } from './admission/asking-list.ts'
export type { AuthorityView } from './admission/authority-view.ts'
export type { Standing } from './admission/own-standing.ts'
export { RoomControl } from './admission/room-control.ts'
export type { RoomRule } from './admission/room-control.ts'
export { RoomDriver, hubDriver } from './call/hub-driver.ts'
export type {
  CleartextRisk,
  MediaContext,
  MediaProtection,
  MediaTransport,
  MediaTransportEvents,
  MediaTransportFactory,
  PeerConnection,
  Protection,
  SideMedia,
} from './call/media-transport.ts'
export type { SessionFramesOptions } from './call/session-frames.ts'
export { MeshTransport } from './call/mesh-transport.ts'
export type { MeshTransportOptions } from './call/protected-mesh.ts'
export {
  decodeOwnerKeys,
  encodeOwnerKeys,
  generateOwnerKeys,
  importOwnerKeys,
  restoreOwnerKeys,
} from '@conclave/e2ee/authority'
export type { DecodedOwnerKeys, OwnerKeys } from '@conclave/e2ee/authority'
export { Topic } from './data/topic.ts'
export type {
  TopicEvents,
  TopicHandler,
  TopicOptions,
  TopicPort,
  TopicSending,
} from './data/topic.ts'
export { driverTransport } from './driver/driver-transport.ts'
export { EncryptedDriver, encrypted } from './driver/encrypted.ts'
export type { EncryptedOptions, PassphraseOptions } from './driver/encrypted-options.ts'
export { ClientError, isClientError } from './errors.ts'
export type {
  AnyClientError,
  ClientErrorCode,
  ClientErrorDetails,
  LinkProblem,
  RecordingRefusal,
  RequestFailure,
  UnreachableReason,
} from './errors.ts'
export type {
  AcceptFileOptions,
  FileTransfer,
  FileTransferEvents,
  IncomingFile,
  TransferState,
} from './files/file-api.ts'
export type { FileEnd, FileEndReason, FileFailure } from './files/file-end.ts'
export type { FileSending } from './files/file-sending.ts'
export { RoomFiles } from './files/room-files.ts'
export type { SendFileOptions } from './files/room-files.ts'
export type { TransferProgress } from './files/transfer-progress.ts'
export { HubTransport } from './hub/hub-transport.ts'
export type { HubTransportOptions } from './hub/hub-transport.ts'
export type { AuthorizeJoin, JoinRequest } from './hub/websocket-connection.ts'
export type { UnreachableHub, UnreachableProblem } from './hub/unreachable-hub.ts'
export { createWakeSignals } from './hub/wake-signals.ts'
export type {
  ContentProperties,
  RoomCondition,
  RoomFact,
  RoomProperties,
} from './room/room-properties.ts'
export type { WakeSignals, WakeSources } from './hub/wake-signals.ts'
export type { KeyLimits } from './keys/key-schedule.ts'
export type { Inside } from './lobby/inside.ts'
export { lookInside } from './lobby/look-inside.ts'
export type { LookOptions } from './lobby/look-inside.ts'
export { RoomLook } from './lobby/room-look.ts'
export type { LookSnapshot } from './lobby/room-look.ts'
export { MAX_CHAT_LENGTH, MAX_NAME_LENGTH } from './messages/bodies.ts'
export type { ParticipantInfo } from './messages/bodies.ts'
export type { DropReason } from './messages/drop-reason.ts'
export type { Confirmation } from './persons/confirmed-persons.ts'
export type { PersonId } from './persons/person-id.ts'
export { pagePersonStorage } from './persons/person-storage.ts'
export type { PersonStorage } from './persons/person-storage.ts'
export type { RoomCode } from './persons/room-code-rounds.ts'
export type { RecordingAnnouncement } from './recording/recording-announcement.ts'
export type { ProblemCode, RoomProblem } from './problem.ts'
export { Chat } from './room/chat.ts'
export type { ChatMessage } from './room/chat.ts'
export type { MissedMessages } from './room/missed-messages.ts'
export type {
  Liveness,
  Participant,
  ParticipantPresence,
  ParticipantTrack,
  TrackE2EE,
} from './room/participant.ts'
export type { ParticipantEvents, ParticipantMap } from './room/participants.ts'
export type { RoomEvents, RoomOptions, RoomStats, RoomTarget } from './room/room-api.ts'
export { createRoomLink, parseRoomLink } from './room/room-link.ts'
export type { OpenedRoomLink, RoomLink, RoomLinkOptions } from './room/room-link.ts'
export type { RoomSnapshot, RoomState } from './room/room-store.ts'
export { Room } from './room/room.ts'
export { checkSupport } from './room/support.ts'
export type { Capability, Support } from './room/support.ts'
export type { StreamSource, TrackSource } from './track-source.ts'
export type { Wish } from '@conclave/p2p'
export type {
  Outgoing,
  Transport,
  TransportContext,
  TransportDrop,
  TransportEnd,
  TransportEvents,
  TransportFactory,
} from './transport.ts'
