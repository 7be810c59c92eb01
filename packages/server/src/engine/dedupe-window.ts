import type { MessageId, ParticipantId } from '@conclave/wire'

/** The positions that all windows of an engine may remember together; each has as many as are left for the others. spec H44 */
export class DedupePool {
  readonly #most: number
  /** How many are remembered. */
  used = 0

  constructor(most: number = MAX_DEDUPE_ENTRIES) {
    this.#most = most
  }

  /** How many a window may remember now. */
  get allowed(): number {
    return Math.min(MAX_ENTRIES, Math.max(LEAST_DEDUPE_ENTRIES, this.#most - this.used))
  }
}

/** Remembers the positions of recent messages by sender and id, bounded in time and number. spec H21 */
export class DedupeWindow {
  readonly #pool: DedupePool
  readonly #seenByKey = new Map<string, { readonly position: bigint; readonly atMs: number }>()

  constructor(pool: DedupePool = new DedupePool()) {
    this.#pool = pool
  }

  /** The position that this message has already, unless it was forgotten. */
  find(key: DedupeKey, nowMs: number): bigint | undefined {
    const seen = this.#seenByKey.get(toText(key))
    return seen !== undefined && nowMs - seen.atMs < WINDOW_MS ? seen.position : undefined
  }

  /** Remembers a position, and forgets the oldest ones beyond the bounds. */
  add(
    key: DedupeKey,
    { position, nowMs }: { readonly position: bigint; readonly nowMs: number },
  ): void {
    const text = toText(key)
    if (!this.#seenByKey.delete(text)) this.#pool.used += 1
    this.#seenByKey.set(text, { position, atMs: nowMs })
    this.forget(nowMs)
  }

  /** Forgets what is too old, and the oldest ones beyond the bounds. */
  forget(nowMs: number): void {
    for (const [oldest, { atMs }] of this.#seenByKey) {
      if (this.#seenByKey.size <= this.#pool.allowed && nowMs - atMs < WINDOW_MS) break
      this.#seenByKey.delete(oldest)
      this.#pool.used -= 1
    }
  }

  /** Forgets everything. */
  clear(): void {
    this.#pool.used -= this.#seenByKey.size
    this.#seenByKey.clear()
  }

  /** How many positions are remembered. */
  get size(): number {
    return this.#seenByKey.size
  }
}

interface DedupeKey {
  readonly from: ParticipantId
  readonly id: MessageId
}

/** The sender is part of the key, so that no participant can use up the message id of another. */
function toText({ from, id }: DedupeKey): string {
  return from + id
}

/** The positions of all windows together, those of a window in any case, and the memory of one. */
export const MAX_DEDUPE_ENTRIES = 131_072
export const LEAST_DEDUPE_ENTRIES = 8
export const DEDUPE_BYTES = 450

const WINDOW_MS = 120_000
const MAX_ENTRIES = 4096
