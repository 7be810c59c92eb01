/**
 * The signed messages of the chat, as far back as they are repeated to newcomers. spec R63
 *
 * @module
 */
import type { PersonCertificate } from '@conclave/e2ee/session'
import type { ParticipantId } from '@conclave/wire'
import type { ChatBody } from '../messages/bodies.ts'
import type { PersonId } from '../persons/person-id.ts'
import type { HistoryPage, HistoryPlace, ToldAuthor, ToldMessage } from './history-body.ts'
import { HISTORY_BOUNDS } from './history-bounds.ts'

/** The author of messages: the session that signed them. */
export interface Author {
  readonly id: ParticipantId
  readonly signingKey: Uint8Array<ArrayBuffer>
  readonly name: string
  /** The person that certifies the session. */
  readonly person: PersonId | undefined
  readonly certificate: PersonCertificate | undefined
}

/** A message whose signature verified, or that this session signed. */
export interface SignedMessage {
  readonly author: Author
  readonly sequence: number
  /** The signature, then the content. */
  readonly body: Uint8Array<ArrayBuffer>
  readonly chat: ChatBody
  /** The member that told it; `undefined` when its author said it to this session. */
  readonly toldBy: ParticipantId | undefined
  /**
   * Of a message that was told after an absence: the last one before it that this session heard or said itself. Left out:
   * it comes before all of these.
   */
  readonly after?: HistoryPlace | undefined
}

/** The place up to which a member has told messages. */
export interface Told {
  /** Older messages go before this one; left out: after all others that were told. */
  readonly anchor: SignedMessage | undefined
  /** The oldest message that the member told and that is here. */
  readonly oldest: HistoryPlace | undefined
  /** Messages that do not fit, or find no space. */
  readonly refused: number
}

/** The place up to which a member has told messages to a session that was away. */
export interface Filled extends Omit<Told, 'anchor'> {
  /** The newest message that was here when the connection was lost: nothing is told before it. */
  readonly since: SignedMessage | undefined
  /** Older messages go before this one; left out: after all others. */
  readonly before: SignedMessage | undefined
  /** Whether the member has come to a message from before the absence: there is nothing more to tell. */
  readonly isReached: boolean
}

/** Nothing yet. */
export const NOTHING_TOLD: Told = { anchor: undefined, oldest: undefined, refused: 0 }

/** Messages that were told, and those that this session heard or said itself. */
export class HistoryLog {
  #told: readonly SignedMessage[] = []
  #live: readonly SignedMessage[] = []
  #repeatsTold = true

  /** The messages that were told, oldest first. */
  get told(): readonly SignedMessage[] {
    return this.#told
  }

  /** Adds a message that this session heard or said. One that was told before is told no more: this one says more. */
  add(message: SignedMessage): void {
    this.#told = this.#told.filter((other) => !isSame(other, message))
    this.#live = newestOf([...this.#live, message])
  }

  /** Forgets a message of this session: nobody has got it. */
  remove(place: HistoryPlace): void {
    this.#live = this.#live.filter((message) => !isAt(message, place))
  }

  /** Repeats nothing of what was told, heard and said so far. */
  clear(): void {
    this.#live = []
    this.#repeatsTold = false
  }

  /** Takes messages that a member tells, oldest first, before those that it has told. Those of one author keep their order. spec R64 */
  tell(messages: readonly SignedMessage[], before: Told): Told {
    let { anchor, oldest } = before
    let refused = 0
    for (const message of messages.toReversed()) {
      const at = anchor === undefined ? -1 : this.#told.indexOf(anchor)
      const end = at < 0 ? this.#told.length : at
      const known = this.#told.findIndex((other) => isSame(other, message))
      if (known > end || (known < 0 && !this.#fits(message, end))) {
        refused += 1
        continue
      }
      if (known >= 0) anchor = this.#told[known]
      else if (!this.#live.some((other) => isSame(other, message))) {
        this.#told = this.#told.toSpliced(end, 0, message)
        anchor = message
      }
      oldest = placeOf(message)
    }
    return { anchor, oldest, refused }
  }

  /**
   * Takes messages that a member tells a session that was away, oldest first, before those that it has told: each goes
   * where the member has it among those that are here, as far as the order of its author's messages allows. spec R100
   */
  fill(messages: readonly SignedMessage[], filled: Filled): Filled {
    let { before, oldest, isReached } = filled
    for (const message of messages.toReversed()) {
      const all = inOrder(this.#told, this.#live)
      const floor = filled.since === undefined ? -1 : all.indexOf(filled.since)
      const end = before === undefined ? all.length : all.indexOf(before)
      const known = all.findIndex((other) => isSame(other, message))
      if (known >= 0 && known <= floor) isReached = true
      if (isReached) break
      oldest = placeOf(message)
      if (known >= 0) {
        if (known < end) before = all[known]
        continue
      }
      const at = placeAmong(all, { message, end })
      // It was said before the absence, when this session was not given it either.
      if (at <= floor) continue
      if (!this.#makeSpace(message, all[at])) {
        isReached = true
        break
      }
      const { author, sequence } = all.slice(0, at).findLast((other) => isLive(other)) ?? {}
      const told = { ...message, after: author && { author: author.id, sequence: sequence ?? 0 } }
      const next = all.slice(at).find((other) => !isLive(other))
      const index = next === undefined ? this.#told.length : this.#told.indexOf(next)
      this.#told = this.#told.toSpliced(index < 0 ? this.#told.length : index, 0, told)
      before = told
    }
    return { ...filled, before, oldest, isReached }
  }

  /** Whether a message is here. */
  has(message: SignedMessage): boolean {
    return [...this.#told, ...this.#live].some((other) => isSame(other, message))
  }

  /** The newest message that is here. */
  get newest(): SignedMessage | undefined {
    return inOrder(this.#told, this.#live).at(-1)
  }

  /** The messages before a place, or the newest ones, as a page of them. */
  page(before: HistoryPlace | null): Pick<HistoryPage, 'authors' | 'messages' | 'more'> {
    const all = newestOf(inOrder(this.#repeatsTold ? this.#told : [], this.#live))
    // Nothing is older than a message that went to make space.
    const end = before === null ? all.length : all.findIndex((message) => isAt(message, before))
    const older = all.slice(0, Math.max(0, end))
    const chosen = newestOf(older, PAGE)
    const authors: ToldAuthor[] = []
    const indexById = new Map<ParticipantId, number>()
    const messages: ToldMessage[] = []
    for (const { author, sequence, body } of chosen) {
      const { id, signingKey, name, certificate: person } = author
      const index = indexById.get(id) ?? authors.push({ signingKey, name, person }) - 1
      indexById.set(id, index)
      messages.push({ author: index, sequence, body })
    }
    return { authors, messages, more: chosen.length < older.length }
  }

  /** The oldest messages that were told make space for one that was told later; `false` when it would be among them itself. */
  #makeSpace({ body }: SignedMessage, next: SignedMessage | undefined): boolean {
    const isTooMuch = (): boolean =>
      this.#told.length >= HISTORY_BOUNDS.messages ||
      bytesOf(this.#told) + body.length > HISTORY_BOUNDS.bytes
    while (isTooMuch()) {
      if (this.#told[0] === next || this.#told.length === 0) return false
      this.#told = this.#told.slice(1)
    }
    return true
  }

  /** Whether there is space for a message at an index, and its author's messages stay in order. */
  #fits({ author, sequence, body }: SignedMessage, at: number): boolean {
    const told = this.#told
    const isAfter = (other: SignedMessage): boolean =>
      other.author.id !== author.id || other.sequence > sequence
    const isBefore = (other: SignedMessage): boolean =>
      other.author.id !== author.id || other.sequence < sequence
    const live = this.#live.filter((other) => other.sequence !== sequence)
    return (
      told.length < HISTORY_BOUNDS.messages &&
      bytesOf(told) + body.length <= HISTORY_BOUNDS.bytes &&
      told.every((other, index) => (index < at ? isBefore(other) : isAfter(other))) &&
      live.every(isAfter)
    )
  }
}

/** Messages that were told where they belong among those that this session heard or said. */
const inOrder = (
  told: readonly SignedMessage[],
  live: readonly SignedMessage[],
): readonly SignedMessage[] => {
  const isAfter = (message: SignedMessage, { after }: SignedMessage): boolean =>
    after !== undefined && isAt(message, after)
  // What this session heard before may have gone to make space.
  const between = told.filter(({ after }) => after && live.some((other) => isAt(other, after)))
  if (between.length === 0) return [...told, ...live]
  return [
    ...told.filter((message) => !between.includes(message)),
    ...live.flatMap((message) => [message, ...between.filter((other) => isAfter(message, other))]),
  ]
}

/** The index at or before `end` at which a message keeps the order of its author's messages. */
const placeAmong = (
  all: readonly SignedMessage[],
  { message, end }: { readonly message: SignedMessage; readonly end: number },
): number => {
  const isOf = ({ author }: SignedMessage): boolean => author.id === message.author.id
  const first = all.findIndex((other) => isOf(other) && other.sequence > message.sequence)
  const last = all.findLastIndex((other) => isOf(other) && other.sequence < message.sequence)
  return Math.max(Math.min(end, first < 0 ? end : first), last + 1)
}

const isLive = ({ toldBy }: SignedMessage): boolean => toldBy === undefined

const placeOf = ({ author, sequence }: SignedMessage): HistoryPlace => ({
  author: author.id,
  sequence,
})

const isAt = ({ author, sequence }: SignedMessage, place: HistoryPlace): boolean =>
  author.id === place.author && sequence === place.sequence

const isSame = (one: SignedMessage, other: SignedMessage): boolean => isAt(one, placeOf(other))

const bytesOf = (messages: readonly SignedMessage[]): number =>
  messages.reduce((sum, { body }) => sum + body.length, 0)

/** The newest messages that fit into a bound. */
const newestOf = (
  messages: readonly SignedMessage[],
  { messages: most, bytes }: { readonly messages: number; readonly bytes: number } = HISTORY_BOUNDS,
): readonly SignedMessage[] => {
  let left = bytes
  let from = messages.length
  while (from > 0 && messages.length - from < most) {
    left -= messages[from - 1]?.body.length ?? 0
    if (left < 0) break
    from -= 1
  }
  return messages.slice(from)
}

const PAGE = { messages: HISTORY_BOUNDS.pageMessages, bytes: HISTORY_BOUNDS.pageBytes }
