/**
 * How much a peer wants of the videos of this side.
 *
 * @module
 */
import type { Wish, WishDescription } from '../signalling/messages.ts'

/** The last word of a peer, which holds for its later connections too. spec S125 */
export class GrantedWishes {
  #wishByLabel: ReadonlyMap<string, Wish> = new Map()

  /** How much is wanted of a video. */
  of(label: string): Wish {
    return this.#wishByLabel.get(label) ?? 'full'
  }

  /** Takes what the peer says; answers whether that is something else than before, and `mayChange` lets it be. */
  take(wishes: readonly WishDescription[], mayChange: () => boolean): boolean {
    const wishByLabel = new Map<string, Wish>(wishes.map(({ label, wish }) => [label, wish]))
    const labels = [...wishByLabel.keys(), ...this.#wishByLabel.keys()]
    const differs = labels.some((label) => (wishByLabel.get(label) ?? 'full') !== this.of(label))
    if (!differs || !mayChange()) return false
    this.#wishByLabel = wishByLabel
    return true
  }
}
