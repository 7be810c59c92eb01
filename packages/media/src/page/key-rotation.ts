/**
 * A change of keys in three steps, so that nobody sees a black picture: receivers get the next key, say that they have
 * it, and then it is used. spec M61 to M63
 *
 * @module
 */
import { systemClock } from '@conclave/base'
import type { Clock } from '@conclave/base'
import type { ParticipantKeyGrant, ParticipantKeySource, SharedKeySource } from '@conclave/e2ee'

/** Those who are to have the key before it is used. */
export interface KeyRotationOptions {
  /** Ids of the receivers whose receipts are waited for. */
  readonly receivers: Iterable<string>
  /** Somebody who holds the present key left: the wait is 250 ms instead of 1 s, and video changes without a key frame. */
  readonly isRemoval?: boolean
  readonly clock?: Clock
}

/** The steps of a rotation that a key source takes. */
export interface KeyRotationSteps {
  /** Seals under the next key from now on. */
  switchKey(): void
  /** Ends the keys before it. */
  retireEarlier(): void
}

/** `prepared` until the next key is used, then `switched`; `retired` when the keys before it ended; or `cancelled`. */
export type KeyRotationState = 'prepared' | 'switched' | 'retired' | 'cancelled'

/** One change of keys. Receivers hold the next key from its beginning on, or will soon. */
export class KeyRotation {
  /**
   * Resolves when the next key is used, with the receivers that did not say that they have it: they see nothing until
   * they do. Rejects with the error of the key source, or with an `AbortError` after `cancel`.
   */
  readonly switched: Promise<{ readonly missing: readonly string[] }>
  readonly #steps: KeyRotationSteps
  readonly #clock: Clock
  readonly #waitingFor: Set<string>
  #state: KeyRotationState = 'prepared'
  #timer: unknown
  #settle: {
    resolve(result: { readonly missing: readonly string[] }): void
    reject(error: unknown): void
  } = { resolve: () => {}, reject: () => {} }

  get [Symbol.toStringTag](): string {
    return 'KeyRotation'
  }

  constructor(steps: KeyRotationSteps, options: KeyRotationOptions) {
    const { receivers, isRemoval = false, clock = systemClock } = options
    this.#steps = steps
    this.#clock = clock
    this.#waitingFor = new Set(receivers)
    this.switched = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject }
    })
    this.switched.catch(() => {})
    const waitMs = isRemoval ? REMOVAL_WAIT_MS : READY_WAIT_MS
    this.#timer = clock.setTimeout(() => this.#switch(), waitMs)
    this.#switchIfReady()
  }

  get state(): KeyRotationState {
    return this.#state
  }

  /** A receiver has the next key. You must have this from the receiver itself, over an authenticated channel. */
  ready(receiver: string): void {
    this.#waitingFor.delete(receiver)
    this.#switchIfReady()
  }

  /** A receiver left: it is no longer waited for. It holds the next key, so you must begin another rotation. */
  left(receiver: string): void {
    this.ready(receiver)
  }

  /** Gives the rotation up: the next key is not used. Does nothing once it is. */
  cancel(): void {
    if (this.#state !== 'prepared') return
    this.#state = 'cancelled'
    this.#clock.clearTimeout(this.#timer)
    this.#settle.reject(new DOMException('the rotation was cancelled', 'AbortError'))
  }

  #switchIfReady(): void {
    if (this.#waitingFor.size === 0) this.#switch()
  }

  #switch(): void {
    if (this.#state !== 'prepared') return
    this.#clock.clearTimeout(this.#timer)
    try {
      this.#steps.switchKey()
    } catch (error) {
      this.#state = 'cancelled'
      return this.#settle.reject(error)
    }
    this.#state = 'switched'
    this.#timer = this.#clock.setTimeout(() => this.#retire(), RETIRE_AFTER_MS)
    this.#settle.resolve({ missing: [...this.#waitingFor] })
  }

  #retire(): void {
    this.#state = 'retired'
    try {
      this.#steps.retireEarlier()
    } catch {
      // A source that was closed meanwhile holds no keys.
    }
  }
}

/**
 * Changes the secret of all members: it opens here from now on, and seals after the receipts. You must bring secret and
 * epoch to the receivers, who call `keys.addKey`, answer, and call `keys.use` when you have switched. spec M61
 *
 * @throws TypeError, RangeError, E2eeError as `SharedKeySource.addKey`
 */
export function rotateSharedKey(
  keys: SharedKeySource,
  next: { readonly secret: Uint8Array; readonly epoch: bigint },
  options: KeyRotationOptions,
): KeyRotation {
  const { secret, epoch } = next
  const before = keys.epoch
  keys.addKey(secret, epoch)
  const { isRemoval = false } = options
  return new KeyRotation(
    {
      switchKey: () => keys.use(epoch, { atOnce: isRemoval }),
      retireEarlier: () => keys.retire(before),
    },
    options,
  )
}

/**
 * Changes the own key of a participant. You must bring the grant to the receivers and to nobody else, who call
 * `setParticipantKey` and answer; then wipe it. spec M61
 *
 * @throws E2eeError as `ParticipantKeySource.prepareRotation`
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export function rotateParticipantKey(
  keys: ParticipantKeySource,
  options: KeyRotationOptions,
): { readonly grant: ParticipantKeyGrant; readonly rotation: KeyRotation } {
  const { isRemoval = false } = options
  // Somebody who left may have been given the one that was prepared before.
  const grant = keys.prepareRotation({ afresh: isRemoval })
  const retireEarlier = (): void => keys.retireEarlier(keys.self)
  const switchKey = (): void => {
    keys.completeRotation().wipe()
    if (isRemoval) retireEarlier()
  }
  return { grant, rotation: new KeyRotation({ switchKey, retireEarlier }, options) }
}

const READY_WAIT_MS = 1000
const REMOVAL_WAIT_MS = 250
/** As long as receivers open frames of an earlier epoch. spec M15 */
const RETIRE_AFTER_MS = 10_000
