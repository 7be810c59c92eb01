import { HIDDEN_EVENT_NAME, openEvent, decodeEventHeader } from '@conclave/e2ee'
import type { OpenedOrDroppedEvent } from '@conclave/e2ee'
import type { ArrivedEvent, DroppedArrival, MissingKey } from './channel-events.ts'
import type { CheckedOptions } from './channel-options.ts'
import { isEventName, isNotice } from './event-name.ts'
import { KeptEvents } from './events-awaiting-key.ts'
import { MAX_OPENING_EVENTS } from '../limits.ts'

/** What a transport brought. */
export interface Arrival {
  readonly name: unknown
  readonly envelope: unknown
  /** Whether it waited for a key already. */
  readonly again?: boolean
}

/** What becomes of arrivals. */
export interface ArrivalOutlets {
  opened(value: unknown, event: ArrivedEvent): void
  dropped(arrival: DroppedArrival): void
  unknownKey(key: MissingKey): void
}

/** Opens what arrives, several at a time, and hands it out in the order of arrival. spec T6, T7 */
export class Arrivals {
  readonly #options: CheckedOptions
  readonly #outlets: ArrivalOutlets
  readonly #keptEvents: KeptEvents
  #opening = 0
  #last: Promise<void> = Promise.resolve()
  #closed = false

  constructor(options: CheckedOptions, outlets: ArrivalOutlets) {
    this.#options = options
    this.#outlets = outlets
    this.#keptEvents = new KeptEvents(options.keepUnknown)
  }

  /** How many wait for a key. */
  get kept(): number {
    return this.#keptEvents.size
  }

  /** Takes one; never throws, whatever it is. spec T13 */
  arrive(arrival: Arrival): void {
    if (this.#closed) return
    if (this.#opening >= MAX_OPENING_EVENTS) {
      this.#outlets.dropped({ reason: 'overflow', eventName: nameOf(arrival) })
      return
    }
    this.#opening += 1
    const outcome = this.#open(arrival)
    this.#last = this.#last.then(async () => {
      const settled = await outcome
      this.#opening -= 1
      if (!this.#closed) this.#settle(arrival, settled)
    })
  }

  /** Opens again what waits. spec T10 */
  retryKept(): void {
    for (const { name, envelope } of this.#keptEvents.takeAll()) {
      this.arrive({ name, envelope, again: true })
    }
  }

  /** Drops what waits. */
  discardKept(): void {
    for (const { name, keyId, epoch } of this.#keptEvents.takeAll()) {
      this.#outlets.dropped({ reason: 'unknown-key', eventName: name, keyId, epoch })
    }
  }

  /** Forgets everything. */
  close(): void {
    this.#closed = true
    this.#keptEvents.takeAll()
  }

  async #open({ name, envelope }: Arrival): Promise<Outcome> {
    if (!isEventName(name)) return { type: 'dropped', reason: 'unsealed' }
    const header = decodeEventHeader(envelope)
    if (header === undefined) return { type: 'dropped', reason: 'unsealed' }
    const { keys, context, sender, counter, opening } = this.#options
    if (header.sender === sender && header.stream === counter.stream) {
      return { type: 'dropped', reason: 'reflected' }
    }
    const eventName = name === HIDDEN_EVENT_NAME ? {} : { eventName: name }
    try {
      return await openEvent(envelope, keys, { ...context, ...opening, ...eventName })
    } catch (cause) {
      return { type: 'dropped', reason: 'failed', cause }
    }
  }

  #settle(arrival: Arrival, outcome: Outcome): void {
    if (outcome.type === 'opened') {
      const { value, sender, place, keyId, epoch, signedBy } = outcome
      const eventName = outcome.eventName ?? ''
      const check = this.#options.checks[eventName]
      // Nobody can listen to the reserved names; only another implementation sends them.
      if (!isEventName(eventName) || isNotice(eventName) || (check && !isAccepted(check, value))) {
        this.#outlets.dropped({ reason: 'unexpected', eventName })
        return
      }
      this.#outlets.opened(value, { eventName, sender, place, keyId, epoch, signedBy })
      return
    }
    if (outcome.reason === 'unknown-key') this.#miss(arrival, outcome)
    else {
      const { type: _type, ...said } = outcome
      this.#outlets.dropped({ ...said, eventName: nameOf(arrival) })
    }
  }

  #miss(arrival: Arrival, { keyId, epoch }: Omit<MissingKey, 'kept'>): void {
    const name = nameOf(arrival) ?? ''
    const isNew = arrival.again !== true && !this.#keptEvents.wants({ keyId, epoch })
    const { envelope } = arrival
    const kept = this.#keptEvents.keep({ name, envelope, keyId, epoch })
    if (isNew) this.#outlets.unknownKey({ keyId, epoch, kept })
    if (!kept) {
      this.#outlets.dropped({ reason: 'unknown-key', eventName: name, keyId, epoch })
    }
  }
}

type Outcome =
  | OpenedOrDroppedEvent
  | {
      readonly type: 'dropped'
      readonly reason: 'unsealed' | 'reflected' | 'failed'
      readonly cause?: unknown
    }

function isAccepted(check: (value: unknown) => boolean, value: unknown): boolean {
  try {
    return check(value)
  } catch {
    return false
  }
}

/** As carriers say. */
const nameOf = ({ name }: Arrival): string | undefined => (isEventName(name) ? name : undefined)
