/**
 * Makes a driver that peers accept out of any bus: every message is sealed with all that says where it belongs.
 *
 * @module
 */
import { decodeBase64Url, encodeBase64Url, systemClock } from '@conclave/base'
import type { Clock } from '@conclave/base'
import { namespaceKey } from './driver.ts'
import type { Driver, Namespace, SealedDriver, SealedHandler } from './driver.ts'
import type { DropReason } from '../drops.ts'
import { Inbox } from '../inbox.ts'
import { isId } from './messages.ts'
import type { PayloadProtector, SignalContext } from '../protectors.ts'

/** How {@link sealDriver} seals. */
export interface SealDriverOptions {
  readonly protector: PayloadProtector
  /** The only room whose namespaces this driver carries. */
  readonly room: string
  /** The own id. You must not use an id from two places at the same time. */
  readonly id: string
  /** Hears of messages that changed nothing. */
  readonly dropped?: (reason: DropReason) => void
  /** Starts the sequence, so that it grows from one page load to the next. */
  readonly clock?: Clock
}

/** Senders whose last sequence is remembered; the one that was silent longest is forgotten first. spec S6 */
export const MAX_SENDERS = 1_024
/** Longest sealed body, in characters of base64url. */
export const MAX_SEALED_LENGTH = 131_072

/**
 * Seals what is emitted and delivers only what authenticates: type, direction, sender, receiver, room and a
 * strictly increasing sequence. Forged, replayed, reflected and malformed messages change nothing and are
 * reported to `dropped`. On the bus stand, in clear: the namespace, the type, the ids and the sequence. spec S4 to S6
 */
export function sealDriver(driver: Driver, options: SealDriverOptions): SealedDriver {
  if (!isId(options.id)) throw new TypeError('"id" expected 1 to 128 characters')
  return new SealingDriver(driver, options)
}

class SealingDriver implements SealedDriver {
  readonly sealed = true
  readonly id: string
  readonly #driver: Driver
  readonly #options: SealDriverOptions
  readonly #startAt: number
  readonly #sequenceByStream = new Map<string, number>()
  readonly #lastByStream = new Map<string, number>()
  readonly #listenerByKey = new Map<string, Listener>()
  readonly #outbox: Inbox
  readonly #inbox: Inbox

  constructor(driver: Driver, options: SealDriverOptions) {
    this.#driver = driver
    this.#options = options
    this.id = options.id
    // Leaves room for 1024 messages in each millisecond that has passed since an earlier life of this id.
    this.#startAt = Math.floor((options.clock ?? systemClock).now()) * 1_024
    this.#outbox = new Inbox(() => undefined)
    this.#inbox = new Inbox(() => options.dropped?.('not-authentic'))
  }

  async on(namespace: Namespace, handler: SealedHandler): Promise<void> {
    const place = parsePlace(namespace, this.#options.room)
    if (place === undefined) throw new TypeError('"namespace" expected one of this room')
    const key = namespaceKey(namespace)
    const present = this.#listenerByKey.get(key)
    if (present !== undefined) {
      present.handlers.add(handler)
      return present.ready
    }
    const handlers = new Set([handler])
    // One for all handlers: a message is opened once, and would be its own replay the second time.
    const raw = (message: unknown): void => this.#receive(place, message, handlers)
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
    const place = parsePlace(namespace, this.#options.room)
    if (place === undefined) throw new TypeError('"namespace" expected one of this room')
    const { type } = message as { readonly type?: unknown }
    if (!isId(type)) throw new TypeError('"message" expected a message with a type')
    const stream = `${place.direction} ${place.receiver}`
    const sequence = (this.#sequenceByStream.get(stream) ?? this.#startAt) + 1
    this.#sequenceByStream.set(stream, sequence)
    const context: SignalContext = { ...place, type, sender: this.id, sequence }
    const body = new TextEncoder().encode(JSON.stringify(message))
    // Sealing takes its time, and the order of sequences must be the order on the bus.
    await new Promise<void>((resolve, reject) => {
      const task = async (): Promise<void> => {
        try {
          const sealed = encodeBase64Url(await this.#options.protector.seal(context, body))
          await this.#driver.emit(namespace, { type, id: this.id, sequence, sealed })
          resolve()
        } catch (error) {
          reject(error instanceof Error ? error : new Error('the driver failed', { cause: error }))
        }
      }
      if (!this.#outbox.push(task)) reject(new Error('too many messages wait to be sealed'))
    })
  }

  #receive(place: Place, value: unknown, handlers: ReadonlySet<SealedHandler>): void {
    const envelope = decodeEnvelope(value)
    if (envelope === undefined) return this.#drop('malformed')
    if (envelope.id === this.id) return this.#drop('reflected')
    if (!this.#inbox.push(() => this.#open(place, envelope, handlers))) this.#drop('overflow')
  }

  async #open(
    place: Place,
    envelope: Envelope,
    handlers: ReadonlySet<SealedHandler>,
  ): Promise<void> {
    const { type, id: sender, sequence, sealed } = envelope
    const stream = JSON.stringify([sender, place.direction, place.receiver])
    const last = this.#lastByStream.get(stream)
    if (last !== undefined && sequence <= last) return this.#drop('replay')
    const bytes = decodeBase64Url(sealed)
    if (bytes === undefined) return this.#drop('malformed')
    const context: SignalContext = { ...place, type, sender, sequence }
    const body = await this.#options.protector.open(context, bytes)
    if (body === undefined) return this.#drop('not-authentic')
    // Only now, so that a forgery neither moves the sequence nor takes up memory.
    this.#remember(stream, sequence)
    const message = parseJson(body)
    if ((message as { readonly type?: unknown } | null | undefined)?.type !== type) {
      return this.#drop('malformed')
    }
    // Those of now: one that was taken off meanwhile hears nothing.
    for (const handler of [...handlers]) handler(message, sender)
  }

  #remember(stream: string, sequence: number): void {
    this.#lastByStream.delete(stream)
    this.#lastByStream.set(stream, sequence)
    if (this.#lastByStream.size <= MAX_SENDERS) return
    const [oldest] = this.#lastByStream.keys()
    if (oldest !== undefined) this.#lastByStream.delete(oldest)
  }

  #drop(reason: DropReason): void {
    this.#options.dropped?.(reason)
  }
}

/** A namespace as the seal sees it. */
type Place = Pick<SignalContext, 'direction' | 'room' | 'receiver'>

interface Listener {
  readonly handlers: Set<SealedHandler>
  readonly raw: (message: unknown) => void
  readonly ready: Promise<void>
}

const parsePlace = (namespace: Namespace, ownRoom: string): Place | undefined => {
  const [role, room, receiver = '', ...rest] = namespace
  if (rest.length > 0 || room !== ownRoom) return undefined
  if (role !== 'sender' && role !== 'receiver') return undefined
  if (namespace.length === 3 && !isId(receiver)) return undefined
  return { direction: `to-${role}`, room, receiver }
}

/** What travels on the bus; plain JSON. spec S5 */
interface Envelope {
  readonly type: string
  readonly id: string
  readonly sequence: number
  readonly sealed: string
}

const decodeEnvelope = (value: unknown): Envelope | undefined => {
  try {
    const { type, id, sequence, sealed } = value as Partial<Record<keyof Envelope, unknown>>
    if (!isId(type) || !isId(id) || typeof sealed !== 'string') return undefined
    if (sealed.length > MAX_SEALED_LENGTH) return undefined
    if (typeof sequence !== 'number' || !Number.isSafeInteger(sequence) || sequence < 1) {
      return undefined
    }
    return { type, id, sequence, sealed }
  } catch {
    return undefined
  }
}

const parseJson = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return undefined
  }
}
