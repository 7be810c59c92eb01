import type { MessageId } from '@conclave/wire'

/** The messages that a connection said and the hub has not acknowledged: how soon an answer is due. spec R207 */
export class Unanswered {
  readonly #bytesById = new Map<MessageId, number>()
  #bytes = 0
  #sinceMs = 0

  /** Since when there was always something without an answer; `undefined` when everything has one. */
  get sinceMs(): number | undefined {
    return this.#bytesById.size === 0 ? undefined : this.#sinceMs
  }

  /** How long an answer to a probe may take, behind what was said before it on a slow network. */
  get deadlineMs(): number {
    return DEADLINE_MS + Math.min(LONGER_MS, this.#bytes / BYTES_PER_MS)
  }

  /** A message was handed to the network. */
  said({ id, bytes }: { readonly id: MessageId; readonly bytes: number }, nowMs: number): void {
    if (this.#bytesById.size === 0) this.#sinceMs = nowMs
    this.#bytes += bytes - (this.#bytesById.get(id) ?? 0)
    this.#bytesById.set(id, bytes)
  }

  /** The hub acknowledged or refused a message. */
  answered(id: MessageId): void {
    this.#bytes -= this.#bytesById.get(id) ?? 0
    this.#bytesById.delete(id)
  }
}

/** A silence after which the hub is probed while it owes an answer, and how long it has then. */
export const UNANSWERED_MS = 1000
export const DEADLINE_MS = 2000
/** A network that brings less is taken for none, unless it brings a sign of life. */
const BYTES_PER_MS = 16
const LONGER_MS = 4000
