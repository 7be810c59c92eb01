/**
 * Keeps a publisher within the hub's limits, so that nothing has to be refused. spec R6
 *
 * @module
 */
import { RateLimiter } from '@conclave/base'
import { BOUNDS, type MessageBound } from '../bounds.ts'

/** The limits that a hub names when a session joins: two token buckets. */
export interface PaceLimits {
  readonly publishPerSecond: number
  readonly publishBurst: number
  readonly bytesPerSecond: number
  readonly bytesBurst: number
}

/** One bucket for messages and one for bytes. */
export class Pacer {
  readonly #messages: RateLimiter
  readonly #bytes: RateLimiter
  /** Half of each burst. */
  readonly #halves: MessageBound

  /** @param limits the hub's; a tenth is kept in reserve because the two clocks drift against each other, and a burst is
   *   never larger than can be repeated. Without a rate there would be no pause: each is 1 at least. spec R31, R181 */
  constructor({ publishPerSecond, publishBurst, bytesPerSecond, bytesBurst }: PaceLimits) {
    const { messages, bytes } = BOUNDS.burst
    const bursts = {
      messages: Math.min(Math.max(publishBurst, 1), messages) * USED_PART,
      bytes: Math.min(Math.max(bytesBurst, 1), bytes) * USED_PART,
    }
    this.#messages = limiterOf(publishPerSecond, bursts.messages)
    this.#bytes = limiterOf(bytesPerSecond, bursts.bytes)
    this.#halves = { messages: bursts.messages / 2, bytes: bursts.bytes / 2 }
  }

  /**
   * Admits one message of `bytes` and returns 0, or admits none and returns the milliseconds until it can.
   *
   * @param isData leaves half of each burst to others. spec R171
   */
  take(bytes: number, nowMs: number, isData = false): number {
    const kept = isData ? this.#halves : { messages: 0, bytes: 0 }
    const waitMs = Math.max(
      this.#messages.waitMs(nowMs, 1 + kept.messages),
      this.#bytes.waitMs(nowMs, bytes + kept.bytes),
    )
    if (waitMs > 0) return waitMs
    this.#messages.force(nowMs)
    this.#bytes.force(nowMs, bytes)
    return 0
  }

  /** The hub refused all the same: nothing is taken before `untilMs`. */
  pauseUntil(untilMs: number): void {
    this.#messages.pauseUntil(untilMs)
  }
}

const limiterOf = (perSecond: number, burst: number): RateLimiter =>
  new RateLimiter({ perSecond: Math.max(perSecond, 1) * USED_PART, burst })

const USED_PART = 0.9
