/**
 * Messages of the chat that this session was not given, because it was not in the rosters of their senders. spec R99
 *
 * @module
 */
import { MAX_MISSED } from '../messages/bodies.ts'
import type { SignedMessage } from '../history/history-log.ts'
import type { Missed } from '../messages/room-messages-api.ts'

/** The messages of one absence of this session. It never changes. */
export interface MissedMessages {
  /** The id of the message of the chat after which they were written; `undefined` when there was none. */
  readonly after: string | undefined
  /** How many there are, by the word of their senders; without those that others repeated. */
  readonly count: number
}

/** Collects them by absence. */
export class MissedList {
  readonly #now: () => number
  #absences: readonly Absence[] = []
  #last: { readonly after: string | undefined; backAt: number | undefined } | undefined
  #told: readonly SignedMessage[] = []
  #list: readonly MissedMessages[] = Object.freeze([])

  /** @param now in milliseconds */
  constructor(now: () => number) {
    this.#now = now
  }

  /** Oldest first; another array after each change. */
  get list(): readonly MissedMessages[] {
    return this.#list
  }

  /** The connection was lost, after the message with this id. */
  lost(after: string | undefined): void {
    this.#last = { after, backAt: undefined }
  }

  /** The connection is back. */
  back(): void {
    if (this.#last !== undefined) this.#last.backAt ??= this.#now()
  }

  /** A participant names messages that this session is not given; `newest` is the id of the newest message here. */
  add(missed: Missed, { newest, isAsking }: Now): void {
    const { after, backAt } = this.#last ?? { after: newest, backAt: undefined }
    // A hub can hide from this session that others have lost it.
    const isOld = backAt !== undefined && this.#now() - backAt > RETURN_MS
    const place = isOld ? newest : after
    const last = this.#absences.at(-1)
    const isSame = last !== undefined && last.after === place
    const ranges = [...(isSame ? last.ranges : []), missed].slice(-MAX_RANGES)
    const others = isSame ? this.#absences.slice(0, -1) : this.#absences
    this.#absences = [...others, { after: place, ranges }].slice(-MAX_ABSENCES)
    if (!isAsking) this.#update()
  }

  /** These messages were told, the missed ones among them; answers whether the list changed. */
  told(told: readonly SignedMessage[], isAsking: boolean): boolean {
    this.#told = told
    return !isAsking && this.#update()
  }

  #update(): boolean {
    const list = this.#absences
      .map((absence) => viewOf(absence, this.#told))
      .filter(({ count }) => count > 0)
    const isSame = list.every(({ after, count }, index) => {
      const before = this.#list[index]
      return before?.after === after && before?.count === count
    })
    if (isSame && list.length === this.#list.length) return false
    this.#list = Object.freeze(list)
    return true
  }
}

interface Now {
  /** The id of the newest message here. */
  readonly newest: string | undefined
  /** Whether somebody is asked for what was missed: then it is not shown yet. */
  readonly isAsking: boolean
}

interface Absence {
  readonly after: string | undefined
  readonly ranges: readonly Missed[]
}

const viewOf = ({ after, ranges }: Absence, told: readonly SignedMessage[]): MissedMessages => {
  const count = ranges.reduce((sum, { participant, from, to, chat }) => {
    const here = told.filter(
      ({ author, sequence }) => author.id === participant && from <= sequence && sequence < to,
    )
    return sum + Math.max(0, chat - here.length)
  }, 0)
  return Object.freeze({ after, count })
}

const RETURN_MS = 30_000
const MAX_ABSENCES = 16
const MAX_RANGES = 64 * MAX_MISSED
