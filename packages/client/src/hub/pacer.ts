/**
 * Keeps a publisher within the hub's limits, so that nothing has to be refused spec R6.
 *
 * @module
 */

/** The limits that a hub names when a session joins: two token buckets. */
export interface PaceLimits {
  readonly publishPerSecond: number
  readonly publishBurst: number
  readonly bytesPerSecond: number
  readonly bytesBurst: number
}

/** Two leaky buckets, for messages and for bytes, by the generic cell rate algorithm. */
export class Pacer {
  readonly #messages: Bucket
  readonly #bytes: Bucket

  /** @param limits the hub's; a tenth is kept in reserve because the two clocks drift against each other */
  constructor(limits: PaceLimits) {
    this.#messages = createBucket(limits.publishPerSecond * reserve, limits.publishBurst * reserve)
    this.#bytes = createBucket(limits.bytesPerSecond * reserve, limits.bytesBurst * reserve)
  }

  /** Takes room for one message of `bytes` at `nowMs`, or says in how many milliseconds there is some. */
  take(bytes: number, nowMs: number): { readonly waitMs: number } {
    const waitMs = Math.max(waitFor(this.#messages, 1, nowMs), waitFor(this.#bytes, bytes, nowMs))
    if (waitMs > 0) return { waitMs }
    fill(this.#messages, 1, nowMs)
    fill(this.#bytes, bytes, nowMs)
    return { waitMs: 0 }
  }

  /** The hub refused all the same: nothing is taken before `untilMs`. */
  pauseUntil(untilMs: number): void {
    this.#messages.fullUntilMs = Math.max(
      this.#messages.fullUntilMs,
      untilMs + this.#messages.toleranceMs,
    )
  }
}

interface Bucket {
  readonly costMs: number
  readonly toleranceMs: number
  /** The time at which the bucket is empty again. */
  fullUntilMs: number
}

const createBucket = (perSecond: number, burst: number): Bucket => ({
  costMs: 1000 / perSecond,
  toleranceMs: (burst * 1000) / perSecond,
  fullUntilMs: 0,
})

const waitFor = (bucket: Bucket, amount: number, nowMs: number): number => {
  const costMs = Math.min(amount * bucket.costMs, bucket.toleranceMs)
  const waitMs = Math.max(bucket.fullUntilMs, nowMs) + costMs - bucket.toleranceMs - nowMs
  return Math.max(0, Math.ceil(waitMs))
}

const fill = (bucket: Bucket, amount: number, nowMs: number): void => {
  bucket.fullUntilMs = Math.max(bucket.fullUntilMs, nowMs) + amount * bucket.costMs
}

const reserve = 0.9
