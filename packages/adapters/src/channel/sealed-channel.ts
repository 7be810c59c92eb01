import { checkFunction, checkText, DropCounter, Emitter } from '@conclave/base'
import { HIDDEN_EVENT_NAME, sealEvent, sealEventBinary } from '@conclave/e2ee'
import type {
  AnyEvents,
  ArrivalDropReason,
  ArrivedEvent,
  ChannelNotices,
  ClearEvent,
  EventFacts,
  EventNameOf,
} from './channel-events.ts'
import type { SealedChannelOptions } from './channel-options.ts'
import { checkOptions } from './checked-options.ts'
import type { CheckedOptions } from './checked-options.ts'
import { encodeClearValue } from './clear-value.ts'
import { checkEventName, directName, isNotice } from './event-name.ts'
import { ReceiveQueue } from './receive-queue.ts'
import { SendQueue } from './send-queue.ts'
import { checkTransport } from './transport.ts'
import type { EventRecipients, EventTransport } from './transport.ts'

/**
 * Seals the events of a transport: every event that is sent is sealed, and only events that authenticate reach a
 * handler, but for names that the option `clear` declares.
 *
 * @throws TypeError, RangeError that name the argument
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export function sealChannel<
  Events extends object = AnyEvents,
  Clear extends EventNameOf<Events> = never,
>(
  transport: EventTransport,
  options: SealedChannelOptions<Events, Clear>,
): SealedChannel<Events, Clear> {
  checkTransport(transport)
  return new SealedChannel<Events, Clear>(transport, checkOptions(options, transport))
}

/**
 * A channel whose carriers see only envelopes, and clear events under the names `Clear`. Made by {@link sealChannel} and
 * by the adapters.
 */
export class SealedChannel<
  Events extends object = AnyEvents,
  Clear extends EventNameOf<Events> = never,
> {
  readonly #options: CheckedOptions
  readonly #transport: EventTransport
  readonly #events = new Emitter<{ readonly [eventName: string]: HandledEvent }>()
  readonly #notices = new Emitter<ChannelNotices>()
  readonly #dropped = new DropCounter<ArrivalDropReason>()
  readonly #sending: SendQueue
  readonly #receiving: ReceiveQueue
  readonly #stops: readonly (() => void)[]

  get [Symbol.toStringTag](): string {
    return 'SealedChannel'
  }

  /** Not for applications: call {@link sealChannel}, which checks the options. */
  constructor(transport: EventTransport, options: CheckedOptions) {
    this.#options = options
    this.#transport = transport
    this.#sending = new SendQueue(transport)
    const { recipients } = transport
    this.#receiving = new ReceiveQueue(
      recipients === undefined ? options : { ...options, recipients },
      {
        opened: (event) => transport.opened?.(event),
        arrived: (value, event) => this.#events.emit(event.eventName, { value, event }),
        dropped: (arrival) => {
          this.#dropped.count(arrival.reason)
          this.#notices.emit('dropped', arrival)
        },
        unknownKey: (key) => this.#notices.emit('unknownKey', key),
      },
    )
    this.#stops = [
      transport.receive((name, envelope, from) => this.#receiving.add({ name, envelope, from })),
      transport.watch?.((trouble) => this.#notices.emit('trouble', trouble)) ?? (() => {}),
    ]
  }

  /** How many received events were dropped, by reason; a copy. */
  get dropped(): ReadonlyMap<ArrivalDropReason, number> {
    return new Map(Object.entries(this.#dropped.counts()) as [ArrivalDropReason, number][])
  }

  /** How many events wait for a key. spec T10 */
  get kept(): number {
    return this.#receiving.kept
  }

  /**
   * Seals a value, unless the event's name is declared clear, and sends it after all events sent before. Reads the value
   * before the call returns. Resolves when the transport accepted it, which is before it arrives. `to` is the address of the one
   * recipient: others drop the event, though each holder of the key can read it.
   *
   * @throws TypeError, RangeError that name the argument; always as a rejection
   * @throws AdapterError of any code; E2eeError, CryptoError as `sealEvent`. Nothing was sent then.
   */
  async send<N extends EventNameOf<Events>>(
    eventName: N,
    value: Events[N],
    { to }: { readonly to?: string | undefined } = {},
  ): Promise<void> {
    this.#checkName(eventName)
    const { keys, context, sender, counter, sealing, hideEventNames, clear } = this.#options
    const recipients = to === undefined ? undefined : this.#checkRecipient(to, eventName)
    const isHidden = hideEventNames || to !== undefined
    const isBinary = this.#transport.encoding === 'binary'
    if (clear.has(eventName)) {
      await this.#sending.send(eventName, async () => {
        const { value: json, bytes } = encodeClearValue(value)
        return isBinary ? bytes : json
      })
      return
    }
    const options = {
      ...context,
      ...sealing,
      eventName: to === undefined ? eventName : directName(to, eventName),
      sender,
      counter: recipients?.counter ?? counter,
      hideEventName: isHidden,
    }
    const seal = (): Promise<unknown> =>
      isBinary ? sealEventBinary(value, keys, options) : sealEvent(value, keys, options)
    await this.#sending.send(isHidden ? HIDDEN_EVENT_NAME : eventName, seal, to)
  }

  /** Calls `handler` for each notice of the channel itself, until the returned function is called. */
  on<T extends keyof ChannelNotices>(
    type: T,
    handler: (notice: ChannelNotices[T]) => void,
  ): () => void
  /**
   * Calls `handler` with the value of each event of this name that opened, in the order of arrival, until the returned
   * function is called. You must check the value's shape unless `checks` does: any holder of the key can have written
   * it, and anybody on the way a value whose name is declared clear.
   */
  on<N extends EventNameOf<Events>>(
    eventName: N,
    handler: (value: Events[N], event: EventFacts<N, Clear>) => void,
  ): () => void
  on(type: string, handler: unknown): () => void {
    checkFunction('handler', handler)
    if (isNotice(type)) return this.#notices.on(type, handler as (notice: unknown) => void)
    this.#checkName(type)
    const handle = handler as (value: unknown, event: ArrivedEvent | ClearEvent) => void
    return this.#events.on(type, ({ value, event }) => handle(value, event))
  }

  /** Opens again, in the order of arrival, the events that wait for keys: call it when a key was added. spec T10 */
  retryKept(): void {
    this.#receiving.retryKept()
  }

  /** Drops the events that wait for keys. */
  discardKept(): void {
    this.#receiving.discardKept()
  }

  /**
   * Stops sending and receiving: events that wait to be sent are rejected, events that are being opened are forgotten. The
   * underlying channel and the keys stay unchanged; the caller owns them.
   */
  async close(): Promise<void> {
    for (const stop of this.#stops) stop()
    this.#receiving.close()
    this.#events.clear()
    this.#notices.clear()
    await this.#sending.close()
  }

  /** {@link SealedChannel.close} */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** A clear event has no seal that would name its recipient. */
  #checkRecipient(to: unknown, eventName: string): EventRecipients {
    const { recipients } = this.#transport
    checkText('to', to, { min: 1, max: 64 })
    if (recipients === undefined || this.#options.clear.has(eventName))
      throw new TypeError('"to" expected a carrier with recipients and a name that is not clear')
    return recipients
  }

  #checkName(eventName: string): void {
    checkEventName(eventName)
    this.#transport.checkName?.(eventName)
  }
}

/** An event for its handlers. */
interface HandledEvent {
  readonly value: unknown
  readonly event: ArrivedEvent | ClearEvent
}
