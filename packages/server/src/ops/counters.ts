import type { RefusedReason } from '@conclave/wire'

/** Numbers about a hub since it started. They contain no ids. */
export interface HubStats {
  readonly connections: number
  readonly channels: number
  /** Messages received from clients, control and data. */
  readonly received: number
  readonly receivedBytes: number
  /** Frames handed to connections for delivery. */
  readonly delivered: number
  /** Messages that were not relayed, by reason. */
  readonly dropped: Readonly<Record<RefusedReason, number>>
}

/** The counts behind {@link HubStats}. */
export class Counters {
  received = 0
  receivedBytes = 0
  delivered = 0
  readonly dropped: Record<RefusedReason, number> = {
    rate: 0,
    'too-large': 0,
    absent: 0,
    'unknown-channel': 0,
    malformed: 0,
  }
}
