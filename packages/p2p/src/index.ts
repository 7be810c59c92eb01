/**
 * Peers over any signalling: `Sender`, `Receiver`, and a mesh of one-directional connections.
 *
 * @module
 */
export type { ChannelData, ChannelEvents, PeerChannel } from './channels/channel-events.ts'
export { encodingLimits } from './connection/encodings.ts'
export type { EncodingLimits } from './connection/encodings.ts'
export type { IceServerSource } from './connection/ice-servers.ts'
export type { RemoteTrack } from './connection/receiver-sections.ts'
export { MAX_DATA_BYTES, MAX_UNRELIABLE_DATA_BYTES } from './data/data-record.ts'
export { P2pError, isP2pError } from './errors.ts'
export type { AnyP2pError, P2pErrorCode, P2pErrorDetails } from './errors.ts'
export { Mesh } from './mesh.ts'
export type { MeshOptions, SendDataOptions } from './mesh.ts'
export type { MeshEvents } from './mesh-events.ts'
export type { MeshConnections, PeerDirections } from './mesh-peer.ts'
export { MAX_PEERS } from './peer-options.ts'
export type { PeerOptions, Protection } from './peer-options.ts'
export type {
  DataProtector,
  FrameProtector,
  MediaDirection,
  ProtectedConnection,
  ProtectedData,
  ProtectedTrack,
} from './protectors.ts'
export { Receiver } from './receiver.ts'
export type { ReceiverEvents } from './receiver.ts'
export { Sender } from './sender.ts'
export type { SenderEvents, SenderStartOptions } from './sender.ts'
export { decodeSignalMessage } from './signalling/decode-message.ts'
export { assertSealedDriver } from './signalling/driver.ts'
export type { Driver, SealedDriver, SealedHandler } from './signalling/driver.ts'
export type { SignalDropCounts, SignalDropReason } from './signalling/drop-reason.ts'
export type {
  AnswerMessage,
  CandidateDescription,
  CandidateMessage,
  DisposeMessage,
  InvokeMessage,
  OfferMessage,
  SignalMessage,
  SyncMessage,
  TrackDescription,
  Wish,
  WishDescription,
} from './signalling/messages.ts'
export { namespaceKey } from './signalling/namespace.ts'
export type { Namespace } from './signalling/namespace.ts'
export { TypedEventTarget } from './typed-event-target.ts'
export type { TypedListener } from './typed-event-target.ts'
