/**
 * When the key of a session changes, and whom it is given to: a state machine without keys, timers and messages. spec
 * R47 to R52
 *
 * @module
 */
import { RateLimiter } from '@conclave/base'
import type { ParticipantId } from '@conclave/wire'

/** How much is sealed under one key. spec R51 */
export interface KeyLimits {
  readonly messages: number
  readonly frames: number
  readonly ageMs: number
}

/** The limits that are used where the caller names none. */
export const KEY_LIMITS: KeyLimits = Object.freeze({
  messages: 10_000,
  frames: 2 ** 20,
  ageMs: 15 * 60_000,
})

/** A change of the key: `none` gives the present one, `prepare` one that is not in use yet. */
export type KeyChange = 'none' | 'ratchet' | 'rotate' | 'prepare' | 'prepare-afresh'

/** The next thing to do with the key. */
export type KeyStep =
  /** Everybody in the roster holds the key: something may be sealed. */
  | { readonly type: 'ready' }
  /** Nothing to the room may be sealed before. */
  | { readonly type: 'wait'; readonly untilMs: number }
  | {
      readonly type: 'give'
      readonly change: KeyChange
      readonly to: readonly ParticipantId[]
    }
  /** The prepared key comes into use. */
  | { readonly type: 'complete' }
  /** The keys before the present one end, and with them these participants are gone. */
  | { readonly type: 'end'; readonly gone: readonly ParticipantId[] }

/** The members of a roster, which of them hold the key, and what was sealed under it. */
export class KeySchedule {
  readonly #limits: KeyLimits
  readonly #members = new Map<ParticipantId, Member>()
  readonly #changes = new RateLimiter(CHANGES)
  /** Ratchets since the key was fresh. */
  #ratchets = 0
  /** Whether something was sealed under the present key. */
  #used = false
  #beganMs: number
  #messages = 0
  #frames = 0
  /** Whether a source is on, whether its frames are sealed under the present key, and whether a frame ever was. */
  #media = false
  #mediaHasKey = false
  #sealsFrames = false
  /** Somebody who holds the key left, or it is worn out. */
  #rotationDue = false
  #prepared: Prepared | undefined
  /** Participants that left: the prepared key, or the next one if none is prepared, closes what is said to them. */
  #leavers = new Set<ParticipantId>()
  /** Participants that left with the prepared key: the one after it does. */
  #laterLeavers = new Set<ParticipantId>()
  #rotatesAgain = false
  #ending: Ending | undefined
  #meeting: { readonly unmet: Set<ParticipantId>; readonly untilMs: number } | undefined

  constructor(limits: KeyLimits, nowMs: number) {
    this.#limits = limits
    this.#beganMs = nowMs
  }

  /** The hub names these on joining: nothing is said before they are met, for a moment. spec R48 */
  expect(named: readonly ParticipantId[], nowMs: number): void {
    const { unmet = [], untilMs = nowMs + MEETING_MS } = this.#meeting ?? {}
    const all = [...unmet, ...named].filter((id) => !this.#members.has(id))
    this.#meeting = { unmet: new Set(all), untilMs }
  }

  /** A participant entered the roster. */
  entered(id: ParticipantId): void {
    this.#meeting?.unmet.delete(id)
    if (this.#members.has(id)) return
    this.#members.set(id, { heldSince: undefined, isPrepared: false, isLost: false })
  }

  /** A participant left the roster. Answers whether it is gone at once; else a step names it later. spec R52 */
  left(id: ParticipantId, nowMs: number): boolean {
    this.#meeting?.unmet.delete(id)
    const member = this.#members.get(id)
    if (member === undefined) return true
    this.#members.delete(id)
    const holds = member.heldSince !== undefined || member.isPrepared
    const mustWait = holds && this.#media
    const prepared = this.#prepared
    // One that was prepared because the key before was worn out waits no longer than one for a leave.
    if (mustWait && prepared) prepared.dueMs = Math.min(prepared.dueMs, nowMs + LEAD_MS.leave)
    if (prepared === undefined) this.#rotationDue ||= holds
    else if (member.isPrepared && nowMs < prepared.sinceMs + REPLACEABLE_MS) prepared.again = true
    else if (member.isPrepared) {
      prepared.dueMs = nowMs
      this.#rotatesAgain = true
      if (mustWait) this.#laterLeavers.add(id)
      return !this.#isLeaving(id)
    }
    if (mustWait) this.#leavers.add(id)
    // It may have left before too, and come back meanwhile.
    return !this.#isLeaving(id)
  }

  /** A participant turned out not to hold the key that it was given, or says so: it stays a holder too. spec R54 */
  missed(id: ParticipantId): void {
    const member = this.#members.get(id)
    if (member === undefined) return
    member.isLost = true
    // A session that forgot a key takes only later ones.
    this.#used = true
  }

  /** This session begins or ends to send media. spec R49 */
  media(isOn: boolean): void {
    this.#media = isOn
    this.#mediaHasKey = isOn && (this.#mediaHasKey || !this.#rotationDue)
    this.#used ||= this.isInUse && this.#sealsFrames
  }

  /** A message to the room is being sealed. */
  messageSealed(): void {
    this.#used = true
    this.#messages += 1
  }

  /** Frames of this session were sealed: so many, if it is known. */
  framesSealed(count: number): void {
    this.#sealsFrames = true
    this.#used = true
    this.#frames += count
  }

  /** Whether somebody who left can open what is sealed now. */
  get isOpenToLeavers(): boolean {
    return this.#rotationDue || this.#prepared !== undefined || this.#ending !== undefined
  }

  /** Whether a source that is turned on is not to be sent yet. spec R49 */
  get holdsMedia(): boolean {
    return this.#media && this.isOpenToLeavers
  }

  /** Whether frames are sealed for somebody: then steps are due by themselves. */
  get isInUse(): boolean {
    return this.#media && this.#members.size > 0
  }

  /** Whether the next step is due although nothing is to be said. */
  get isUrgent(): boolean {
    const isClosing =
      this.#leavers.size > 0 || this.#prepared !== undefined || this.#ending !== undefined
    return this.isInUse || isClosing || this.holdsMedia
  }

  /** When the next step is due by itself although `next` is `ready`. */
  get wakeAtMs(): number | undefined {
    const ages = this.isInUse && this.#used ? [this.#beganMs + this.#limits.ageMs] : []
    const times = [...ages, ...(this.#ending === undefined ? [] : [this.#ending.atMs])]
    return times.length === 0 ? undefined : Math.min(...times)
  }

  /** The members that do not hold the key; those that cannot be reached stay here. */
  lacking(): readonly ParticipantId[] {
    return [...this.#members].filter(([, member]) => this.#lacks(member)).map(([id]) => id)
  }

  /**
   * The next step. The caller says by `changed`, `given` and `ended` that it is done.
   *
   * @param canReach whether a key message to a participant can be sealed
   */
  next(nowMs: number, canReach: (id: ParticipantId) => boolean): KeyStep {
    const ending = this.#ending
    if (ending !== undefined && nowMs >= ending.atMs)
      return { type: 'end', gone: this.#goneWith(ending) }
    const prepared = this.#prepared
    if (prepared !== undefined) {
      const { again } = prepared
      const to = this.#reachable((member) => again || lacksPrepared(member), canReach)
      const change = again ? 'prepare-afresh' : 'prepare'
      if (again || to.length > 0) return { type: 'give', change, to }
      if (nowMs >= prepared.dueMs) return { type: 'complete' }
      return { type: 'wait', untilMs: Math.min(prepared.dueMs, ending?.atMs ?? prepared.dueMs) }
    }
    if (this.#isWornOut(nowMs)) this.#rotationDue = true
    if (this.#rotationDue) {
      const waitMs = this.#changes.waitMs(nowMs, this.#leavers.size > 0 ? 1 : CHANGES.burst)
      if (waitMs > 0) return this.#waitFor(nowMs + waitMs)
      const isHeard = [...this.#members.values()].some(({ heldSince }) => heldSince !== undefined)
      const isHeardNow = this.isInUse && this.#mediaHasKey && this.#used && isHeard
      const change = isHeardNow ? 'prepare' : 'rotate'
      return { type: 'give', change, to: this.#reachable(() => true, canReach) }
    }
    const to = this.#reachable((member) => this.#lacks(member), canReach)
    if (to.length > 0) {
      const isNews = this.#used && to.some((id) => this.#isNewcomer(id))
      const waitMs = isNews ? this.#changes.waitMs(nowMs, CHANGES.burst) : 0
      if (waitMs > 0) return this.#waitFor(nowMs + waitMs)
      return { type: 'give', change: isNews ? 'ratchet' : 'none', to }
    }
    if (this.#meeting === undefined) return { type: 'ready' }
    const { unmet, untilMs } = this.#meeting
    if (unmet.size > 0 && nowMs < untilMs && !this.#used) return this.#waitFor(untilMs)
    this.#meeting = undefined
    return { type: 'ready' }
  }

  /** The key changed. */
  changed(change: KeyChange | 'complete', nowMs: number): void {
    switch (change) {
      case 'none':
        return
      case 'prepare':
        // Else it is the one that was prepared before.
        if (this.#prepared === undefined) this.#changedPrepared(nowMs)
        return
      case 'prepare-afresh':
        return this.#changedPrepared(nowMs)
      case 'ratchet':
        this.#changes.force(nowMs)
        this.#ratchets += 1
        this.#used = this.isInUse && this.#sealsFrames
        return
      case 'rotate':
        this.#changes.force(nowMs)
        return this.#changedFresh(nowMs)
      case 'complete':
        return this.#changedFresh(nowMs)
    }
  }

  /** A participant is given the present key, or the one that is prepared; `false`: it left, and is not to be given it. */
  given(id: ParticipantId): boolean {
    const member = this.#members.get(id)
    if (member === undefined) return false
    member.isLost = false
    if (this.#prepared === undefined) {
      member.heldSince = this.#ratchets
      // Frames for it are sealed from now on.
      this.#used ||= this.isInUse && this.#sealsFrames
    } else member.isPrepared = true
    return true
  }

  /** The step `end` is done. */
  ended(): void {
    this.#ending = undefined
  }

  #changedPrepared(nowMs: number): void {
    const prepared = this.#prepared
    if (prepared === undefined) this.#changes.force(nowMs)
    const leadMs = this.#leavers.size > 0 ? LEAD_MS.leave : LEAD_MS.wear
    const { sinceMs, dueMs } = prepared ?? { sinceMs: nowMs, dueMs: nowMs + leadMs }
    this.#prepared = { sinceMs, dueMs, again: false }
    this.#rotationDue = false
    for (const member of this.#members.values()) member.isPrepared = false
  }

  /** The key is a fresh one: those who were given it in advance hold it, and nobody else. */
  #changedFresh(nowMs: number): void {
    const wasPrepared = this.#prepared !== undefined
    this.#prepared = undefined
    this.#ratchets = 0
    for (const member of this.#members.values()) {
      member.heldSince = wasPrepared && member.isPrepared ? 0 : undefined
      member.isPrepared = false
    }
    const gone = new Set([...(this.#ending?.gone ?? []), ...this.#leavers])
    this.#ending = { atMs: this.#media ? nowMs + LAST_FRAMES_MS : nowMs, gone }
    this.#leavers = this.#laterLeavers
    this.#laterLeavers = new Set()
    this.#rotationDue = this.#rotatesAgain
    this.#rotatesAgain = false
    this.#mediaHasKey = this.#media
    this.#used = this.isInUse && this.#sealsFrames
    this.#beganMs = nowMs
    this.#messages = 0
    this.#frames = 0
  }

  #waitFor(untilMs: number): KeyStep {
    return { type: 'wait', untilMs: Math.min(untilMs, this.wakeAtMs ?? untilMs) }
  }

  #isWornOut(nowMs: number): boolean {
    const { messages, frames, ageMs } = this.#limits
    return (
      this.#used &&
      (this.#messages >= messages || this.#frames >= frames || nowMs >= this.#beganMs + ageMs)
    )
  }

  /** Whether frames may be open to a participant that left. */
  #isLeaving(id: ParticipantId): boolean {
    return (
      this.#ending?.gone.has(id) === true || this.#leavers.has(id) || this.#laterLeavers.has(id)
    )
  }

  /** Those to whom everything is closed now: others are back, or left once more. */
  #goneWith({ gone }: Ending): ParticipantId[] {
    const isOpen = (id: ParticipantId): boolean =>
      this.#members.has(id) || this.#leavers.has(id) || this.#laterLeavers.has(id)
    return [...gone].filter((id) => !isOpen(id))
  }

  #lacks({ heldSince, isLost }: Member): boolean {
    return heldSince === undefined || isLost || this.#ratchets - heldSince >= MAX_FOLLOWED
  }

  #isNewcomer(id: ParticipantId): boolean {
    const member = this.#members.get(id)
    return member?.heldSince === undefined || member.isLost
  }

  #reachable(
    isWanted: (member: Member) => boolean,
    canReach: (id: ParticipantId) => boolean,
  ): ParticipantId[] {
    const wanted = [...this.#members].filter(([, member]) => isWanted(member))
    return wanted.map(([id]) => id).filter(canReach)
  }
}

interface Member {
  /** The number of ratchets when it was given the key; it follows later ones. `undefined`: it was not given. */
  heldSince: number | undefined
  /** Whether it was given the key that is prepared. */
  isPrepared: boolean
  /** Whether it must be given the key again. */
  isLost: boolean
}

const lacksPrepared = ({ isPrepared, isLost }: Member): boolean => !isPrepared || isLost

/** The key that was prepared, and since when; `again`: somebody who has it left, and another one takes its place. */
interface Prepared {
  readonly sinceMs: number
  dueMs: number
  again: boolean
}

/** The end of the keys before the present one, and those to whom only these were open. */
interface Ending {
  readonly atMs: number
  readonly gone: ReadonlySet<ParticipantId>
}

/** One in a second for what can wait, which needs all; leaves while media is sent take one each. spec R50 */
const CHANGES = { perSecond: 1, burst: 4 }
/** How long those who stay have the next key before it is in use: after a leave, and when the key before is worn out. */
const LEAD_MS = { leave: 200, wear: 1000 }
/** How long a prepared key gives way to another one, for which there is as much time. */
const REPLACEABLE_MS = 100
/** How long frames are still sealed under the key before, while the worker takes the next one. */
const LAST_FRAMES_MS = 50
/** How long a session that joins waits to meet those whom the hub names, before it says something. */
const MEETING_MS = 250
/** A holder follows ratchets by itself; it is given the key again well before it looks ahead no further (K31). */
const MAX_FOLLOWED = 32
