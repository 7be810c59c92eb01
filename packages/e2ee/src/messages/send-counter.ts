import { E2eeError } from '../errors.ts'
import type { SealedCount } from '../keys/event-keys.ts'
import { MAX_SEQUENCE } from './message-envelope.ts'

/** Messages that one key may seal, at most. spec P3 */
export const MAX_MESSAGES_PER_KEY: number = 2 ** 32

/** The counter of one sending stream. It never goes back, whatever is forgotten or rotated. spec P2 */
export class SendCounter {
  readonly #maxMessagesPerKey: number
  #next: number
  /** Keyed by the identity of a key's secret: a keyring may change to another key and back. */
  readonly #takenByRoot = new WeakMap<SealedCount, number>()

  constructor(options: { readonly maxMessagesPerKey: number; readonly next?: number }) {
    this.#maxMessagesPerKey = options.maxMessagesPerKey
    this.#next = options.next ?? 0
  }

  /** The sequence that {@link SendCounter.take} gives next. */
  get next(): number {
    return this.#next
  }

  /**
   * The sequence of the next message, given once.
   *
   * @param root `count` of the key that seals it
   * @throws E2eeError `ERR_E2EE_EXHAUSTED`, and takes nothing. spec P3
   */
  take(root: SealedCount): number {
    const taken = this.#takenByRoot.get(root) ?? 0
    if (this.#next > MAX_SEQUENCE) throw exhaustedError('stream')
    if (taken >= this.#maxMessagesPerKey) throw exhaustedError('key')
    this.#takenByRoot.set(root, taken + 1)
    const sequence = this.#next
    this.#next += 1
    return sequence
  }
}

const exhaustedError = (limit: 'key' | 'stream'): E2eeError<'ERR_E2EE_EXHAUSTED'> =>
  new E2eeError('ERR_E2EE_EXHAUSTED', { limit })
