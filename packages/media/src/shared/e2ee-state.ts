/**
 * The states of a track as the application sees them (spec, section 6).
 *
 * @module
 */
import type { FrameDropReason } from './frame-counters.ts'

/** The seven states of a participant's track. */
export type E2eeState =
  | 'EncryptionSuccess'
  | 'DecryptionSuccess'
  | 'EncryptionFailed'
  | 'DecryptionFailed'
  | 'InternalError'
  | 'MissingKey'
  | 'InvalidKey'

/** The reason for a failing state. */
export type StateReason =
  | FrameDropReason
  | 'wrong-key'
  | 'cleartext-risk'
  | 'worker-failed'
  | 'not-attached'

/** A state with its reason; successes have none. */
export interface StateReport {
  readonly state: E2eeState
  readonly reason?: StateReason
}
