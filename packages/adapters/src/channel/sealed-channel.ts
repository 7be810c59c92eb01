import { HIDDEN_EVENT_NAME, sealEvent, sealEventBinary } from '@conclave/e2ee'
import { Emitter } from '@conclave/base'
import { Arrivals } from './receive-queue.ts'
import type {
  AnyEvents,
  ArrivalDropReason,
  ArrivedEvent,
  ChannelNotices,
  EventNameOf,
} from './channel-events.ts'
import { checkOptions, kindOf } from './channel-options.ts'
import type { CheckedOptions, SealedChannelOptions } from './channel-options.ts'
import { checkEventName, isNotice } from './event-name.ts'
import { SendQueue } from './send-queue.ts'
import type { EventTransport } from './transport.ts'

/**
 * Seals what is sent over a transport and opens what arrives on it. All that is sent is sealed, and only what
 * authenticates reaches a handler.
 *
 * @throws TypeError, RangeError that name the argument
 */
export function sealChannel<Events extends object = AnyEvents>(
  transport: EventTransport,
  options: SealedChannelOptions<Events>,
): SealedChannel<Events> {
  return new SealedChannel<Events>(transport, checkOptions(options))
}

/** A channel whose carriers see envelopes alone. Made by {@link sealChannel} and by the adapters. */
export class SealedChannel<Events extends object = AnyEvents> {
  readonly #options: CheckedOptions
  readonly #transport: EventTransport
  readonly #handlersByName = new Map<string, Set<AnyHandler>>()
  readonly #notices = new Emitter<ChannelNotices>()
  readonly #droppedByReason = new Map<ArrivalDropReason, number>()
  readonly #queue: SendQueue
  readonly #arrivals: Arrivals
  readonly #stops: readonly (() => void)[]

  get [Symbol.toStringTag](): string {
    return 'SealedChannel'
  }

  /** Not for applications: {@link sealChannel} checks the options. */
  constructor(transport: EventTransport, options: CheckedOptions) {
    this.#options = options
    this.#transport = transport
    this.#queue = new SendQueue(transport)
    this.#arrivals = new Arrivals(options, {
      opened: (value, event) => this.#deliver(value, event),
      dropped: (arrival) => {
        const { reason } = arrival
        this.#droppedByReason.set(reason, (this.#droppedByReason.get(reason) ?? 0) + 1)
        this.#notices.emit('dropped', arrival)
      },
      unknownKey: (key) => this.#notices.emit('unknownKey', key),
    })
    this.#stops = [
      transport.receive((name, envelope) => this.#arrivals.arrive({ name, envelope })),
      transport.watch?.((trouble) => this.#notices.emit('trouble', trouble)) ?? (() => {}),
    ]
  }

  /** How many arrivals were dropped, by reason. */
  get dropped(): ReadonlyMap<ArrivalDropReason, number> {
    return this.#droppedByReason
  }

  /** How many events wait for a key. spec T10 */
  get kept(): number {
    return this.#arrivals.kept
  }

  /**
   * Seals a value, which is read before the call returns, and sends it after all that was sent before. Resolves
   * when the transport took it over, which is not when it arrived.
   *
   * @throws TypeError, RangeError that name the argument; always as a rejection
   * @throws AdapterError of any code; E2eeError of `sealEvent`. Nothing was sent then.
   */
  async send<N extends EventNameOf<Events>>(eventName: N, value: Events[N]): Promise<void> {
    this.#checkName(eventName)
    const { keys, context, sender, counter, sealing, hideEventNames } = this.#options
    const options = {
      ...context,
      ...sealing,
      eventName,
      sender,
      counter,
      hideEventName: hideEventNames,
    }
    await this.#queue.send(hideEventNames ? HIDDEN_EVENT_NAME : eventName, () =>
      this.#transport.encoding === 'binary'
        ? sealEventBinary(value, keys, options)
        : sealEvent(value, keys, options),
    )
  }

  /** Calls `handler` at each notice of the channel's own, until the returned function is called. */
  on<T extends keyof ChannelNotices>(
    type: T,
    handler: (notice: ChannelNotices[T]) => void,
  ): () => void
  /**
   * Calls `handler` with the value of each event that opened, in the order of arrival, until the returned function
   * is called. Unless `checks` did so, you must check the value's shape: whoever has the key wrote it.
   */
  on<N extends EventNameOf<Events>>(
    eventName: N,
    handler: (value: Events[N], event: ArrivedEvent) => void,
  ): () => void
  on(type: string, handler: unknown): () => void {
    if (typeof handler !== 'function') {
      throw new TypeError(`"handler" expected function, got ${kindOf(handler)}`)
    }
    if (isNotice(type)) return this.#notices.on(type, handler as (notice: unknown) => void)
    this.#checkName(type)
    const handlers = this.#handlersByName.get(type) ?? new Set()
    this.#handlersByName.set(type, handlers)
    // A wrapper of its own, so that the same function can be added twice and removed once.
    const added: AnyHandler = (value, event) => (handler as AnyHandler)(value, event)
    handlers.add(added)
    return () => {
      handlers.delete(added)
      if (handlers.size === 0 && this.#handlersByName.get(type) === handlers) {
        this.#handlersByName.delete(type)
      }
    }
  }

  /** Opens again, in the order of arrival, what waits for keys: to be called when one was added. spec T10 */
  retryKept(): void {
    this.#arrivals.retryKept()
  }

  /** Drops what waits for keys. */
  discardKept(): void {
    this.#arrivals.discardKept()
  }

  /**
   * Stops sending and receiving: what waits to be sent is rejected, what is being opened is forgotten. The channel
   * beneath and the keys stay as they are; they are the caller's.
   */
  async close(): Promise<void> {
    for (const stop of this.#stops) stop()
    this.#arrivals.close()
    this.#handlersByName.clear()
    this.#notices.clear()
    await this.#queue.close()
  }

  /** {@link SealedChannel.close} */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #checkName(eventName: string): void {
    checkEventName(eventName)
    this.#transport.checkName?.(eventName)
  }

  #deliver(value: unknown, event: ArrivedEvent): void {
    for (const handler of Array.from(this.#handlersByName.get(event.eventName) ?? [])) {
      try {
        handler(value, event)
      } catch (error) {
        // Thrown to the runtime, so that no other handler goes without its event. spec T12
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
}

type AnyHandler = (value: unknown, event: ArrivedEvent) => void
