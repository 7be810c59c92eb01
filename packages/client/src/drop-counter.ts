/**
 * Counts what is dropped, and tells of each reason once spec R21.
 *
 * @module
 */

/** Counters by reason. The reasons are a fixed set of names: nothing from outside becomes one. */
export class DropCounter {
  readonly #report: (reason: string, count: number) => void
  readonly #countByReason = new Map<string, number>()

  constructor(report: (reason: string, count: number) => void) {
    this.#report = report
  }

  /** Something was dropped; the first of a reason is told. */
  count(reason: string, count = 1): void {
    const before = this.#countByReason.get(reason)
    this.#countByReason.set(reason, (before ?? 0) + count)
    if (before === undefined) this.#report(reason, count)
  }

  /** All counters. */
  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#countByReason)
  }
}
