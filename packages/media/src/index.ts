/**
 * Frame encryption for WebRTC: SFrame (RFC 9605) in a worker, attached so that nothing leaves or is played
 * unsealed. Normative text: `spec/media.md`.
 *
 * @module
 */
export type { TransformApi } from './attach.ts'
export type { Clock } from '@conclave/base'
export { isMediaError, MediaError } from './errors.ts'
export type { AnyMediaError, MediaErrorCode, MediaErrorDetails } from './errors.ts'
export { EPOCH_GRACE_MS, FrameCrypto } from './frame-crypto.ts'
export type {
  FrameCryptoEvents,
  FrameCryptoOptions,
  ProtectionContext,
} from './frame-crypto-options.ts'
export type { MediaKeySource } from './key-courier.ts'
export type { MediaStats, TrackStats } from './media-stats.ts'
export type { DropReason, FrameCounters } from './outcome.ts'
export type { MediaSuiteId } from './sframe/suite.ts'
export { spawnFrameWorker } from './spawn.ts'
export type { E2eeState, StateReason } from './state.ts'
export type { StateEvent, TrackName } from './state-board.ts'
export { checkMediaSupport } from './support.ts'
