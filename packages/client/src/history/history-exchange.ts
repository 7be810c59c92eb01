/**
 * The messages of the chat from before a session came: one member repeats them, signed by their authors. spec R62
 *
 * @module
 */
import { type Clock, Emitter, RateLimiter, concatBytes } from '@conclave/base'
import type { HistoryRule } from '@conclave/e2ee/authority'
import type { ParticipantId, RoomId } from '@conclave/wire'
import { decodeChat } from '../messages/bodies.ts'
import {
  type HistoryPage,
  type HistoryPlace,
  type HistoryQuestion,
  decodeHistory,
  encodePage,
  encodeQuestion,
} from './history-body.ts'
import { HISTORY_BOUNDS } from './history-bounds.ts'
import {
  type Author,
  type Filled,
  HistoryLog,
  NOTHING_TOLD,
  type SignedMessage,
  type Told,
} from './history-log.ts'
import { openPage } from './told-messages.ts'

/** The needs of a {@link HistoryExchange}. */
export interface HistoryOptions {
  readonly room: RoomId
  readonly self: ParticipantId
  readonly clock: Clock
  /** The messages that may be repeated at this moment, as the owner set it. */
  readonly rule: () => HistoryRule
  /** Whether this session is in the room, as far as it knows. */
  readonly isInside: () => boolean
  /** A session that introduced itself, or this one. */
  authorOf(participant: ParticipantId): Author | undefined
  /** Seals a body to one session of the roster. */
  readonly send: (to: ParticipantId, body: Uint8Array<ArrayBuffer>) => Promise<void>
}

/** Events of {@link HistoryExchange}. */
export interface HistoryEvents {
  /** The messages that were told changed; `told` of the exchange has them. */
  readonly told: Record<never, never>
  readonly dropped: {
    readonly reason: 'not-authentic' | 'malformed-body' | 'flood'
    readonly count: number
  }
}

/** A signed message of the chat in its turn. */
export interface HeardMessage {
  readonly from: ParticipantId
  readonly sequence: number
  readonly signature: Uint8Array
  readonly content: Uint8Array
}

/** Asks one member after the other, and answers others. Under the rule `none` it keeps nothing, asks nobody and answers nobody. */
export class HistoryExchange {
  readonly #options: HistoryOptions
  readonly #log = new HistoryLog()
  readonly #emitter = new Emitter<HistoryEvents>()
  readonly #here = new Set<ParticipantId>()
  readonly #answersById = new Map<ParticipantId, RateLimiter>()
  readonly #answers = new RateLimiter(ALL_ANSWERS)
  readonly #asked = new Set<ParticipantId>()
  readonly #returns = new RateLimiter(RETURNS)
  /** The newest message when the connection was lost last; `backAt`: when it was back. */
  #absence: { readonly since: SignedMessage | undefined; backAt?: number } | undefined
  /** Whether more was missed while somebody is asked already. */
  #isAgain = false
  #firstTimer: unknown
  #numbers = 0
  #state: State = { type: 'idle' }
  #work: Promise<void> = Promise.resolve()
  #closed = false

  constructor(options: HistoryOptions) {
    this.#options = options
  }

  /** Whether members are being asked, or are about to be. */
  get isAsking(): boolean {
    return 'timer' in this.#state
  }

  /** The messages that were told, oldest first. */
  get told(): readonly SignedMessage[] {
    return this.#log.told
  }

  /** Resolves when everything that came so far is verified. */
  get settled(): Promise<void> {
    return this.#work
  }

  /** Calls `handler` for each event of this type, until the returned function is called. */
  on<T extends keyof HistoryEvents>(
    type: T,
    handler: (event: HistoryEvents[T]) => void,
  ): () => void {
    return this.#emitter.on(type, handler)
  }

  /** The transport stands. A session that meets nobody is the first one in its room: there is nothing to be told. */
  up(): void {
    this.#firstTimer ??= this.#options.clock.setTimeout(() => {
      const isFirst = this.#here.size === 0 && this.#options.isInside()
      if (isFirst && this.#state.type === 'idle') this.#state = { type: 'done' }
    }, PATIENCE_MS)
    if (this.#absence !== undefined) this.#absence.backAt ??= this.#options.clock.now()
  }

  /** The connection was lost: others may say something that this session is not given. */
  down(): void {
    this.#absence = { since: this.#log.newest }
  }

  /** A member names messages of the chat that this session is not given: another one may have them. spec R100 */
  missed(): void {
    if (this.#options.rule() === 'none') return
    if (this.isAsking) {
      this.#isAgain ||= this.#state.type === 'asking'
      return
    }
    const { clock } = this.#options
    if (!this.#returns.take(clock.now())) return
    const { type: rest } = this.#state
    const timer = clock.setTimeout(() => this.#askNext(), SETTLING_MS)
    this.#asked.clear()
    const since = this.#absence?.since
    const filled = { since, before: undefined, oldest: undefined, refused: 0, isReached: false }
    this.#state = {
      type: 'waiting',
      timer,
      round: { rest: rest === 'idle' ? rest : 'done', filled },
    }
  }

  /** A session entered the roster. */
  joined(participant: ParticipantId): void {
    this.#here.add(participant)
    this.ruleChanged()
    const { backAt } = this.#absence ?? {}
    // It may have come, and said something, while this session was away.
    const isMetNow = backAt !== undefined && this.#options.clock.now() - backAt < MEETING_MS
    if (isMetNow && !this.isAsking) this.missed()
  }

  /** A session left the roster: another one is asked in its place. */
  left(participant: ParticipantId): void {
    this.#here.delete(participant)
    this.#answersById.delete(participant)
    if (this.#state.type === 'asking' && this.#state.member === participant) this.#askNext()
  }

  /** The rule may have changed. */
  ruleChanged(): void {
    if (this.#options.rule() === 'none') return this.#stop()
    if (this.#state.type !== 'idle' || this.#here.size === 0) return
    // Others come into the roster at the same time: what they say from then on comes from themselves.
    const timer = this.#options.clock.setTimeout(() => this.#askNext(), SETTLING_MS)
    this.#state = { type: 'waiting', timer, round: { rest: 'idle', filled: undefined } }
  }

  /** A message of the chat came in its turn, or was said by this session. */
  heard({ from, sequence, signature, content }: HeardMessage): void {
    const author = this.#options.authorOf(from)
    const chat = decodeChat(content)
    const body = concatBytes(signature, content)
    if (this.#options.rule() === 'none' || author === undefined || chat === undefined) return
    if (body.length > HISTORY_BOUNDS.bodyBytes) return
    const before = this.#log.told
    this.#log.add({ author, sequence, body, chat, toldBy: undefined })
    if (this.#log.told !== before) this.#emitter.emit('told', {})
  }

  /** A message of this session was refused for good. */
  refused(sequence: number): void {
    this.#log.remove({ author: this.#options.self, sequence })
  }

  /** Takes a body from a session of the roster; `false` when it is malformed. */
  receive(from: ParticipantId, bytes: Uint8Array): boolean {
    const body = decodeHistory(bytes)
    if (body === undefined) return false
    if (body.type === 'question') this.#answer(from, body)
    else this.#receivePage(from, body)
    return true
  }

  /** Asks and answers nobody from now on. */
  close(): void {
    this.#closed = true
    this.#options.clock.clearTimeout(this.#firstTimer)
    this.#stopWaiting()
    this.#state = { type: 'done' }
    this.#emitter.clear()
  }

  #stop(): void {
    this.#log.clear()
    if (this.#state.type === 'idle' || this.#state.type === 'done') return
    this.#stopWaiting()
    this.#rest('idle')
  }

  #stopWaiting(): void {
    if ('timer' in this.#state) this.#options.clock.clearTimeout(this.#state.timer)
  }

  /** Asks the member that has been in the roster longest of those that were not asked. */
  #askNext(): void {
    this.#stopWaiting()
    if (!('round' in this.#state)) return
    const { round } = this.#state
    const member = [...this.#here].find((each) => !this.#asked.has(each))
    const isEnough = this.#asked.size >= HISTORY_BOUNDS.members
    if (member === undefined || isEnough) return this.#rest(isEnough ? 'done' : round.rest)
    this.#asked.add(member)
    this.#ask({ member, round, pages: 0, told: round.filled ?? NOTHING_TOLD, before: null })
  }

  /** Asks nobody more, unless something was missed meanwhile. */
  #rest(type: 'idle' | 'done'): void {
    this.#state = { type }
    if (this.#isAgain) {
      this.#isAgain = false
      this.missed()
    }
    this.#emitter.emit('told', {})
  }

  #ask(asking: Omit<Asking, 'type' | 'number' | 'timer'> & { before: HistoryPlace | null }): void {
    const { before, ...rest } = asking
    this.#numbers += 1
    const number = this.#numbers
    const timer = this.#options.clock.setTimeout(() => this.#askNext(), PATIENCE_MS)
    this.#state = { type: 'asking', ...rest, number, timer }
    const body = encodeQuestion({ type: 'question', number, before })
    // The next member is asked when this one does not answer.
    this.#options.send(asking.member, body).catch(() => {})
  }

  #receivePage(from: ParticipantId, page: HistoryPage): void {
    const asking = this.#state
    // A page that nobody asked for, or that comes too late.
    if (asking.type !== 'asking' || asking.member !== from || asking.number !== page.number) return
    this.#options.clock.clearTimeout(asking.timer)
    const take = (): Promise<void> => this.#takePage(page, asking)
    this.#work = this.#work.then(take).catch(() => {
      if (this.#state === asking) this.#askNext()
    })
  }

  async #takePage(page: HistoryPage, asking: Asking): Promise<void> {
    const { room, self } = this.#options
    const { messages, forged } = await openPage(page, {
      ...{ room, toldBy: asking.member, authorOf: (id) => this.#options.authorOf(id) },
    })
    if (this.#closed || this.#state !== asking) return
    const others = messages.filter(
      (message) => message.author.id !== self || this.#log.has(message),
    )
    const told =
      'isReached' in asking.told
        ? this.#log.fill(others, asking.told)
        : this.#log.tell(others, asking.told)
    if (forged > 0) this.#drop('not-authentic', forged)
    if (told.refused > 0) this.#drop('malformed-body', told.refused)
    this.#emitter.emit('told', {})
    this.#goOn(page, { ...asking, told })
  }

  /** Asks for what is older, or somebody else when the member has not all, or told something false. */
  #goOn({ complete, messages, ...page }: HistoryPage, asking: Asking): void {
    const { member, round, pages, told } = asking
    const { oldest, refused } = told
    const more = page.more && !('isReached' in told && told.isReached)
    const isFalse = refused > 0 || (more && (messages.length === 0 || oldest === undefined))
    if (more && !isFalse && pages + 1 < HISTORY_BOUNDS.pages && oldest !== undefined) {
      return this.#ask({ member, round, pages: pages + 1, told, before: oldest })
    }
    if (complete && !isFalse) this.#rest('done')
    else this.#askNext()
  }

  #answer(to: ParticipantId, { number, before }: HistoryQuestion): void {
    const { clock, rule, send } = this.#options
    if (rule() === 'none') return
    const limiter = this.#answersById.get(to) ?? new RateLimiter(ANSWERS)
    this.#answersById.set(to, limiter)
    if (!limiter.take(clock.now()) || !this.#answers.take(clock.now())) return this.#drop('flood')
    const complete = this.#state.type === 'done'
    const page = { type: 'page', number, ...this.#log.page(before), complete } as const
    send(to, encodePage(page)).catch(() => {})
  }

  #drop(reason: HistoryEvents['dropped']['reason'], count = 1): void {
    this.#emitter.emit('dropped', { reason, count })
  }
}

type State =
  | { readonly type: 'idle' | 'done' }
  | { readonly type: 'waiting'; readonly timer: unknown; readonly round: Round }
  | Asking

/** The members that are asked, one after the other, for one reason. */
interface Round {
  /** The state of the session when they do not have everything. */
  readonly rest: 'idle' | 'done'
  /** The beginning for a session that was away; left out for a newcomer. */
  readonly filled: Filled | undefined
}

/** A question that waits for its page. */
interface Asking {
  readonly type: 'asking'
  readonly member: ParticipantId
  readonly number: number
  readonly timer: unknown
  readonly round: Round
  /** Pages that it has given. */
  readonly pages: number
  readonly told: Told | Filled
}

const SETTLING_MS = 500
const PATIENCE_MS = 3000
/** Those who enter the roster in this time after the connection is back may have come before. */
const MEETING_MS = 10_000
/** How often a session asks for what it missed. */
const RETURNS = { perSecond: 1 / 30, burst: 4 }
/** The pages that a session gives to one other, and to all. */
const ANSWERS = { perSecond: 1, burst: 2 * HISTORY_BOUNDS.pages }
const ALL_ANSWERS = { perSecond: 16, burst: 4 * HISTORY_BOUNDS.pages }
