/**
 * The keys of a session whose frames are in LiveKit's format.
 *
 * @module
 */
import { BoundedMap, Emitter } from '@conclave/base'
import { deriveRingKey } from './ring-key.ts'
import type { LiveKitKeyMaterial } from './ring-key.ts'

/** Options of {@link LiveKitKeys}; all members of a room need the same. */
export interface LiveKitKeysOptions {
  /**
   * `true`: everyone seals with the keys of one ring, as with LiveKit's `ExternalE2EEKeyProvider`. `false`: each participant has
   * a ring. Prefer the latter: with a shared ring, nonces of different senders differ by luck only.
   */
  readonly sharedKey: boolean
  /** Keys of a ring, 1 to 256: 16 when left out. */
  readonly keyringSize?: number
  /** Bits of a key: 128 when left out, the only size that all of LiveKit's clients know. */
  readonly keySize?: 128 | 256
  /** `LKFrameEncryptionKey` when left out. */
  readonly ratchetSalt?: string
}

/** The place of a key. */
export interface LiveKitKeyPlace {
  /** The participant's name at LiveKit (`identity`). Left out with a shared ring only. */
  readonly participant?: string
  /** 0 when left out; taken modulo the size of the ring. */
  readonly keyIndex?: number
}

/** A change of a key, or of the index that a ring's owner seals with. */
export interface LiveKitKeyChange {
  readonly ring: string | undefined
  readonly index: number
}

/** Holds keys by participant and index. Give it to `createLiveKitProfile`. Nothing that is received changes it. */
export class LiveKitKeys {
  /** Whether all participants share one ring. */
  readonly isShared: boolean
  readonly #options: { readonly size: number; readonly salt: string; readonly keyBits: 128 | 256 }
  readonly #rings = new BoundedMap<string | undefined, Ring>(MAX_RINGS)
  readonly #events = new Emitter<LiveKitKeysEvents>()

  get [Symbol.toStringTag](): string {
    return 'LiveKitKeys'
  }

  /** @throws RangeError for a ring or a key of another size */
  constructor(options: LiveKitKeysOptions) {
    const { sharedKey, keyringSize = 16, keySize = 128, ratchetSalt = DEFAULT_SALT } = options
    if (!Number.isInteger(keyringSize) || keyringSize < 1 || keyringSize > MAX_RING_SIZE) {
      throw new RangeError(`"keyringSize" expected 1 to ${MAX_RING_SIZE}, got ${keyringSize}`)
    }
    if (keySize !== 128 && keySize !== 256) {
      throw new RangeError(`"keySize" expected 128 or 256, got ${String(keySize)}`)
    }
    this.isShared = sharedKey
    this.#options = { size: keyringSize, salt: ratchetSalt, keyBits: keySize }
  }

  /**
   * Derives a key and puts it into its place; the one that was there is gone. The owner of the ring seals with it from then on,
   * unless `isCurrent` is `false`: set a next key so for everyone first, then call {@link useKey}.
   *
   * @throws TypeError, RangeError (rejects) for wrong material or a wrong place
   */
  async setKey(
    key: LiveKitKeyMaterial,
    { isCurrent = true, ...place }: LiveKitKeyPlace & { readonly isCurrent?: boolean } = {},
  ): Promise<void> {
    const { ring, index } = this.#placeOf(place)
    const keys = this.#ringOf(ring)
    const turn = (keys.turnByIndex.get(index) ?? 0) + 1
    keys.turnByIndex.set(index, turn)
    const derived = await deriveRingKey(key, this.#options)
    // A later call has been faster.
    if (keys.turnByIndex.get(index) !== turn) return
    keys.keyByIndex.set(index, derived)
    this.#events.emit('key', { ring, index })
    if (isCurrent) this.#use({ ring, index })
  }

  /** The owner of the ring seals with the key at this index from now on. @throws TypeError, RangeError */
  useKey(place: LiveKitKeyPlace = {}): void {
    this.#use(this.#placeOf(place))
  }

  /** Frames under this key are neither sealed nor opened from now on. @throws TypeError, RangeError */
  removeKey(place: LiveKitKeyPlace = {}): void {
    const { ring, index } = this.#placeOf(place)
    const keys = this.#ringOf(ring)
    keys.turnByIndex.set(index, (keys.turnByIndex.get(index) ?? 0) + 1)
    if (keys.keyByIndex.delete(index)) this.#events.emit('key', { ring, index })
  }

  /** The key of a place; `undefined` without one. */
  find({ ring, index }: LiveKitKeyChange): CryptoKey | undefined {
    return this.#rings.get(ring)?.keyByIndex.get(index)
  }

  /** The index that the owner of a ring seals with. */
  currentIndex(ring: string | undefined): number {
    return this.#rings.get(ring)?.current ?? 0
  }

  /** The places that have keys. */
  *places(): Generator<LiveKitKeyChange> {
    for (const [ring, { keyByIndex }] of this.#rings) {
      for (const index of keyByIndex.keys()) yield { ring, index }
    }
  }

  /** Calls `handler` for each event of a type until the returned function is called. */
  on<T extends keyof LiveKitKeysEvents>(
    type: T,
    handler: (event: LiveKitKeysEvents[T]) => void,
  ): () => void {
    return this.#events.on(type, handler)
  }

  #use({ ring, index }: LiveKitKeyChange): void {
    this.#ringOf(ring).current = index
    this.#events.emit('current', { ring, index })
  }

  #placeOf({ participant, keyIndex = 0 }: LiveKitKeyPlace): LiveKitKeyChange {
    if (!Number.isInteger(keyIndex) || keyIndex < 0) {
      throw new RangeError(`"keyIndex" expected an integer from 0, got ${keyIndex}`)
    }
    const index = keyIndex % this.#options.size
    if (this.isShared) return { ring: undefined, index }
    return { ring: checkLiveKitName('participant', participant), index }
  }

  #ringOf(name: string | undefined): Ring {
    const known = this.#rings.get(name)
    if (known) return known
    const fresh: Ring = { keyByIndex: new Map(), turnByIndex: new Map(), current: 0 }
    this.#rings.set(name, fresh)
    return fresh
  }
}

/** The events of {@link LiveKitKeys}. */
export interface LiveKitKeysEvents {
  /** A place has another key, or none. */
  readonly key: LiveKitKeyChange
  /** The owner of a ring seals with another index. */
  readonly current: LiveKitKeyChange
}

/** Checks the name of a participant: 1 to 256 characters. @throws TypeError */
export function checkLiveKitName(argument: string, name: unknown): string {
  if (typeof name === 'string' && name.length > 0 && name.length <= MAX_NAME_LENGTH) return name
  throw new TypeError(`"${argument}" expected a name of 1 to ${MAX_NAME_LENGTH} characters`)
}

interface Ring {
  readonly keyByIndex: Map<number, CryptoKey>
  /** Counts the calls for an index. */
  readonly turnByIndex: Map<number, number>
  current: number
}

const DEFAULT_SALT = 'LKFrameEncryptionKey'
const MAX_RING_SIZE = 256
const MAX_NAME_LENGTH = 256
const MAX_RINGS = 1024
