import type { MessageId, ParticipantId } from '@conclave/wire'

/** Remembers which messages of whom took which place, for a while and up to a number. spec H21 */
export class DedupeWindow {
  readonly #seen = new Map<string, { readonly position: bigint; readonly atMs: number }>()

  /** The place that this message took before, unless it is forgotten. */
  find(key: DedupeKey, nowMs: number): bigint | undefined {
    const seen = this.#seen.get(toText(key))
    return seen !== undefined && nowMs - seen.atMs < WINDOW_MS ? seen.position : undefined
  }

  /** Remembers a place, and forgets the oldest ones beyond the bounds. */
  add(
    key: DedupeKey,
    { position, nowMs }: { readonly position: bigint; readonly nowMs: number },
  ): void {
    const text = toText(key)
    this.#seen.delete(text)
    this.#seen.set(text, { position, atMs: nowMs })
    for (const [oldest, { atMs }] of this.#seen) {
      if (this.#seen.size <= MAX_ENTRIES && nowMs - atMs < WINDOW_MS) break
      this.#seen.delete(oldest)
    }
  }

  /** How many are remembered. */
  get size(): number {
    return this.#seen.size
  }
}

interface DedupeKey {
  readonly from: ParticipantId
  readonly id: MessageId
}

/** The sender is part of the key, so that nobody can use up another's message id. */
function toText({ from, id }: DedupeKey): string {
  return from + id
}

const WINDOW_MS = 120_000
const MAX_ENTRIES = 4096
