import { E2eeError } from '../errors.ts'
import type { KeyName } from '../keys/event-keys.ts'
import { MAX_SEQUENCE } from './message-envelope.ts'

/** Messages that one key may seal, at most. spec P3 */
export const MAX_MESSAGES_PER_KEY: number = 2 ** 32

/** The counter of one sending stream. It never goes back, whatever is forgotten or rotated. spec P2 */
export class SendCounter {
  readonly #maxMessagesPerKey: number
  #next: number
  #key: KeyName | undefined
  #takenUnderKey = 0

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
   * @throws E2eeError `ERR_E2EE_EXHAUSTED`, and takes nothing. spec P3
   */
  take(key: KeyName): number {
    const isSame = key.keyId === this.#key?.keyId && key.epoch === this.#key.epoch
    const taken = isSame ? this.#takenUnderKey : 0
    if (this.#next > MAX_SEQUENCE) throw exhaustedError('stream')
    if (taken >= this.#maxMessagesPerKey) throw exhaustedError('key')
    this.#key = key
    this.#takenUnderKey = taken + 1
    const sequence = this.#next
    this.#next += 1
    return sequence
  }
}

const exhaustedError = (limit: 'key' | 'stream'): E2eeError<'ERR_E2EE_EXHAUSTED'> =>
  new E2eeError(
    'ERR_E2EE_EXHAUSTED',
    { limit },
    { message: `the ${limit} has sealed all that it may` },
  )
