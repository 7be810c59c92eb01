/** A connection with work that waits for its turn. */
export interface RoundsMember {
  /** Does one piece of work; `false` when none is left. */
  step(): boolean
  /** Stops reading, because the address has used its part of the turn. */
  hold(): void
  /** Reads again. */
  release(): void
}

/** The part of one address in the hub's time. */
export class Share {
  readonly key: string
  readonly members: Set<RoundsMember> = new Set()
  /** Members with waiting work, in the order in which they come next. */
  readonly queue: Set<RoundsMember> = new Set()
  /** Used in this turn. */
  usedMs = 0
  isHeld = false
  /** When its last connection left. */
  leftMs = 0
  isLeaving = false
  #debtMs = 0
  #debtAtMs = 0

  constructor(key: string) {
    this.key = key
  }

  /** Counts time that was used in this turn. */
  spend(ms: number, nowMs: number): void {
    this.usedMs += ms
    this.owe(ms, nowMs)
  }

  /** Counts time that is paid for in later turns. */
  owe(ms: number, nowMs: number): void {
    this.#debtMs = Math.min(MAX_DEBT_MS, this.debtAt(nowMs) + ms)
    this.#debtAtMs = nowMs
  }

  /** The time that was used beyond the part. */
  debtAt(nowMs: number): number {
    return Math.max(0, this.#debtMs - (nowMs - this.#debtAtMs) * PART)
  }
}

/** The part of the hub's time that one address has beside others. */
const PART = 0.2
const MAX_DEBT_MS = 200
