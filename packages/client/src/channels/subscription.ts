/**
 * One client's place in a guarded channel, over one connection after the other: asked for, refreshed, asked for again.
 *
 * @module
 */
import { backoffMs, type Clock } from '@conclave/base'
import type {
  ChannelName,
  MemberId,
  Right,
  SubscribedMessage,
  UnsubscribedReason,
} from '@conclave/wire'
import { randomFraction } from '../hub/reconnect-delay.ts'
import type { Authorization, Authorizing } from './authorizing.ts'
import type { ChannelEnd } from './channel-end.ts'
import { type ChannelState, isFinal } from './channel-state.ts'
import type { Answer, HubLine } from './hub-line.ts'

/** The needs of a subscription. */
export interface SubscriptionNeeds {
  readonly name: ChannelName
  readonly wants: readonly Right[]
  readonly clock: Clock
  readonly authorizing: Authorizing
  /** The client's sealed words about itself; empty for none. Never rejects. */
  info(): Promise<string>
}

/** Callbacks of a subscription. */
export interface SubscriptionHandlers {
  /** The hub let this client in, the first time or again. Called before the state changes. */
  subscribed(message: SubscribedMessage, line: HubLine): void
  stateChanged(state: ChannelState): void
  /** The application gave no answer; it is asked again. */
  authorizeFailed(cause: unknown): void
}

/** A place in a channel. */
export class Subscription {
  readonly #needs: SubscriptionNeeds
  readonly #handlers: SubscriptionHandlers
  readonly #ending = new AbortController()
  #state: ChannelState = { type: 'subscribing' }
  #line: HubLine | undefined
  #handle: number | undefined
  #member: MemberId | undefined
  #untilMs = 0
  #failures = 0
  /** Of the next attempt or of the next refreshing: there is one of both at most. */
  #timer: unknown

  constructor(needs: SubscriptionNeeds, handlers: SubscriptionHandlers) {
    this.#needs = needs
    this.#handlers = handlers
  }

  get name(): ChannelName {
    return this.#needs.name
  }

  get state(): ChannelState {
    return this.#state
  }

  /** Names the channel in frames of the present connection; `undefined` while it is not open. */
  get handle(): number | undefined {
    return this.#handle
  }

  /** Names this client among the members, in the newest grant; `undefined` before the first one. */
  get member(): MemberId | undefined {
    return this.#member
  }

  /** Whether the grant allows this now. */
  may(right: Right): boolean {
    return this.#state.type === 'open' && this.#state.rights.includes(right)
  }

  /** A connection stands. */
  up(line: HubLine): void {
    this.#line = line
    this.#failures = 0
    void this.#subscribe(line)
  }

  /** The connection is lost. */
  down(): void {
    this.#line = undefined
    this.#left()
  }

  /** The hub ended the grant. A grant that only ran out is asked for again. spec G94 */
  unsubscribed(reason: UnsubscribedReason): void {
    const line = this.#line
    if (reason !== 'expired') return this.end(reason)
    this.#left()
    if (line !== undefined) void this.#subscribe(line)
  }

  /** Ends for good, and leaves the channel. Idempotent. */
  end(reason: ChannelEnd): void {
    this.#finish({ type: 'ended', reason })
  }

  /** Not open any longer, and perhaps again later. */
  #left(): void {
    this.#needs.clock.clearTimeout(this.#timer)
    this.#handle = undefined
    if (this.#state.type === 'open') this.#change({ type: 'waiting' })
  }

  #finish(state: ChannelState): void {
    if (isFinal(this.#state)) return
    this.#needs.clock.clearTimeout(this.#timer)
    const handle = this.#handle
    this.#handle = undefined
    if (handle !== undefined) this.#line?.unsubscribe(handle)
    this.#ending.abort()
    this.#change(state)
  }

  #change(state: ChannelState): void {
    this.#state = state
    this.#handlers.stateChanged(state)
  }

  /** Whether an answer for this connection is still of use. */
  #isAt(line: HubLine): boolean {
    return this.#line === line && !line.signal.aborted && !isFinal(this.#state)
  }

  async #authorize(line: HubLine): Promise<Authorization> {
    const { name: channel, wants, authorizing } = this.#needs
    const signal = AbortSignal.any([line.signal, this.#ending.signal])
    return authorizing.ask({ channel, wants, nonce: line.nonce, signal })
  }

  async #subscribe(line: HubLine): Promise<void> {
    const [given, info] = await Promise.all([this.#authorize(line), this.#needs.info()])
    if (!this.#isAt(line)) return
    if (given.type === 'denied') return this.#finish({ type: 'denied' })
    if (given.type === 'failed') {
      this.#handlers.authorizeFailed(given.cause)
      return this.#retry(line, backoffMs(this.#failures, BACKOFF))
    }
    const { name: channel, wants } = this.#needs
    line.ask({ type: 'subscribe', channel, wants, token: given.token, info }, (answer) =>
      this.#answered(line, answer),
    )
  }

  #answered(line: HubLine, answer: Answer): void {
    if (!this.#isAt(line)) {
      // The channel was closed while the hub decided.
      if (answer.type === 'subscribed') line.unsubscribe(answer.channel)
      return
    }
    switch (answer.type) {
      case 'subscribed': {
        const { channel, rights, member, expiresInMs } = answer
        this.#failures = 0
        this.#handle = channel
        this.#member = member
        this.#handlers.subscribed(answer, line)
        this.#refreshAfter(line, expiresInMs)
        return this.#change({ type: 'open', rights, member })
      }
      case 'denied':
        return this.#finish({ type: 'denied' })
      case 'unavailable':
        return this.#retry(line, pauseOf(answer.retryAfterMs))
      default:
      // No answer to a subscription.
    }
  }

  #retry(line: HubLine, pauseMs: number): void {
    this.#failures += 1
    const { clock } = this.#needs
    this.#timer = clock.setTimeout(
      () => void this.#subscribe(line),
      pauseMs + randomFraction() * SPREAD_MS,
    )
  }

  /** Asks for the next grant when three quarters of this one are over. spec G94 */
  #refreshAfter(line: HubLine, expiresInMs: number): void {
    const { clock } = this.#needs
    this.#untilMs = clock.now() + expiresInMs
    this.#refreshLater(line, { pauseMs: Math.min(expiresInMs * 0.75, LONGEST_TIMER_MS), tries: 0 })
  }

  #refreshLater(
    line: HubLine,
    { pauseMs, tries }: { readonly pauseMs: number; readonly tries: number },
  ): void {
    const { clock } = this.#needs
    clock.clearTimeout(this.#timer)
    this.#timer = clock.setTimeout(() => void this.#refresh(line, tries), pauseMs)
  }

  async #refresh(line: HubLine, tries: number): Promise<void> {
    const again = (leastMs: number): void => {
      if (tries + 1 >= MOST_REFRESHES) return
      const leftMs = this.#untilMs - this.#needs.clock.now()
      const pauseMs = Math.max(leastMs, LEAST_PAUSE_MS, leftMs / 4)
      this.#refreshLater(line, { pauseMs, tries: tries + 1 })
    }
    const given = await this.#authorize(line)
    const handle = this.#handle
    if (!this.#isAt(line) || handle === undefined || given.type === 'denied') return
    if (given.type === 'failed') {
      this.#handlers.authorizeFailed(given.cause)
      return again(0)
    }
    line.ask({ type: 'refresh', channel: handle, token: given.token }, (answer) => {
      if (!this.#isAt(line) || this.#handle !== handle || this.#state.type !== 'open') return
      if (answer.type === 'unavailable') return again(pauseOf(answer.retryAfterMs))
      // After a denial the grant runs out.
      if (answer.type !== 'refreshed') return
      this.#refreshAfter(line, answer.expiresInMs)
      this.#change({ ...this.#state, rights: answer.rights })
    })
  }
}

/** The pause that a hub asks for, within reason. */
const pauseOf = (retryAfterMs: number): number =>
  Math.min(Math.max(retryAfterMs, LEAST_PAUSE_MS), LONGEST_PAUSE_MS)

const BACKOFF = { firstMs: 500, maxMs: 30_000 }
const LEAST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 60_000
const MOST_REFRESHES = 8
/** The clients of a hub do not all ask again at one moment. */
const SPREAD_MS = 1000
/** The longest that timers of browsers and Node take. */
const LONGEST_TIMER_MS = 2 ** 31 - 1
