/**
 * The rounds by which the sessions of a room come to one code, if they see the same sessions and persons. spec R90
 *
 * @module
 */
import type { Clock } from '@conclave/base'
import {
  type RoomCodeMember,
  type RoomCodeRound,
  type RoomRoot,
  createRoomCodeRound,
} from '@conclave/e2ee/session'
import type { ParticipantId, RoomId } from '@conclave/wire'
import { MESSAGE_KINDS } from '../messages/bodies.ts'
import {
  MAX_ROUND,
  type RoundPart,
  decodeRoundPart,
  encodeRoundPart,
  nameRoster,
} from './room-code-bodies.ts'

/**
 * The room code at one moment. `ready`: everyone in the room who is not deceived sees these digits; people compare them by
 * voice. `pending`: a round is under way; `missing` are the participants that it waits for. `none`: there is
 * nobody to compare with, there are more than 32 sessions, or the room has no key that all members share. spec R91
 */
export type RoomCode =
  | { readonly state: 'none' }
  | { readonly state: 'pending'; readonly missing: readonly ParticipantId[] }
  | { readonly state: 'ready'; readonly digits: string }

/** The needs of {@link RoomCodeRounds}. */
export interface RoomCodeRoundsOptions {
  readonly room: RoomId
  readonly self: RoomCodeMember
  /** The key source whose root all members hold. */
  readonly root: RoomRoot
  readonly clock: Clock
  /** Sends a signed message to everyone in the roster. Rejects when it cannot. */
  broadcast(kind: number, body: Uint8Array): Promise<void>
  /** Asks sessions whether something that they said got lost. */
  ask(participants: readonly ParticipantId[]): void
  changed(code: RoomCode): void
  /** The key source failed. */
  failed(error: unknown): void
}

/** Takes part in rounds, and begins one after each change of the roster. */
export class RoomCodeRounds {
  readonly #options: RoomCodeRoundsOptions
  readonly #memberById = new Map<ParticipantId, Member>()
  #code: RoomCode = NO_CODE
  #current: Round | undefined
  #newest = { roster: '', number: 0 }
  #beganAtMs = Number.NEGATIVE_INFINITY
  /** The timer until the next round, if there is to be one; it fires before the clock is there, on some platforms. */
  #due: { readonly timer: unknown; isNow: boolean } | undefined
  /** The timer until those whose parts are missing are asked. */
  #asking: unknown
  /** Rises with each change of the roster. */
  #generation = 0
  #hasNews = false
  #running: Promise<void> | undefined
  #closed = false

  constructor(options: RoomCodeRoundsOptions) {
    this.#options = options
  }

  /** The code at this moment. */
  get code(): RoomCode {
    return this.#code
  }

  /** Resolves when everything that came so far is handled. */
  get settled(): Promise<void> {
    return this.#running ?? Promise.resolve()
  }

  /** A session entered the roster. */
  join(member: RoomCodeMember): void {
    this.#memberById.set(member.id, { ...member })
    this.restart()
  }

  /** A session left the roster. */
  leave(id: ParticipantId): void {
    if (this.#memberById.delete(id)) this.restart()
  }

  /** The roster or the root of the room changed: the last code says nothing about it. */
  restart(): void {
    this.#generation += 1
    this.#current = undefined
    const count = this.#memberById.size
    const isComparable = count > 0 && count < MAX_COMPARED
    this.#show(isComparable ? { state: 'pending', missing: [] } : NO_CODE)
    if (isComparable) this.#beginAfter(SETTLING_MS)
    else this.#cancel()
  }

  /** A message of a session to the room, in its turn; `false` when its body is malformed. */
  receive(from: ParticipantId, kind: number, body: Uint8Array): boolean {
    const part = decodeRoundPart(body)
    if (part === undefined) return false
    const member = this.#memberById.get(from)
    if (member === undefined) return true
    // Only the newest of each counts, so that nobody makes others keep more.
    if (kind === MESSAGE_KINDS.commitment) member.commitment = part
    else member.nonce = part
    this.#advance()
    return true
  }

  /** Ends timers, and shows nothing from now on. */
  close(): void {
    this.#closed = true
    this.#cancel()
    this.#options.clock.clearTimeout(this.#asking)
    this.#current = undefined
  }

  /** Asks, until the code is ready, those whose parts are missing. spec R101 */
  #askAfter(ms: number): void {
    const { clock } = this.#options
    clock.clearTimeout(this.#asking)
    this.#asking = clock.setTimeout(() => {
      if (this.#current === undefined || this.#code.state !== 'pending') return
      this.#options.ask(this.#code.missing)
      this.#askAfter(ASKED_AGAIN_MS)
    }, ms)
  }

  /** The next round begins after this time, and not before a pause since the one before it. spec R92 */
  #beginAfter(ms: number): void {
    const { clock } = this.#options
    const waitMs = Math.max(ms, this.#beganAtMs + PAUSE_MS - clock.now())
    this.#cancel()
    const timer = clock.setTimeout(() => {
      due.isNow = true
      this.#advance()
    }, waitMs)
    const due = { timer, isNow: false }
    this.#due = due
  }

  #cancel(): void {
    if (this.#due !== undefined) this.#options.clock.clearTimeout(this.#due.timer)
    this.#due = undefined
  }

  #advance(): void {
    this.#hasNews = true
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
  }

  async #run(): Promise<void> {
    while (this.#hasNews && !this.#closed) {
      this.#hasNews = false
      try {
        if (this.#due?.isNow === true) await this.#begin()
        if (this.#current !== undefined) await this.#proceed(this.#current)
      } catch (error) {
        if (!this.#closed) this.#options.failed(error)
      }
    }
  }

  async #begin(): Promise<void> {
    const { room, self, clock } = this.#options
    this.#cancel()
    this.#beganAtMs = clock.now()
    const generation = this.#generation
    this.#forgetUsed()
    const others = [...this.#memberById.values()]
    const roster = await nameRoster([self, ...others].map(({ id }) => id))
    const before = this.#newest.roster === roster ? this.#newest.number : 0
    const theirs = others.map(({ commitment }) =>
      commitment?.roster === roster ? commitment.round : 0,
    )
    const number = Math.max(before + 1, ...theirs)
    if (number > MAX_ROUND) return
    const round = await createRoomCodeRound({ room, round: BigInt(number), self, others })
    if (generation !== this.#generation || this.#closed) return
    this.#newest = { roster, number }
    this.#current = { round, roster, number, others, isShown: false, opened: new Set() }
    this.#send(MESSAGE_KINDS.commitment, { roster, round: number, value: round.commitment })
    this.#askAfter(ASKED_MS)
  }

  /** A part serves one round and no other. spec C18 */
  #forgetUsed(): void {
    const { roster, number } = this.#newest
    const isUsed = (part?: RoundPart): boolean => part?.roster === roster && part.round <= number
    for (const member of this.#memberById.values()) {
      if (isUsed(member.commitment)) member.commitment = undefined
      if (isUsed(member.nonce)) member.nonce = undefined
    }
  }

  async #proceed(current: Round): Promise<void> {
    const { round, roster, number, others, opened } = current
    const committed = others.filter(({ id, commitment }) => {
      if (commitment?.roster !== roster) return false
      if (commitment.round === number && round.receiveCommitment(id, commitment.value)) return true
      // It began another round with the same sessions, or goes on in an earlier one because it missed this one.
      if (this.#due === undefined) this.#beginAfter(commitment.round < number ? PATIENCE_MS : 0)
      return false
    })
    const { nonce } = round
    if (nonce !== undefined && !current.isShown) {
      current.isShown = true
      this.#send(MESSAGE_KINDS.nonce, { roster, round: number, value: nonce })
    }
    for (const member of committed) {
      const shown = member.nonce
      if (shown?.roster !== roster || shown.round !== number || opened.has(member.id)) continue
      if (await round.receiveNonce(member.id, shown.value)) opened.add(member.id)
    }
    const digits = await round.code({ root: this.#options.root })
    if (this.#current !== current) return
    const isComplete = digits !== undefined && committed.length === others.length
    if (isComplete) this.#cancel()
    const isMissing = ({ id }: Member): boolean =>
      nonce === undefined ? !committed.some((member) => member.id === id) : !opened.has(id)
    const missing = others.filter(isMissing).map(({ id }) => id)
    this.#show(digits === undefined ? { state: 'pending', missing } : { state: 'ready', digits })
  }

  #send(kind: number, part: RoundPart): void {
    this.#options.broadcast(kind, encodeRoundPart(part)).catch(() => {
      // The others wait for it: the round is lost, and another one begins.
      if (!this.#closed) this.restart()
    })
  }

  #show(code: RoomCode): void {
    if (this.#closed || JSON.stringify(code) === JSON.stringify(this.#code)) return
    if (code.state === 'pending') Object.freeze(code.missing)
    this.#code = Object.freeze(code)
    this.#options.changed(this.#code)
  }
}

/** One other session of the roster, with the newest parts that came from it. */
interface Member extends RoomCodeMember {
  commitment?: RoundPart | undefined
  nonce?: RoundPart | undefined
}

/** A round under way. */
interface Round {
  readonly round: RoomCodeRound
  readonly roster: string
  readonly number: number
  readonly others: readonly Member[]
  /** Whether this session's nonce is on its way. */
  isShown: boolean
  /** The sessions whose nonce opened their commitment. */
  readonly opened: Set<ParticipantId>
}

/** There is nothing to compare. */
export const NO_CODE: RoomCode = Object.freeze({ state: 'none' })
/** The most sessions that are compared, this one included: beyond, everybody would speak at each change. spec R92 */
const MAX_COMPARED = 32
const SETTLING_MS = 500
const PAUSE_MS = 2000
const PATIENCE_MS = 10_000
/** How long parts of others are waited for. */
const ASKED_MS = 1000
const ASKED_AGAIN_MS = 4000
