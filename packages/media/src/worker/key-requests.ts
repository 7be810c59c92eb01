/**
 * Bounds the number of keys that a participant can make us derive: frames name their key, and anyone can write frames.
 * spec M13
 *
 * @module
 */
import { RateLimiter } from '@conclave/base'

/** The answer to a KID without a key. */
export type KeyRequestVerdict =
  /** Ask for the key; frames may wait. */
  | 'ask'
  /** Asked already, no answer yet; frames may wait. */
  | 'pending'
  /** Too many, too fast, or there is no such key: drop the frame. */
  | 'refused'

/** The requests for one participant's keys: bounded in number and in rate. Time is an argument. */
export class KeyRequests {
  readonly #requestByKid = new Map<bigint, KeyRequest>()
  readonly #rate = new RateLimiter({ perSecond: 4, burst: 8 })

  /** Decides about a KID whose key is not there. */
  request(kid: bigint, nowMs: number): KeyRequestVerdict {
    const known = this.#requestByKid.get(kid)
    if (known?.state === 'pending') return 'pending'
    if (known && nowMs - known.atMs < RETRY_AFTER_MS) return 'refused'
    this.#requestByKid.delete(kid)
    if (!this.#hasPlace() || !this.#rate.take(nowMs)) return 'refused'
    this.#requestByKid.set(kid, { state: 'pending' })
    return 'ask'
  }

  /** The key came: the request is over. */
  fulfil(kid: bigint): void {
    this.#requestByKid.delete(kid)
  }

  /** There is no such key; it may be asked for again after a second. */
  reject(kid: bigint, nowMs: number): void {
    if (this.#requestByKid.has(kid)) this.#requestByKid.set(kid, { state: 'rejected', atMs: nowMs })
  }

  /** Keys that were refused may exist now: they may be asked for again at once. */
  forgetRejected(): void {
    for (const [kid, { state }] of this.#requestByKid) {
      if (state === 'rejected') this.#requestByKid.delete(kid)
    }
  }

  /** Whether one more request fits; evicts a rejected one if needed. */
  #hasPlace(): boolean {
    if (this.#requestByKid.size < MAX_REQUESTS) return true
    for (const [kid, { state }] of this.#requestByKid) {
      if (state === 'rejected') return this.#requestByKid.delete(kid)
    }
    return false
  }
}

type KeyRequest =
  | { readonly state: 'pending' }
  | { readonly state: 'rejected'; readonly atMs: number }

const MAX_REQUESTS = 8
const RETRY_AFTER_MS = 1000
