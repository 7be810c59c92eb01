/**
 * Frame encryption for WebRTC: SFrame (RFC 9605) in a worker, attached so that nothing leaves or is played
 * unsealed. Normative text: `spec/media.md`.
 *
 * @module
 */
export type { TransformApi } from './page/attach-transform.ts'
export { isMediaError, MediaError } from './errors.ts'
export type { AnyMediaError, MediaErrorCode, MediaErrorDetails, WorkerEntry } from './errors.ts'
export { EPOCH_GRACE_MS } from './page/epoch-follower.ts'
export { FrameCrypto } from './page/frame-crypto.ts'
export type { LostDirection } from './page/frame-crypto.ts'
export type {
  CleartextRiskEvent,
  FrameCryptoEvents,
  FrameCryptoOptions,
  FrameTransformOptions,
  ProfiledFrameCryptoOptions,
  ProtectedConnection,
} from './page/frame-crypto-options.ts'
export type { FrameProfile } from './page/frame-profile.ts'
export type { MediaKeySource } from './page/key-delivery.ts'
export { KeyRotation, rotateParticipantKey, rotateSharedKey } from './page/key-rotation.ts'
export type { KeyRotationOptions, KeyRotationState, KeyRotationSteps } from './page/key-rotation.ts'
export type { MediaStats, TrackStats } from './page/media-stats.ts'
export type { FrameCounters, FrameDropReason } from './shared/frame-counters.ts'
export type { MediaSuiteId } from './sframe/suite.ts'
export type { MediaSession, SignedMedia } from './page/signed-media.ts'
export { spawnFrameWorker } from './page/spawn.ts'
export type { ServerFrame, ServerFrames } from './shared/server-frames.ts'
export type { E2eeState, StateReason } from './shared/e2ee-state.ts'
export type { TrackName } from './shared/track-name.ts'
export type { StateEvent } from './page/track-state-merger.ts'
export { describeWorkerStart } from './page/worker-fault.ts'
export { checkMediaSupport } from './page/support.ts'
export type { MediaFeature } from './page/support.ts'
