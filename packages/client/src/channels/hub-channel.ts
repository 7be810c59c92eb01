/**
 * A private or presence channel, as an application uses it: sealed events over a hub, in a channel that someone whom the
 * operator trusts guards.
 *
 * @module
 */
import type {
  AnyEvents,
  ArrivalDropReason,
  ChannelNotices,
  EventFacts,
  SealedChannel,
} from '@conclave/adapters'
import { checkFunction, type Emitter } from '@conclave/base'
import { type ChannelName, channelKind, type MemberId, parseParticipantId } from '@conclave/wire'
import { wrongArgument } from '../arguments.ts'
import {
  type HubEventName,
  type HubNotices,
  type HubSendOptions,
  isOwnNotice,
} from './channel-api.ts'
import type { ChannelMembers } from './channel-members.ts'
import type { ChannelEnd } from './channel-end.ts'
import { type ChannelState, deniedError, errorOfState } from './channel-state.ts'
import { clientErrorOf, isDroppedSignal } from './channel-transport.ts'
import { INFO_EVENT } from './member-info.ts'
import type { Subscription } from './subscription.ts'

/** The parts of a channel; `createHubChannel` puts them together. */
export interface ChannelParts {
  readonly subscription: Subscription
  readonly notices: Emitter<HubNotices>
  readonly messages: SealedChannel
  readonly signals: SealedChannel
  readonly members: ChannelMembers | undefined
  readonly opened: Promise<void>
  readonly closed: Promise<ChannelEnd | 'denied'>
}

/**
 * A guarded channel. Made by {@link HubClient.channel}.
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export class HubChannel<
  Events extends object = AnyEvents,
  Clear extends HubEventName<Events> = never,
> {
  readonly #parts: ChannelParts

  get [Symbol.toStringTag](): string {
    return 'HubChannel'
  }

  /** Not for applications: call {@link HubClient.channel}. */
  constructor(parts: ChannelParts) {
    this.#parts = parts
  }

  get name(): ChannelName {
    return this.#parts.subscription.name
  }

  /** The state of the channel; each change is a notice `stateChanged`. */
  get state(): ChannelState {
    return this.#parts.subscription.state
  }

  /** Resolves when the channel is open for the first time; rejects with a `ClientError` when it is denied or ends before. */
  get opened(): Promise<void> {
    return this.#parts.opened
  }

  /** Resolves with the reason when the channel is over. */
  get closed(): Promise<ChannelEnd | 'denied'> {
    return this.#parts.closed
  }

  /** The members of a presence channel; `undefined` in a private one. */
  get members(): ChannelMembers | undefined {
    return this.#parts.members
  }

  /** How many received events were dropped, by reason; a copy. */
  get dropped(): ReadonlyMap<ArrivalDropReason, number> {
    const dropped = new Map(this.#parts.messages.dropped)
    for (const [reason, count] of this.#parts.signals.dropped) {
      dropped.set(reason, (dropped.get(reason) ?? 0) + count)
    }
    return dropped
  }

  /** How many events wait for a key. */
  get kept(): number {
    return this.#parts.messages.kept + this.#parts.signals.kept
  }

  /**
   * Seals a value and sends it, to all or to one member. Reads the value before the call returns. Resolves when the hub has taken the event over. While
   * the channel is not open the event waits, in order, and it arrives once, however often the connection is lost meanwhile.
   *
   * @throws TypeError, RangeError that name the argument; always as a rejection
   * @throws ClientError `ERR_CLIENT_OVERFLOW` when too many events wait; `ERR_CLIENT_CHANNEL_DENIED`,
   *   `ERR_CLIENT_CHANNEL_ENDED`, `ERR_CLIENT_CHANNEL_REFUSED`: the hub did not take it, and never will; its `details.reason` is `absent`
   *   when the one member is not there
   * @throws E2eeError, CryptoError as `sealEvent`: without a key nothing is sent
   */
  async send<N extends HubEventName<Events>>(
    eventName: N,
    value: Events[N],
    options?: HubSendOptions,
  ): Promise<void> {
    checkName(eventName)
    const to = this.#recipient(options)
    const { subscription, messages } = this.#parts
    const error = errorOfState(subscription.name, subscription.state)
    if (error !== undefined) throw error
    try {
      await messages.send(eventName as never, value, { to })
    } catch (cause) {
      throw clientErrorOf(cause, subscription)
    }
  }

  /**
   * Seals a value and sends it, unless that would delay messages: for what the next one makes worthless, such as typing,
   * cursors, locations. Resolves with whether it reached the network; the hub may still drop it. Nothing is sent while the
   * channel is not open.
   *
   * @throws TypeError, RangeError, E2eeError, CryptoError as {@link HubChannel.send}
   * @throws ClientError `ERR_CLIENT_OVERFLOW`; `ERR_CLIENT_CHANNEL_DENIED`, `ERR_CLIENT_CHANNEL_ENDED`
   */
  async signal<N extends HubEventName<Events>>(
    eventName: N,
    value: Events[N],
    options?: HubSendOptions,
  ): Promise<boolean> {
    checkName(eventName)
    const to = this.#recipient(options)
    const { subscription, signals } = this.#parts
    const { name, state } = subscription
    const error = errorOfState(name, state)
    if (error !== undefined) throw error
    if (state.type !== 'open') return false
    if (!subscription.may('signal')) throw deniedError(name, 'signal')
    try {
      await signals.send(eventName as never, value, { to })
      return true
    } catch (cause) {
      if (isDroppedSignal(cause)) return false
      throw clientErrorOf(cause, subscription)
    }
  }

  /** Calls `handler` for each notice of the channel itself, until the returned function is called. */
  on<T extends keyof HubNotices>(type: T, handler: (notice: HubNotices[T]) => void): () => void
  /**
   * Calls `handler` with the value of each event of this name that opened, whether it was sent or signalled, until the
   * returned function is called. You must check the value's shape unless `checks` does: any holder of the key can have
   * written it.
   */
  on<N extends HubEventName<Events>>(
    eventName: N,
    handler: (value: Events[N], event: EventFacts<N, Clear>) => void,
  ): () => void
  on(type: string, handler: never): () => void {
    checkFunction('handler', handler)
    const { notices, messages, signals } = this.#parts
    if (isNotice(type)) return notices.on(type, handler)
    checkName(type)
    const stops = [messages.on(type, handler), signals.on(type, handler)]
    return () => {
      for (const stop of stops) stop()
    }
  }

  /** Opens again the events that wait for keys, and the infos of members: call it when a key was added. */
  retryKept(): void {
    this.#parts.messages.retryKept()
    this.#parts.signals.retryKept()
    this.#parts.members?.reopen()
  }

  /** Drops the events that wait for keys. */
  discardKept(): void {
    this.#parts.messages.discardKept()
    this.#parts.signals.discardKept()
  }

  /** Leaves the channel. Messages without an acknowledgement reject. The keys stay yours. Idempotent. */
  async close(): Promise<void> {
    this.#parts.subscription.end('closed')
    await this.#parts.closed
  }

  #recipient({ to }: HubSendOptions = {}): MemberId | undefined {
    if (to === undefined) return undefined
    const isMember = channelKind(this.name) === 'presence' && parseParticipantId(to) !== undefined
    if (!isMember) throw wrongArgument('options.to', to, 'the id of a member of a presence channel')
    return to
  }

  /** {@link HubChannel.close} */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

function checkName(eventName: string): void {
  if (!isOwnNotice(eventName) && eventName !== INFO_EVENT) return
  throw wrongArgument('eventName', eventName, 'a name that is not reserved')
}

const isNotice = (type: string): type is keyof HubNotices =>
  isOwnNotice(type) || SEALED_NOTICES.includes(type)

const SEALED_NOTICES: readonly string[] = [
  'dropped',
  'unknownKey',
  'trouble',
] satisfies readonly (keyof ChannelNotices)[]
