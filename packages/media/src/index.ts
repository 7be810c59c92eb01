/**
 * Frame encryption for WebRTC: SFrame (RFC 9605) in a worker, attached so that nothing leaves or is played
 * unsealed. Normative text: `spec/media.md`.
 *
 * @module
 */
export type { TransformApi } from './page/attach-transform.ts'
export type { Clock } from '@conclave/base'
export { isMediaError, MediaError } from './errors.ts'
export type { AnyMediaError, MediaErrorCode, MediaErrorDetails } from './errors.ts'
export { EPOCH_GRACE_MS, FrameCrypto } from './page/frame-crypto.ts'
export type {
  FrameCryptoEvents,
  FrameCryptoOptions,
  ProtectionContext,
} from './page/frame-crypto-options.ts'
export type { MediaKeySource } from './page/key-delivery.ts'
export type { MediaStats, TrackStats } from './page/media-stats.ts'
export type { DropReason, FrameCounters } from './shared/frame-counters.ts'
export type { MediaSuiteId } from './sframe/suite.ts'
export { spawnFrameWorker } from './page/spawn.ts'
export type { E2eeState, StateReason } from './shared/e2ee-state.ts'
export type { StateEvent, TrackName } from './page/track-state-merger.ts'
export { checkMediaSupport } from './page/support.ts'
