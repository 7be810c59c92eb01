import { viewBytes } from '@conclave/base'
import { MAX_KEPT_BYTES } from '../limits.ts'

/** An event that waits for a key. */
export interface KeptEvent {
  readonly name: string
  readonly envelope: unknown
  readonly keyId: string
  readonly epoch: bigint
}

/** Events that wait for keys, in the order of arrival, bounded in number and size. spec T10 */
export class EventsAwaitingKey {
  readonly #maxEvents: number
  #events: KeptEvent[] = []
  #bytes = 0

  constructor(maxEvents: number) {
    this.#maxEvents = maxEvents
  }

  /** How many events wait. */
  get size(): number {
    return this.#events.length
  }

  /** Whether an event waits for this key. */
  has({ keyId, epoch }: Pick<KeptEvent, 'keyId' | 'epoch'>): boolean {
    return this.#events.some((event) => event.keyId === keyId && event.epoch === epoch)
  }

  /** Adds an event; `false` when there is no room for it. */
  add(event: KeptEvent): boolean {
    const bytes = sizeOf(event.envelope)
    if (this.#events.length >= this.#maxEvents || this.#bytes + bytes > MAX_KEPT_BYTES) return false
    this.#events.push(event)
    this.#bytes += bytes
    return true
  }

  /** Removes and returns all events. */
  takeAll(): readonly KeptEvent[] {
    const events = this.#events
    this.#events = []
    this.#bytes = 0
    return events
  }
}

/** The size of an envelope in either encoding, without the names in it, which are bounded. */
function sizeOf(envelope: unknown): number {
  const bytes = viewBytes(envelope)
  if (bytes !== undefined) return bytes.length
  const { sealed } = envelope as { readonly sealed?: unknown }
  return typeof sealed === 'string' ? sealed.length : 0
}
