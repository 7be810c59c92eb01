/**
 * The keys of one participant, by KID, as a receiver knows them. spec M12, M13, M15
 *
 * @module
 */
import { BoundedMap } from '@conclave/base'
import type { FrameCipher } from '../sframe/cipher.ts'
import { isWithin } from '../shared/epoch-range.ts'
import type { EpochRange } from '../shared/epoch-range.ts'
import { ReplayBitmap } from './replay-bitmap.ts'

/** One key, and which frames were accepted under it. */
export class ReceiverKey {
  readonly epoch: bigint
  readonly cipher: FrameCipher
  /** Whether its owner signs its media: its frames are signed, then, or do not open. spec M89 */
  readonly isSigned: boolean
  /** Whether the page was told that it is proven. */
  isAnnounced = false
  /** By label. Outlives connections: a frame that was played on one is a replay on the next. */
  readonly #windowByLabel = new Map<string, ReplayBitmap>()

  constructor(
    epoch: bigint,
    cipher: FrameCipher,
    { isSigned = false }: { readonly isSigned?: boolean | undefined } = {},
  ) {
    this.isSigned = isSigned
    this.epoch = epoch
    this.cipher = cipher
  }

  /** Whether a frame authenticated under it. Until then anyone could have named its KID. */
  get isProven(): boolean {
    return this.#windowByLabel.size > 0
  }

  /** Whether a frame with this counter could be accepted now. Changes nothing, allocates nothing. */
  isFresh(label: string, ctr: number): boolean {
    return this.#windowByLabel.get(label)?.isFresh(ctr) ?? true
  }

  /** Whether this counter is within the window, so that one that is not fresh was accepted a moment ago. */
  isRecent(label: string, ctr: number): boolean {
    return this.#windowByLabel.get(label)?.covers(ctr) ?? true
  }

  /** Accepts a frame that has authenticated; `false` if another one with its counter came first. */
  accept(label: string, ctr: number): boolean {
    let window = this.#windowByLabel.get(label)
    if (!window) {
      window = new ReplayBitmap()
      this.#windowByLabel.set(label, window)
    }
    return window.accept(ctr)
  }
}

/** The bounded table of a participant's keys. */
export class ReceiverKeys {
  readonly #keyByKid = new Map<bigint, ReceiverKey>()
  /** KIDs whose proven key was evicted: resolving them again would forget the replay window. */
  readonly #spentKids = new BoundedMap<bigint, true>(MAX_SPENT_KIDS)

  /** The key of a KID, if it is installed. */
  find(kid: bigint): ReceiverKey | undefined {
    return this.#keyByKid.get(kid)
  }

  /** `false` for a KID whose proven key was dropped: its frames could be replays. */
  mayInstall(kid: bigint): boolean {
    return !this.#spentKids.has(kid)
  }

  /**
   * Adds a key; one that is there already stays, with its replay windows. Answers whether the KID has a key now: one of an
   * earlier epoch than all others finds no place among those that are proven.
   */
  install(kid: bigint, key: ReceiverKey): boolean {
    if (this.#keyByKid.has(kid)) return true
    if (!this.mayInstall(kid) || !this.#makePlace(key)) return false
    this.#keyByKid.set(kid, key)
    return true
  }

  /** Drops the keys of these epochs. */
  retire(epochs: EpochRange): void {
    for (const [kid, key] of this.#keyByKid) if (isWithin(epochs, key.epoch)) this.#drop(kid, key)
  }

  /** Unproven keys go first, then those of the earliest epoch, and of these the one that came first. */
  #makePlace({ epoch }: ReceiverKey): boolean {
    if (this.#keyByKid.size < MAX_KEYS_PER_PARTICIPANT) return true
    const [first] = [...this.#keyByKid].sort(
      ([, one], [, other]) =>
        Number(one.isProven) - Number(other.isProven) || Number(one.epoch - other.epoch),
    )
    // Who holds only earlier keys does not push out a later one.
    if (first === undefined || (first[1].isProven && epoch < first[1].epoch)) return false
    this.#drop(...first)
    return true
  }

  #drop(kid: bigint, key: ReceiverKey): void {
    this.#keyByKid.delete(kid)
    if (key.isProven) this.#spentKids.set(kid, true)
  }
}

/** Keys kept for one participant: a grace of several rotations. */
export const MAX_KEYS_PER_PARTICIPANT = 8
/** Spent KIDs remembered for one participant; older ones belong to epochs long retired. */
const MAX_SPENT_KIDS = 256
