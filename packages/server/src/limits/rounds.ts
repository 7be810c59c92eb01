/** A connection with work that waits for its turn. */
export interface RoundsMember {
  /** Does one piece of work; `false` when none is left. */
  step(): boolean
  /** Stops reading, because the address has used its part of the turn. */
  hold(): void
  /** Reads again. */
  release(): void
}

/** The time that rounds depend on. */
export interface RoundsTime {
  /** Milliseconds that never go back. */
  now(): number
  /** Calls back when what other connections brought meanwhile has been read. */
  nextTurn(callback: () => void): void
  setTimeout(callback: () => void, delayMs: number): unknown
}

/**
 * Divides the hub's time among addresses. Work is done at once while the turn of the event loop has time for it; beyond that it waits, and is
 * done in rounds over the addresses, a piece from each. An address that works much leaves most of the time to others, when there are others.
 * spec H43
 */
export class Rounds {
  readonly #time: RoundsTime
  readonly #shareByKey = new Map<string, Share>()
  /** Shares with waiting work, in the order in which they come next. */
  readonly #waiting = new Set<Share>()
  /** Shares that used time in this turn, or are held. */
  readonly #used = new Set<Share>()
  #usedMs = 0
  #isTurnBegun = false
  /** The address that worked last, and the moment when another one did. */
  #latest: Share | undefined
  #otherMs = -Infinity

  constructor(time: RoundsTime) {
    this.#time = time
  }

  /** How many addresses have connections. */
  get size(): number {
    return this.#shareByKey.size
  }

  /** The part of an address, for one connection of it. */
  join(key: string, member: RoundsMember): RoundsPlace {
    const share = this.#shareByKey.get(key) ?? new Share(key)
    this.#shareByKey.set(key, share)
    share.members.add(member)
    if (share.isHeld) member.hold()
    return {
      mayRun: () => !share.isHeld && share.queue.size === 0 && this.#usedMs < TURN_MS,
      now: () => this.#time.now(),
      spend: (ms) => this.#spend(share, ms),
      wait: () => this.#wait(share, member),
      leave: () => this.#leave(share, member),
    }
  }

  #spend(share: Share, ms: number): void {
    const nowMs = this.#time.now()
    if (this.#latest !== share) {
      this.#otherMs = this.#latest === undefined ? -Infinity : nowMs
      this.#latest = share
    }
    this.#usedMs += ms
    share.spend(ms, nowMs)
    this.#used.add(share)
    this.#begin()
    if (share.usedMs < SHARE_MS || share.isHeld) return
    share.isHeld = true
    for (const member of share.members) member.hold()
  }

  #wait(share: Share, member: RoundsMember): void {
    share.queue.add(member)
    this.#waiting.add(share)
    this.#begin()
  }

  #leave(share: Share, member: RoundsMember): void {
    share.members.delete(member)
    share.queue.delete(member)
    if (share.queue.size === 0) this.#waiting.delete(share)
    if (share.members.size > 0) return
    // The debt of an address outlives its connections for a while.
    this.#time.setTimeout(() => {
      if (share.members.size > 0 || this.#shareByKey.get(share.key) !== share) return
      this.#shareByKey.delete(share.key)
      this.#used.delete(share)
    }, FORGET_MS)
  }

  #begin(): void {
    if (this.#isTurnBegun) return
    this.#isTurnBegun = true
    this.#time.nextTurn(() => this.#turn())
  }

  /** The next turn of the event loop: everybody has a new part of it. */
  #turn(): void {
    this.#isTurnBegun = false
    this.#usedMs = 0
    const nowMs = this.#time.now()
    for (const share of this.#used) {
      share.usedMs = 0
      if (share.isHeld && this.#isInDebt(share, nowMs)) continue
      this.#used.delete(share)
      if (share.isHeld && share.queue.size === 0) this.#release(share)
    }
    this.#serve(nowMs)
    if (this.#waiting.size > 0 || this.#used.size > 0) this.#continue(nowMs)
  }

  /** One piece of work of each address after the other, as long as the turn has time. */
  #serve(nowMs: number): void {
    for (const share of this.#waiting) {
      if (this.#usedMs >= TURN_MS) return
      if (share.usedMs >= SHARE_MS || this.#isInDebt(share, nowMs)) continue
      this.#waiting.delete(share)
      const [member] = share.queue
      if (member === undefined) continue
      share.queue.delete(member)
      const startedMs = this.#time.now()
      const hasMore = member.step()
      this.#spend(share, this.#time.now() - startedMs)
      if (hasMore) share.queue.add(member)
      if (share.queue.size > 0) this.#waiting.add(share)
      else if (share.usedMs < SHARE_MS) this.#release(share)
    }
  }

  #release(share: Share): void {
    share.isHeld = false
    for (const member of share.members) {
      if (share.isHeld) return
      member.release()
    }
  }

  /** At once when somebody can go on, and else when the first debt is paid. */
  #continue(nowMs: number): void {
    if (this.#isTurnBegun) return
    const isReady = [...this.#waiting, ...this.#used].some((share) => !this.#isInDebt(share, nowMs))
    if (isReady) return this.#begin()
    this.#isTurnBegun = true
    this.#time.setTimeout(() => this.#turn(), PAY_MS)
  }

  #isInDebt(share: Share, nowMs: number): boolean {
    if (!this.#hasOthers(share, nowMs)) return false
    return share.debtAt(nowMs) > BURST_MS
  }

  /** Whether another address worked lately. Without others one may use all of the time. */
  #hasOthers(share: Share, nowMs: number): boolean {
    if (this.#latest !== share) return true
    return nowMs - this.#otherMs < LATELY_MS
  }
}

/** The place of one connection in its address's part. */
export interface RoundsPlace {
  /** Whether work may be done at once. */
  mayRun(): boolean
  /** Milliseconds that never go back. */
  now(): number
  /** Says how long work took that was done at once. */
  spend(ms: number): void
  /** Work waits: `step` is called when it is this connection's turn. */
  wait(): void
  /** The connection is gone. */
  leave(): void
}

class Share {
  readonly key: string
  readonly members = new Set<RoundsMember>()
  /** Members with waiting work, in the order in which they come next. */
  readonly queue = new Set<RoundsMember>()
  usedMs = 0
  isHeld = false
  #debtMs = 0
  #debtAtMs = 0

  constructor(key: string) {
    this.key = key
  }

  spend(ms: number, nowMs: number): void {
    this.usedMs += ms
    this.#debtMs = Math.min(MAX_DEBT_MS, this.debtAt(nowMs) + ms)
    this.#debtAtMs = nowMs
  }

  debtAt(nowMs: number): number {
    return Math.max(0, this.#debtMs - (nowMs - this.#debtAtMs) * PART)
  }
}

/** The time of one turn of the event loop for messages, and the part of one address in it. */
const TURN_MS = 6
const SHARE_MS = 2
/** The part of the hub's time that one address has beside others, after so much at once. */
const PART = 0.2
const BURST_MS = 20
const MAX_DEBT_MS = 200
const PAY_MS = 2
const LATELY_MS = 1000
const FORGET_MS = 10_000
