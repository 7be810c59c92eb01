import type { EpochEvent } from '@conclave/e2ee'
import type { Clock } from '@conclave/base'
import type { ParticipantId } from '@conclave/wire'
import type { KeyDelivery, MediaKeySource } from './key-delivery.ts'
import type { WorkerLink } from './worker-link.ts'

/** The key source to follow, the keys and the worker that change with it, and the callback. */
export interface EpochFollowerOptions {
  readonly keys: MediaKeySource
  readonly self: ParticipantId
  readonly clock: Clock
  readonly delivery: KeyDelivery
  readonly link: WorkerLink
  /** Called when this session seals under a key of a new epoch. */
  onSenderKey(): void
}

/** Applies the epochs of the key source: new sender keys, and the end of old receiver keys after a grace. spec M15 */
export class EpochFollower {
  readonly #options: EpochFollowerOptions
  readonly #graceTimers = new Set<unknown>()
  readonly #unsubscribe: readonly (() => void)[]

  constructor(options: EpochFollowerOptions) {
    const { keys, link, delivery } = options
    this.#options = options
    this.#unsubscribe = [
      keys.on('epochChanged', (event) => this.#change(event)),
      keys.on('epochAdded', () => link.command({ type: 'epoch-changed' })),
      keys.on('epochRetired', ({ epoch, sender }) =>
        delivery.retire({ first: epoch, last: epoch }, sender),
      ),
    ]
  }

  /** Stops following; keys whose grace has not ended stay until the worker ends. */
  close(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe()
    for (const timer of this.#graceTimers) this.#options.clock.clearTimeout(timer)
    this.#graceTimers.clear()
  }

  #change({ epoch, sender, isPrepared = false }: EpochEvent): void {
    const { clock, delivery, link, self } = this.#options
    if (isPrepared && (sender ?? self) === self) delivery.notePrepared(epoch)
    link.command({ type: 'epoch-changed' })
    const timer = clock.setTimeout(() => {
      this.#graceTimers.delete(timer)
      delivery.retire({ first: 0n, last: epoch - 1n }, sender)
    }, EPOCH_GRACE_MS)
    this.#graceTimers.add(timer)
    if (sender !== undefined && sender !== self) return
    delivery.senderKid().then(
      () => this.#options.onSenderKey(),
      // Without a key nothing is sealed, and the tracks' states report that.
      () => {},
    )
  }
}

/** For how long earlier epochs are still opened. Key sources may end them sooner. spec M15 */
export const EPOCH_GRACE_MS = 10_000
