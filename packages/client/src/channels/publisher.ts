/**
 * The sealed events of all channels of a connection on their way to the hub: kept until they are acknowledged, paced,
 * bounded. spec G95 G96
 *
 * @module
 */
import { type Clock, RateLimiter } from '@conclave/base'
import { randomMessageId } from '@conclave/e2ee'
import { MAX_PAYLOAD_BYTES } from '@conclave/wire'
import type { ConnectionLimits, MemberId, MessageId, RefusedMessage } from '@conclave/wire'
import { BOUNDS } from '../bounds.ts'
import { ClientError } from '../errors.ts'
import { Outbox } from '../hub/outbox.ts'
import { Pacer } from '../hub/pacer.ts'
import type { Outgoing } from '../transport.ts'
import { deniedError } from './channel-state.ts'
import { createDeferred, type Deferred } from './deferred.ts'
import type { HubLine } from './hub-line.ts'
import type { Subscription } from './subscription.ts'

/** Publishes the events of many channels over one connection after the other. */
export class Publisher {
  readonly #clock: Clock
  readonly #outbox = new Outbox<Message>()
  #line: HubLine | undefined
  #pacer: Pacer | undefined
  #signals = new RateLimiter(UNNAMED_SIGNALS)
  #maxPayloadBytes = MAX_PAYLOAD_BYTES
  #mostSent = BOUNDS.burst.messages
  #timer: unknown

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * Keeps a message, to one member or to all, until the hub has acknowledged it; resolves then.
   *
   * @throws ClientError `ERR_CLIENT_OVERFLOW`, `ERR_CLIENT_CHANNEL_DENIED`, `ERR_CLIENT_CHANNEL_ENDED`,
   *   `ERR_CLIENT_CHANNEL_REFUSED`
   */
  publish(subscription: Subscription, payload: Uint8Array, to?: MemberId): Promise<void> {
    const { name, state } = subscription
    if (payload.length > this.#maxPayloadBytes) throw refusedError(subscription, 'too-large')
    if (state.type === 'open' && !subscription.may('publish')) throw deniedError(name, 'publish')
    const settled = createDeferred<void>()
    const message = { id: randomMessageId(), to, payload, subscription, settled, misses: 0 }
    if (!this.#outbox.add(message)) throw new ClientError('ERR_CLIENT_OVERFLOW', undefined)
    this.flush()
    return settled.promise
  }

  /** Hands an event to the network if that is possible now without delaying messages; else the answer is `false`. spec G96 */
  signal(subscription: Subscription, payload: Uint8Array, to?: MemberId): boolean {
    const [line, pacer, channel] = [this.#line, this.#pacer, subscription.handle]
    if (line === undefined || pacer === undefined || channel === undefined) return false
    if (!subscription.may('signal') || payload.length > this.#maxPayloadBytes) return false
    if (line.waitingBytes > MOST_WAITING_BYTES) return false
    const nowMs = this.#clock.now()
    if (this.#signals.waitMs(nowMs) > 0 || pacer.take(payload.length, nowMs, true) > 0) return false
    this.#signals.force(nowMs)
    line.send({ type: 'signal', channel, id: randomMessageId(), to, payload })
    return true
  }

  /** The hub named the limits of this connection. */
  limited(line: HubLine, limits: ConnectionLimits): void {
    if (this.#line !== line) {
      const { publishPerSecond, publishesPerUser = publishPerSecond } = limits
      const { publishBurst, publishBurstPerUser = publishBurst } = limits
      const { signalPerSecond = UNNAMED_SIGNALS.perSecond, signalBurst = UNNAMED_SIGNALS.burst } =
        limits
      this.#line = line
      this.#pacer = new Pacer({
        ...limits,
        publishPerSecond: Math.min(publishPerSecond, publishesPerUser),
        publishBurst: Math.min(publishBurst, publishBurstPerUser),
      })
      this.#signals = new RateLimiter({
        perSecond: Math.max(1, signalPerSecond) * USED_PART,
        burst: Math.max(1, signalBurst * USED_PART),
      })
    }
    this.#maxPayloadBytes = Math.min(limits.maxPayloadBytes, MAX_PAYLOAD_BYTES)
    const { publishesInFlight = Infinity } = limits
    this.#mostSent = Math.max(1, Math.min(publishesInFlight, BOUNDS.burst.messages))
  }

  /** A channel is open: what waits for it is sent, or refused where the grant does not allow it. */
  opened(subscription: Subscription): void {
    if (subscription.may('publish')) return this.flush()
    this.ended(subscription, deniedError(subscription.name, 'publish'))
  }

  /** The connection is lost: what was not acknowledged is sent again over the next one. */
  down(): void {
    this.#line = undefined
    this.#pacer = undefined
    this.#clock.clearTimeout(this.#timer)
    this.#outbox.markAllUnsent()
  }

  /** A channel is not open any longer on this connection: what was not acknowledged is sent again when it is. */
  left(subscription: Subscription): void {
    for (const { id } of this.#of(subscription)) this.#outbox.markUnsent(id)
  }

  /** A channel takes no more messages. */
  ended(subscription: Subscription, error: ClientError): void {
    for (const message of this.#of(subscription)) {
      this.#outbox.remove(message.id)
      message.settled.reject(error)
    }
    this.flush()
  }

  /** The hub has a message. */
  acknowledged(id: MessageId): void {
    this.#take(id)?.settled.resolve()
    this.flush()
  }

  /** The hub did not take a message: it is sent again later, or its sender learns it. */
  refused({ id, reason }: RefusedMessage): void {
    const message = this.#outbox.get(id)
    if (message === undefined) return
    const isLost = reason === 'unknown-channel' && message.misses < MOST_MISSES
    if (reason === 'rate' || reason === 'unavailable' || isLost) {
      if (isLost) message.misses += 1
      this.#outbox.markUnsent(id)
      this.#pacer?.pauseUntil(this.#clock.now() + REFUSED_PAUSE_MS)
      return this.flush()
    }
    const { subscription } = message
    const error =
      reason === 'denied'
        ? deniedError(subscription.name, 'publish')
        : refusedError(subscription, reason)
    this.#take(id)?.settled.reject(error)
    this.flush()
  }

  /** Sends what can be sent now. */
  flush(): void {
    const [line, pacer] = [this.#line, this.#pacer]
    if (line === undefined || pacer === undefined) return
    this.#clock.clearTimeout(this.#timer)
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      const { id, to, payload, subscription } = next
      const channel = subscription.handle
      // An acknowledgement goes on. spec W18
      if (channel === undefined || this.#outbox.sent >= this.#mostSent) return
      const waitMs = pacer.take(payload.length, this.#clock.now())
      if (waitMs > 0) {
        this.#timer = this.#clock.setTimeout(() => this.flush(), waitMs)
        return
      }
      this.#outbox.markSent(id)
      line.send({ type: 'publish', channel, id, to, payload })
    }
  }

  /** The oldest message of a channel that is open. */
  #next(): Message | undefined {
    return this.#outbox.next(({ subscription }) => subscription.may('publish'))
  }

  #of(subscription: Subscription): readonly Message[] {
    return this.#outbox.filter((message) => message.subscription === subscription)
  }

  #take(id: MessageId): Message | undefined {
    const message = this.#outbox.get(id)
    this.#outbox.remove(id)
    return message
  }
}

/** A sealed event, and who waits for its acknowledgement. */
interface Message extends Outgoing {
  readonly to: MemberId | undefined
  readonly subscription: Subscription
  readonly settled: Deferred<void>
  /** How often the hub did not know the channel: it may just have been subscribed again. */
  misses: number
}

const refusedError = ({ name }: Subscription, reason: RefusedMessage['reason']): ClientError =>
  new ClientError('ERR_CLIENT_CHANNEL_REFUSED', { channel: name, reason })

/** Where a hub names no limits of signals. */
const UNNAMED_SIGNALS = { perSecond: 10, burst: 50 }
/** The clocks of both sides drift against each other. */
const USED_PART = 0.9
const REFUSED_PAUSE_MS = 500
const MOST_MISSES = 3
/** With more bytes in front of it an event that may be dropped would come too late. */
const MOST_WAITING_BYTES = 65_536
