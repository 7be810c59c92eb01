/**
 * Makes a sealed driver of any bus: every message is sealed together with its route.
 *
 * @module
 */
import {
  BoundedMap,
  TaskQueue,
  callHandler,
  decodeBase64Url,
  decodeText,
  encodeBase64Url,
  systemClock,
  textToBytes,
} from '@conclave/base'
import type { Clock } from '@conclave/base'
import type { PayloadProtector, SignalContext } from '../protectors.ts'
import type { Driver, SealedDriver, SealedHandler } from './driver.ts'
import type { SignalDropReason } from './drop-reason.ts'
import { MAX_WAITING_MESSAGES, isId } from './messages.ts'
import { namespaceKey } from './namespace.ts'
import type { Namespace } from './namespace.ts'
import { decodeSignalEnvelope, parseRoute } from './signal-envelope.ts'
import type { SignalEnvelope, SignalRoute } from './signal-envelope.ts'

/** Options of {@link sealDriver}. */
export interface SealDriverOptions {
  readonly protector: PayloadProtector
  /** The only room whose namespaces this driver carries. */
  readonly room: string
  /** The own id. You must not use an id in two places at the same time. */
  readonly id: string
  /** Called for each message that changed nothing. */
  readonly dropped?: (reason: SignalDropReason) => void
  /** Starts the sequence, so that it grows from one page load to the next. */
  readonly clock?: Clock
}

/** Senders whose last sequence is kept; the one that was silent longest is forgotten first. spec S6 */
const MAX_SENDERS = 1_024

/**
 * Seals messages on their way out and delivers only those that authenticate: type, direction, sender, receiver, room
 * and a strictly increasing sequence. Forged, replayed, reflected and malformed messages change nothing and are
 * reported to `dropped`. The bus sees in clear: the namespace, the type, the ids and the sequence. spec S4 to S6
 */
export function sealDriver(driver: Driver, options: SealDriverOptions): SealedDriver {
  if (!isId(options.id)) {
    throw new TypeError('"id" expected 1 to 128 characters without control characters')
  }
  return new SealingDriver(driver, options)
}

class SealingDriver implements SealedDriver {
  readonly sealed = true
  readonly id: string
  readonly #driver: Driver
  readonly #options: SealDriverOptions
  /** Of all directions and receivers: it grows in each, and no table of them is needed. */
  #lastSequence: number
  readonly #lastOpenedByStream = new BoundedMap<string, number>(MAX_SENDERS)
  readonly #listenerByKey = new Map<string, Listener>()
  readonly #outgoing = new TaskQueue({ maxWaiting: MAX_WAITING_MESSAGES })
  readonly #incoming = new TaskQueue({ maxWaiting: MAX_WAITING_MESSAGES })

  get [Symbol.toStringTag](): string {
    return 'SealingDriver'
  }

  constructor(driver: Driver, options: SealDriverOptions) {
    this.#driver = driver
    this.#options = options
    this.id = options.id
    // Leaves room for 1024 messages in each millisecond that has passed since an earlier life of this id.
    this.#lastSequence = Math.floor((options.clock ?? systemClock).now()) * 1_024
  }

  async on(namespace: Namespace, handler: SealedHandler): Promise<void> {
    const route = this.#checkRoute(namespace)
    const key = namespaceKey(namespace)
    const present = this.#listenerByKey.get(key)
    if (present !== undefined) {
      present.handlers.add(handler)
      return present.ready
    }
    const handlers = new Set([handler])
    // One for all handlers: a message is opened once, and would be its own replay the second time.
    const raw = (message: unknown): void => this.#receive(route, message, handlers)
    const ready = Promise.resolve(this.#driver.on(namespace, raw))
    this.#listenerByKey.set(key, { handlers, raw, ready })
    try {
      await ready
    } catch (error) {
      this.#listenerByKey.delete(key)
      throw error
    }
  }

  async off(namespace: Namespace, handler: SealedHandler): Promise<void> {
    const key = namespaceKey(namespace)
    const listener = this.#listenerByKey.get(key)
    if (listener === undefined || !listener.handlers.delete(handler)) return
    if (listener.handlers.size > 0) return
    this.#listenerByKey.delete(key)
    await this.#driver.off(namespace, listener.raw)
  }

  async emit(namespace: Namespace, message: unknown): Promise<void> {
    const route = this.#checkRoute(namespace)
    const { type } = message as { readonly type?: unknown }
    if (!isId(type)) throw new TypeError('"message" expected a message with a type')
    this.#lastSequence += 1
    const sequence = this.#lastSequence
    const context: SignalContext = { ...route, type, sender: this.id, sequence }
    const body = textToBytes(JSON.stringify(message))
    // Sealing takes its time, and the order of sequences must be the order on the bus.
    const sent = this.#outgoing.run(async () => {
      const sealed = encodeBase64Url(await this.#options.protector.seal(context, body))
      const envelope: SignalEnvelope = { type, id: this.id, sequence, sealed }
      await this.#driver.emit(namespace, envelope)
    })
    if (sent === undefined) throw new Error('too many messages wait to be sealed')
    await sent
  }

  #checkRoute(namespace: Namespace): SignalRoute {
    const route = parseRoute(namespace, this.#options.room)
    if (route === undefined) throw new TypeError('"namespace" expected a namespace of this room')
    return route
  }

  #receive(route: SignalRoute, value: unknown, handlers: ReadonlySet<SealedHandler>): void {
    const envelope = decodeSignalEnvelope(value)
    if (envelope === undefined) return this.#drop('malformed')
    if (envelope.id === this.id) return this.#drop('reflected')
    const opened = this.#incoming.run(() => this.#open(route, envelope, handlers))
    if (opened === undefined) return this.#drop('overflow')
    // A protector that rejects breaks its contract; the message did not authenticate.
    opened.catch(() => this.#drop('not-authentic'))
  }

  async #open(
    route: SignalRoute,
    { type, id: sender, sequence, sealed }: SignalEnvelope,
    handlers: ReadonlySet<SealedHandler>,
  ): Promise<void> {
    const stream = JSON.stringify([sender, route.direction, route.receiver])
    const last = this.#lastOpenedByStream.get(stream)
    if (last !== undefined && sequence <= last) return this.#drop('replay')
    const bytes = decodeBase64Url(sealed)
    if (bytes === undefined) return this.#drop('malformed')
    const body = await this.#options.protector.open({ ...route, type, sender, sequence }, bytes)
    if (body === undefined) return this.#drop('not-authentic')
    // Only now, so that a forgery neither moves the sequence nor takes up memory.
    this.#lastOpenedByStream.set(stream, sequence)
    const message = parseJson(body)
    if ((message as { readonly type?: unknown } | null | undefined)?.type !== type) {
      return this.#drop('malformed')
    }
    // The handlers registered now: one that was removed meanwhile is not called.
    for (const handler of [...handlers]) callHandler(handler, message, sender)
  }

  #drop(reason: SignalDropReason): void {
    const { dropped } = this.#options
    if (dropped !== undefined) callHandler(dropped, reason)
  }
}

interface Listener {
  readonly handlers: Set<SealedHandler>
  readonly raw: (message: unknown) => void
  readonly ready: Promise<void>
}

const parseJson = (bytes: Uint8Array): unknown => {
  try {
    const text = decodeText(bytes)
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}
