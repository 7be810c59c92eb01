import type { MessageId, ParticipantId } from '@conclave/wire'

/** Remembers the positions of recent messages by sender and id, bounded in time and number. spec H21 */
export class DedupeWindow {
  readonly #seenByKey = new Map<string, { readonly position: bigint; readonly atMs: number }>()

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
    this.#seenByKey.delete(text)
    this.#seenByKey.set(text, { position, atMs: nowMs })
    for (const [oldest, { atMs }] of this.#seenByKey) {
      if (this.#seenByKey.size <= MAX_ENTRIES && nowMs - atMs < WINDOW_MS) break
      this.#seenByKey.delete(oldest)
    }
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

const WINDOW_MS = 120_000
const MAX_ENTRIES = 4096
