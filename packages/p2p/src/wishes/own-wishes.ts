/**
 * How much this side wants of the videos of a peer.
 *
 * @module
 */
import type { Clock } from '@conclave/base'
import type { ReceiverWishes } from '../connection/receiver-peer.ts'
import type { SyncMessage, Wish, WishDescription } from '../signalling/messages.ts'
import { WishSender } from './wish-sender.ts'

/** The needs of {@link OwnWishes}. */
export interface OwnWishesOptions {
  readonly clock: Clock
  /** Whether this machine wants no camera in full. spec S127 */
  readonly isLimit: () => boolean
  /** Says all of them to the peer. */
  readonly say: () => void
}

/** Those of the application, and those of the machine. They hold for all connections. spec S124, S126 */
export class OwnWishes implements ReceiverWishes {
  readonly #options: OwnWishesOptions
  readonly #sender: WishSender
  readonly #wishByLabel = new Map<string, WishDescription['wish']>()
  /** Those that the peer was told last, as JSON; `undefined` as long as it was told of none. */
  #told: string | undefined

  constructor(options: OwnWishesOptions) {
    this.#options = options
    this.#sender = new WishSender(options.clock, options.say)
  }

  /** The application wants more or less of a video. */
  set(label: string, wish: Wish): void {
    if (wish === 'full') this.#wishByLabel.delete(label)
    else this.#wishByLabel.set(label, wish)
    this.update()
  }

  /** Says what has changed, also by {@link OwnWishesOptions.isLimit}. */
  update(): void {
    const now = JSON.stringify(this.#list)
    if (now === (this.#told ?? '[]')) return
    this.#told = now
    this.#sender.changed()
  }

  /** Says nothing more. */
  close(): void {
    this.#sender.close()
  }

  readonly said = (): Pick<SyncMessage, 'wishes'> =>
    this.#told === undefined ? {} : { wishes: this.#list }

  readonly isPaused = (label: string): boolean => this.#wishByLabel.get(label) === 'paused'

  readonly answered = (): void => {
    if (this.#told !== undefined) this.#sender.changed()
  }

  get #list(): readonly WishDescription[] {
    const wishes = Array.from(this.#wishByLabel, ([label, wish]) => ({ label, wish }))
    return this.#options.isLimit() && !this.#wishByLabel.has('camera')
      ? [...wishes, { label: 'camera', wish: 'low' }]
      : wishes
  }
}
