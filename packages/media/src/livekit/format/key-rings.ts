/**
 * The key rings of a worker: the keys of each participant by index, or one ring for all. spec M76
 *
 * @module
 */
import { BoundedMap } from '@conclave/base'
import { randomBytes } from '@conclave/crypto'
import type { KeySlot } from '../../shared/protocol.ts'
import { IvSource, IV_SOURCE_BYTES } from './iv-source.ts'
import { SeenIvs } from './seen-ivs.ts'

/** A key in a slot, with the IVs that it sealed with and those that it opened. */
export interface RingKey {
  readonly key: CryptoKey
  readonly ivs: IvSource
  readonly seen: SeenIvs
  /** Whether a frame authenticated under it. */
  isProven: boolean
}

/** Keys as the page gave them. Nothing that a frame says changes them. */
export class KeyRings {
  #shared: Map<number, RingKey> | undefined
  readonly #ringByName = new BoundedMap<string, Map<number, RingKey>>(MAX_RINGS)
  #sealing: { readonly index: number; readonly key: RingKey } | undefined
  #sealingSlot: KeySlot | undefined

  /** The index and the key to seal with; without one, frames are dropped. */
  get sealing(): { readonly index: number; readonly key: RingKey } | undefined {
    return this.#sealing
  }

  /** The key that a participant's frames name by this index. */
  find(participant: string, index: number): RingKey | undefined {
    return (this.#shared ?? this.#ringByName.get(participant))?.get(index)
  }

  /** Puts a key into a slot, or empties it. A new key begins without IVs. */
  set({ ring, index }: KeySlot, key: CryptoKey | undefined): void {
    const keys = this.#ringOf(ring)
    if (key) keys.set(index, createRingKey(key))
    else keys.delete(index)
    const slot = this.#sealingSlot
    if (slot?.ring === ring && slot?.index === index) this.use(slot)
  }

  /** Seals with the key of this slot from now on. */
  use(slot: KeySlot): void {
    this.#sealingSlot = slot
    const key = this.#ringOf(slot.ring).get(slot.index)
    this.#sealing = key && { index: slot.index, key }
  }

  #ringOf(name: string | undefined): Map<number, RingKey> {
    if (name === undefined) return (this.#shared ??= new Map())
    const known = this.#ringByName.get(name)
    if (known) return known
    const fresh = new Map<number, RingKey>()
    this.#ringByName.set(name, fresh)
    return fresh
  }
}

function createRingKey(key: CryptoKey): RingKey {
  const ivs = new IvSource(randomBytes(IV_SOURCE_BYTES))
  return { key, ivs, seen: new SeenIvs(), isProven: false }
}

/** Participants of one room. */
const MAX_RINGS = 1024
