/** Why a transfer ended. spec R200 */
export type FileEndReason = (typeof TOLD_REASONS)[number] | 'left' | 'closed'

/** The end of a transfer. spec R200 */
export interface FileEnd {
  readonly reason: FileEndReason
  /** The side that ended it. */
  readonly by: 'self' | 'other'
}

/** The reasons that one side tells the other. spec R191 */
export const TOLD_REASONS = [
  'received',
  'refused',
  'unsupported',
  'too-many',
  'cancelled',
  'unreadable',
  'unwritable',
  'not-authentic',
  'misbehaved',
] as const

/** A reason that one side tells the other. */
export type ToldReason = (typeof TOLD_REASONS)[number]

/**
 * Why a call about a file failed: the end of its transfer; `accepted`: it was accepted before; `too-large` for memory, or for any transfer;
 * `no-disk`: nothing can be written here; `too-many` transfers are open already.
 */
export type FileFailure = FileEndReason | 'accepted' | 'too-large' | 'no-disk'
