import { TaskQueue } from '@conclave/base'
import { HIDDEN_EVENT_NAME, openEvent } from '@conclave/e2ee'
import type { OpenedOrDroppedEvent } from '@conclave/e2ee'
import { MAX_OPENING_EVENTS } from '../limits.ts'
import type { ArrivedEvent, ClearEvent, DroppedArrival, MissingKey } from './channel-events.ts'
import type { CheckedOptions } from './checked-options.ts'
import { decodeClearValue, isEnvelope } from './clear-value.ts'
import { isEventName, isNotice, splitName } from './event-name.ts'
import { EventsAwaitingKey } from './events-awaiting-key.ts'
import type { EventOrigin, EventTransport } from './transport.ts'

/** A name and an envelope, or the value of a clear event, from a transport, of any shape. */
export interface ReceivedEvent {
  readonly name: unknown
  readonly envelope: unknown
  readonly from?: EventOrigin | undefined
}

/** Callbacks for the outcome of each received event. */
export interface ReceiveHandlers {
  arrived(value: unknown, event: ArrivedEvent | ClearEvent): void
  opened(event: ArrivedEvent): void
  dropped(arrival: DroppedArrival): void
  unknownKey(key: MissingKey): void
}

/** Opens received events at the same time, and reports their outcomes in the order of arrival. spec T6, T7 */
export class ReceiveQueue {
  readonly #options: CheckedOptions
  readonly #handlers: ReceiveHandlers
  readonly #recipients: EventTransport['recipients']
  readonly #awaitingKey: EventsAwaitingKey
  /** The first event is waited for, the others wait for it. */
  readonly #queue = new TaskQueue({ maxWaiting: MAX_OPENING_EVENTS - 1 })

  constructor(
    options: CheckedOptions & Pick<EventTransport, 'recipients'>,
    handlers: ReceiveHandlers,
  ) {
    this.#options = options
    this.#handlers = handlers
    this.#recipients = options.recipients
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

  async #open({ name, envelope, from }: ReceivedEvent): Promise<Outcome> {
    if (!isEventName(name)) return { type: 'dropped', reason: 'unsealed' }
    const { keys, context, sender, opening, clear } = this.#options
    if (clear.has(name)) {
      if (isEnvelope(envelope)) return { type: 'dropped', reason: 'declared-clear' }
      const decoded = decodeClearValue(envelope)
      if (decoded === undefined) return { type: 'dropped', reason: 'malformed' }
      return { type: 'clear', ...decoded, eventName: name, from }
    }
    if (!isEnvelope(envelope)) return { type: 'dropped', reason: 'unsealed' }
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
    if (outcome.type === 'clear') {
      const { value, ...event } = outcome
      this.#deliver(value, event)
    } else if (outcome.type === 'opened') {
      this.#deliverOpened(outcome)
    } else if (outcome.reason === 'unknown-key') {
      this.#keep(received, outcome, isRetry)
    } else {
      const { type: _type, ...details } = outcome
      this.#handlers.dropped({ ...details, eventName: nameOf(received) })
    }
  }

  #deliverOpened(opened: Extract<Outcome, { readonly type: 'opened' }>): void {
    const { value, sender, place, keyId, epoch, signedBy } = opened
    const { to, eventName } = splitName(opened.eventName ?? '')
    const event = { type: 'sealed', eventName, sender, place, to, keyId, epoch, signedBy } as const
    this.#handlers.opened(event)
    // Reserved names come from other implementations only; no handler can have one.
    const isForOther = to !== undefined && to !== this.#recipients?.self()
    if (!isEventName(eventName) || isNotice(eventName) || isForOther) {
      this.#handlers.dropped({ reason: 'unexpected', eventName })
    } else if (this.#options.clear.has(eventName)) {
      // The name was hidden.
      this.#handlers.dropped({ reason: 'declared-clear', eventName })
    } else {
      this.#deliver(value, event)
    }
  }

  #deliver(value: unknown, event: ArrivedEvent | ClearEvent): void {
    const { eventName } = event
    const check = this.#options.checks[eventName]
    if (check && !isAccepted(check, value)) {
      this.#handlers.dropped({ reason: 'unexpected', eventName })
    } else {
      this.#handlers.arrived(value, event)
    }
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
  | (ClearEvent & { readonly value: unknown })
  | {
      readonly type: 'dropped'
      readonly reason: 'unsealed' | 'declared-clear' | 'malformed' | 'failed'
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
