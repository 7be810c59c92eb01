import { TaskQueue } from '@conclave/base'
import { decodeEventHeader, HIDDEN_EVENT_NAME, openEvent } from '@conclave/e2ee'
import type { OpenedOrDroppedEvent } from '@conclave/e2ee'
import { MAX_OPENING_EVENTS } from '../limits.ts'
import type { ArrivedEvent, DroppedArrival, MissingKey } from './channel-events.ts'
import type { CheckedOptions } from './checked-options.ts'
import { isEventName, isNotice } from './event-name.ts'
import { EventsAwaitingKey } from './events-awaiting-key.ts'

/** A name and an envelope from a transport, of any shape. */
export interface ReceivedEvent {
  readonly name: unknown
  readonly envelope: unknown
}

/** Callbacks for the outcome of each received event. */
export interface ReceiveHandlers {
  opened(value: unknown, event: ArrivedEvent): void
  dropped(arrival: DroppedArrival): void
  unknownKey(key: MissingKey): void
}

/** Opens received events at the same time, and reports their outcomes in the order of arrival. spec T6, T7 */
export class ReceiveQueue {
  readonly #options: CheckedOptions
  readonly #handlers: ReceiveHandlers
  readonly #awaitingKey: EventsAwaitingKey
  /** The first event is waited for, the others wait for it. */
  readonly #queue = new TaskQueue({ maxWaiting: MAX_OPENING_EVENTS - 1 })

  constructor(options: CheckedOptions, handlers: ReceiveHandlers) {
    this.#options = options
    this.#handlers = handlers
    this.#awaitingKey = new EventsAwaitingKey(options.keepUnknown)
  }

  /** How many events wait for a key. */
  get kept(): number {
    return this.#awaitingKey.size
  }

  /** Opens an event; never throws, whatever its shape. spec T13 */
  add(received: ReceivedEvent): void {
    this.#add(received, { isRetry: false })
  }

  /** Opens again the events that wait for keys. spec T10 */
  retryKept(): void {
    for (const event of this.#awaitingKey.takeAll()) this.#add(event, { isRetry: true })
  }

  /** Drops the events that wait for keys. */
  discardKept(): void {
    for (const { name, keyId, epoch } of this.#awaitingKey.takeAll()) {
      this.#handlers.dropped({ reason: 'unknown-key', eventName: name, keyId, epoch })
    }
  }

  /** Forgets all events, also those that are being opened. */
  close(): void {
    void this.#queue.close()
    this.#awaitingKey.takeAll()
  }

  #add(received: ReceivedEvent, options: { readonly isRetry: boolean }): void {
    if (this.#queue.closed) return
    if (this.#queue.size >= MAX_OPENING_EVENTS) {
      this.#handlers.dropped({ reason: 'overflow', eventName: nameOf(received) })
      return
    }
    const opening = this.#open(received)
    void this.#queue.run(async () => {
      const outcome = await opening
      if (!this.#queue.closed) this.#report(received, outcome, options)
    })
  }

  async #open({ name, envelope }: ReceivedEvent): Promise<Outcome> {
    if (!isEventName(name)) return { type: 'dropped', reason: 'unsealed' }
    if (decodeEventHeader(envelope) === undefined) return { type: 'dropped', reason: 'unsealed' }
    const { keys, context, sender, opening } = this.#options
    const eventName = name === HIDDEN_EVENT_NAME ? {} : { eventName: name }
    try {
      return await openEvent(envelope, keys, { ...context, ...opening, self: sender, ...eventName })
    } catch (cause) {
      return { type: 'dropped', reason: 'failed', cause }
    }
  }

  #report(
    received: ReceivedEvent,
    outcome: Outcome,
    { isRetry }: { readonly isRetry: boolean },
  ): void {
    if (outcome.type === 'opened') {
      this.#deliver(outcome)
    } else if (outcome.reason === 'unknown-key') {
      this.#keep(received, outcome, isRetry)
    } else {
      const { type: _type, ...details } = outcome
      this.#handlers.dropped({ ...details, eventName: nameOf(received) })
    }
  }

  #deliver(opened: Extract<Outcome, { readonly type: 'opened' }>): void {
    const { value, sender, place, keyId, epoch, signedBy } = opened
    const eventName = opened.eventName ?? ''
    const check = this.#options.checks[eventName]
    // Reserved names come from other implementations only; no handler can have one.
    if (!isEventName(eventName) || isNotice(eventName) || (check && !isAccepted(check, value))) {
      this.#handlers.dropped({ reason: 'unexpected', eventName })
      return
    }
    this.#handlers.opened(value, { eventName, sender, place, keyId, epoch, signedBy })
  }

  #keep(
    received: ReceivedEvent,
    { keyId, epoch }: Omit<MissingKey, 'kept'>,
    isRetry: boolean,
  ): void {
    const name = nameOf(received) ?? ''
    const isNew = !isRetry && !this.#awaitingKey.has({ keyId, epoch })
    const kept = this.#awaitingKey.add({ name, envelope: received.envelope, keyId, epoch })
    if (isNew) this.#handlers.unknownKey({ keyId, epoch, kept })
    if (!kept) {
      this.#handlers.dropped({ reason: 'unknown-key', eventName: name, keyId, epoch })
    }
  }
}

type Outcome =
  | OpenedOrDroppedEvent
  | {
      readonly type: 'dropped'
      readonly reason: 'unsealed' | 'failed'
      readonly cause?: unknown
    }

function isAccepted(check: (value: unknown) => boolean, value: unknown): boolean {
  try {
    return check(value)
  } catch {
    return false
  }
}

/** The name that carriers gave, who may lie. */
const nameOf = ({ name }: ReceivedEvent): string | undefined =>
  isEventName(name) ? name : undefined
