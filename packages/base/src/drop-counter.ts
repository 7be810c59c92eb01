/** Counts drops by reason. Reasons are a fixed set of names: no input becomes one. */
export class DropCounter<Reason extends string> {
  readonly #firstDropped: (reason: Reason, count: number) => void
  readonly #countByReason = new Map<Reason, number>()

  get [Symbol.toStringTag](): string {
    return 'DropCounter'
  }

  /** @param firstDropped called once for each reason, when it first occurs */
  constructor(firstDropped: (reason: Reason, count: number) => void = () => {}) {
    this.#firstDropped = firstDropped
  }

  /** Adds to the count of a reason. */
  count(reason: Reason, count = 1): void {
    const before = this.#countByReason.get(reason)
    this.#countByReason.set(reason, (before ?? 0) + count)
    if (before === undefined) this.#firstDropped(reason, count)
  }

  /** A copy of the counts; reasons that did not occur are absent. */
  counts(): { readonly [R in Reason]?: number } {
    return Object.fromEntries(this.#countByReason) as { readonly [R in Reason]?: number }
  }
}
