/**
 * Peers over any signalling: `Sender`, `Receiver`, and a mesh of one-directional connections.
 *
 * @module
 */
export { systemClock } from '@conclave/base'
export type { Clock } from '@conclave/base'
export { assertSealedDriver, namespaceKey } from './signalling/driver.ts'
export type { Driver, Namespace, SealedDriver, SealedHandler } from './signalling/driver.ts'
export type { DropCounts, DropReason } from './drops.ts'
export { encodingLimits } from './connection/encodings.ts'
export type { EncodingLimits } from './connection/encodings.ts'
export { P2pError, isP2pError } from './errors.ts'
export type { AnyP2pError, P2pErrorCode, P2pErrorDetails } from './errors.ts'
export { Mesh } from './mesh.ts'
export type { MeshConnections, MeshEvents, MeshOptions } from './mesh.ts'
export { decodeSignalMessage } from './signalling/messages.ts'
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
} from './signalling/messages.ts'
export type {
  FrameProtector,
  PayloadProtector,
  ProtectedTrack,
  ProtectionContext,
  SignalContext,
} from './protectors.ts'
export { MAX_PEERS } from './peer-options.ts'
export type { PeerOptions } from './peer-options.ts'
export { Receiver } from './receiver.ts'
export type { ReceiverEvents } from './receiver.ts'
export type { RemoteTrack } from './connection/receiver-peer.ts'
export { sealDriver } from './signalling/seal-driver.ts'
export type { SealDriverOptions } from './signalling/seal-driver.ts'
export { Sender } from './sender.ts'
export type { SenderEvents, SenderStartOptions } from './sender.ts'
export { TypedEventTarget } from './typed-event-target.ts'
export type { TypedListener } from './typed-event-target.ts'
