import { Share } from './share.ts'
import type { RoundsMember } from './share.ts'

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
    return new Place({ rounds: this, share, member })
  }

  /** Milliseconds that never go back. */
  now(): number {
    return this.#time.now()
  }

  /** Whether work of an address may be done at once. */
  mayRun(share: Share): boolean {
    return !share.isHeld && share.queue.size === 0 && this.#usedMs < TURN_MS
  }

  /** An address used so much time. */
  spend(share: Share, ms: number): void {
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

  /**
   * The writes of this turn took so much time: the addresses that worked in the turn owe it. Nobody is held for it at once, because the turn is over.
   * spec H64
   */
  wrote(ms: number): void {
    const workedMs = this.#usedMs
    if (workedMs === 0) return
    const nowMs = this.#time.now()
    for (const share of this.#used) share.owe((ms * share.usedMs) / workedMs, nowMs)
  }

  /** Work of a member waits. */
  wait(share: Share, member: RoundsMember): void {
    share.queue.add(member)
    this.#waiting.add(share)
    this.#begin()
  }

  /** A member is gone. */
  leave(share: Share, member: RoundsMember): void {
    share.members.delete(member)
    share.queue.delete(member)
    if (share.queue.size === 0) this.#waiting.delete(share)
    if (share.members.size > 0) return
    share.leftMs = this.#time.now()
    // The debt of an address outlives its connections for a while.
    if (share.debtAt(share.leftMs) === 0) this.#forget(share)
    else if (!share.isLeaving) this.#forgetLater(share, FORGET_MS)
  }

  #forgetLater(share: Share, delayMs: number): void {
    share.isLeaving = true
    this.#time.setTimeout(() => {
      share.isLeaving = false
      if (share.members.size > 0) return
      const leftMs = share.leftMs + FORGET_MS - this.#time.now()
      if (leftMs > 0) this.#forgetLater(share, leftMs)
      else this.#forget(share)
    }, delayMs)
  }

  #forget(share: Share): void {
    if (this.#shareByKey.get(share.key) !== share) return
    this.#shareByKey.delete(share.key)
    this.#used.delete(share)
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
      this.spend(share, this.#time.now() - startedMs)
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

class Place implements RoundsPlace {
  readonly #rounds: Rounds
  readonly #share: Share
  readonly #member: RoundsMember

  constructor(options: {
    readonly rounds: Rounds
    readonly share: Share
    readonly member: RoundsMember
  }) {
    this.#rounds = options.rounds
    this.#share = options.share
    this.#member = options.member
  }

  mayRun(): boolean {
    return this.#rounds.mayRun(this.#share)
  }

  now(): number {
    return this.#rounds.now()
  }

  spend(ms: number): void {
    this.#rounds.spend(this.#share, ms)
  }

  wait(): void {
    this.#rounds.wait(this.#share, this.#member)
  }

  leave(): void {
    this.#rounds.leave(this.#share, this.#member)
  }
}

/** The time of one turn of the event loop for messages, and the part of one address in it. */
const TURN_MS = 6
const SHARE_MS = 2
/** The time of an address beside others that it may have at once. */
const BURST_MS = 20
const PAY_MS = 2
const LATELY_MS = 1000
const FORGET_MS = 10_000
