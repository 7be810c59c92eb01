import { isBytes } from '@conclave/base'
import { MAX_KEPT_BYTES } from '../limits.ts'

/** An event that waits for a key. */
export interface KeptEvent {
  readonly name: string
  readonly envelope: unknown
  readonly keyId: string
  readonly epoch: bigint
}

/** Events that wait for keys, in the order of arrival, bounded in number and size. spec T10 */
export class KeptEvents {
  readonly #max: number
  #events: KeptEvent[] = []
  #bytes = 0

  constructor(max: number) {
    this.#max = max
  }

  get size(): number {
    return this.#events.length
  }

  /** Whether one waits for this key. */
  wants({ keyId, epoch }: Pick<KeptEvent, 'keyId' | 'epoch'>): boolean {
    return this.#events.some((event) => event.keyId === keyId && event.epoch === epoch)
  }

  /** Keeps one; `false` when there is no room. */
  keep(event: KeptEvent): boolean {
    const bytes = sizeOf(event.envelope)
    if (this.#events.length >= this.#max || this.#bytes + bytes > MAX_KEPT_BYTES) return false
    this.#events.push(event)
    this.#bytes += bytes
    return true
  }

  /** Empties it. */
  takeAll(): KeptEvent[] {
    const events = this.#events
    this.#events = []
    this.#bytes = 0
    return events
  }
}

/** Of an envelope in either encoding, but for the names in it, which are bounded. */
function sizeOf(envelope: unknown): number {
  if (isBytes(envelope)) return envelope.length
  const { sealed } = envelope as { readonly sealed?: unknown }
  return typeof sealed === 'string' ? sealed.length : 0
}
