import type { Clock } from '@conclave/base'

/** A part of the hub that holds memory of a pool. */
export interface PoolHolder {
  /** How many bytes it holds now. */
  heldBytes(): number
}

/**
 * Memory that many share, so that the sum of their bounds is a number: each may hold as much as is left for others. A single one
 * has half of it, and the more hold much, the less each of them may. Each may hold a little in any case. spec H44
 */
export class MemoryPool {
  readonly #totalBytes: number
  readonly #clock: Clock
  readonly #heldByHolder = new Map<PoolHolder, number>()
  #usedBytes = 0
  #refreshedMs = -Infinity

  constructor(totalBytes: number, clock: Clock) {
    this.#totalBytes = totalBytes
    this.#clock = clock
  }

  /** How many bytes are held, as far as it was told. */
  get usedBytes(): number {
    return this.#usedBytes
  }

  /** Says what a holder holds. Returns whether it may hold that much; `false` leaves the count as it is. */
  hold(holder: PoolHolder, bytes: number): boolean {
    if (bytes <= FREE_BYTES) {
      this.release(holder)
      return true
    }
    if (!this.#fits(holder, bytes) && !(this.#refresh() && this.#fits(holder, bytes))) return false
    this.#usedBytes += bytes - (this.#heldByHolder.get(holder) ?? 0)
    this.#heldByHolder.set(holder, bytes)
    return true
  }

  /** A holder holds nothing that counts. */
  release(holder: PoolHolder): void {
    this.#usedBytes -= this.#heldByHolder.get(holder) ?? 0
    this.#heldByHolder.delete(holder)
  }

  #fits(holder: PoolHolder, bytes: number): boolean {
    const others = this.#usedBytes - (this.#heldByHolder.get(holder) ?? 0)
    return bytes <= this.#totalBytes - others - bytes
  }

  /** Asks all holders, which get smaller without a word; seldom, because it visits all. */
  #refresh(): boolean {
    const nowMs = this.#clock.now()
    if (nowMs - this.#refreshedMs < REFRESH_MS) return false
    this.#refreshedMs = nowMs
    for (const holder of [...this.#heldByHolder.keys()]) {
      const bytes = holder.heldBytes()
      this.#usedBytes += bytes - (this.#heldByHolder.get(holder) ?? 0)
      if (bytes > FREE_BYTES) this.#heldByHolder.set(holder, bytes)
      else {
        this.#usedBytes -= bytes
        this.#heldByHolder.delete(holder)
      }
    }
    return true
  }
}

/** As much is held without counting: it belongs to the bound of a connection. */
export const FREE_BYTES = 8192
const REFRESH_MS = 100
