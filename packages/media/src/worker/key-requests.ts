/**
 * Keeps a participant from making us derive keys without end: frames name their key, and anybody can write
 * frames (spec M13).
 *
 * @module
 */

/** What to do about a KID without a key. */
export type KeyRequestVerdict =
  /** Ask for the key; frames may wait. */
  | 'ask'
  /** Asked already, no answer yet; frames may wait. */
  | 'pending'
  /** Too many, too fast, or there is no such key: drop the frame. */
  | 'refused'

/** The requests of one participant: bounded in number and in rate. Time is an argument. */
export class KeyRequests {
  readonly #requestByKid = new Map<bigint, { answered: boolean; at: number }>()
  #tokens = BURST
  #refilledAtMs = Number.NEGATIVE_INFINITY

  /** Decides about a KID whose key is not there. */
  request(kid: bigint, nowMs: number): KeyRequestVerdict {
    const known = this.#requestByKid.get(kid)
    if (known && !known.answered) return 'pending'
    if (known && nowMs - known.at < RETRY_AFTER_MS) return 'refused'
    this.#requestByKid.delete(kid)
    if (!this.#makeRoom() || !this.#takeToken(nowMs)) return 'refused'
    this.#requestByKid.set(kid, { answered: false, at: nowMs })
    return 'ask'
  }

  /** The key came: the request is over. */
  fulfil(kid: bigint): void {
    this.#requestByKid.delete(kid)
  }

  /** There is no such key; it may be asked for again after a second. */
  reject(kid: bigint, nowMs: number): void {
    if (this.#requestByKid.has(kid)) this.#requestByKid.set(kid, { answered: true, at: nowMs })
  }

  /** The epoch changed: what was refused may be had now. */
  forgetRejected(): void {
    for (const [kid, request] of this.#requestByKid) {
      if (request.answered) this.#requestByKid.delete(kid)
    }
  }

  #makeRoom(): boolean {
    if (this.#requestByKid.size < MAX_REQUESTS) return true
    for (const [kid, request] of this.#requestByKid) {
      if (request.answered) return this.#requestByKid.delete(kid)
    }
    return false
  }

  #takeToken(nowMs: number): boolean {
    const elapsedMs = nowMs - this.#refilledAtMs
    this.#tokens = Math.min(BURST, this.#tokens + (elapsedMs / 1000) * PER_SECOND)
    this.#refilledAtMs = nowMs
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }
}

const MAX_REQUESTS = 8
const BURST = 8
const PER_SECOND = 4
const RETRY_AFTER_MS = 1000
