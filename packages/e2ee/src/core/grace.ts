import { checkFunction, checkInteger, monotonicTime } from '@conclave/base'

/** How long a key that was current opens unless the application says otherwise: a minute. spec P35, K11 */
export const DEFAULT_GRACE_MS = 60_000

/** How long what was sealed under a key still opens when another key became current. */
export interface GraceOptions {
  /**
   * A minute when left out, at most a year. 0 ends a key with the change, for a person who left and may no longer write.
   * In milliseconds.
   */
  readonly graceMs?: number | undefined
  /** The time in milliseconds, which never goes back; the machine's when left out. */
  readonly now?: (() => number) | undefined
}

/**
 * Checks the options, and completes them.
 *
 * @throws TypeError, RangeError that name the argument
 */
export function checkGrace({ graceMs = DEFAULT_GRACE_MS, now = monotonicTime }: GraceOptions): {
  readonly graceMs: number
  readonly now: () => number
} {
  checkFunction('now', now)
  return { graceMs: checkInteger('graceMs', graceMs, { min: 0, max: MAX_GRACE_MS }), now }
}

/** A year: a key that opens for ever is no grace. */
const MAX_GRACE_MS = 366 * 24 * 3_600_000
