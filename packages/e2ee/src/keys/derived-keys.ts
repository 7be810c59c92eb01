import { BoundedMap, checkInteger } from '@conclave/base'
import { importAesGcmKey } from '@conclave/crypto'
import type { SecretKey } from '@conclave/crypto'
import { isKeyGone, unknownKeyError } from './event-keys.ts'
import type { KeyName, KeyPurpose, OpeningKey, SealedCount, SealingKey } from './event-keys.ts'

/** Derived keys that are kept; the one kept longest goes first. spec P12 */
export const MAX_DERIVED_KEYS = 512

/** Everything that one derived key seals. */
export interface KeyOwner extends KeyName {
  readonly purpose: KeyPurpose
  readonly sender: string
}

/** The secrets that keys are derived from. */
export interface DerivationRoots {
  /**
   * Identifies the root of an owner: the same object for as long as the root is held, and another one for every key id
   * and epoch, since keys are kept by it; `undefined` when it is not held.
   */
  rootOf(owner: KeyOwner): object | undefined
  /** As `export` of a key source. */
  export(
    label: string,
    context: Uint8Array<ArrayBuffer>,
    length: number,
    owner: KeyOwner,
  ): Promise<Uint8Array<ArrayBuffer>>
  /** Something that the owner sealed has authenticated. spec K22 */
  confirm?(owner: KeyOwner): void
}

/**
 * The keys of purposes and senders, derived once and kept within a bound. A key of another sender is kept only after a
 * message authenticated under it, so strangers occupy no entries. spec P11, P12
 */
export class DerivedKeys {
  readonly #roots: DerivationRoots
  /** In the order in which they were kept: renewing the place of a used one among thousands costs as much as encrypting. */
  readonly #keptById: BoundedMap<string, DerivedKey>
  /** Derivations under way, so that messages that come together share one. */
  readonly #derivingById = new Map<string, DerivedKey>()
  readonly #stateByRoot = new WeakMap<object, RootState>()
  #rootsSeen = 0

  constructor(
    roots: DerivationRoots,
    { maxKeys = MAX_DERIVED_KEYS }: { readonly maxKeys?: number } = {},
  ) {
    this.#roots = roots
    this.#keptById = new BoundedMap(maxKeys)
  }

  /** The key that seals for an owner, or opens its messages; `undefined` when its root is not held. */
  keyOf(
    owner: KeyOwner,
    { opens }: { readonly opens: boolean },
  ): (SealingKey & Extract<OpeningKey, { readonly type: 'key' }>) | undefined {
    const place = this.#placeOf(owner)
    if (place === undefined) return undefined
    const { keyId, epoch } = owner
    const { root, state, id } = place
    const derived = this.#find(place)
    const confirm = (): boolean => {
      if (this.#roots.rootOf(owner) !== root) return false
      if (!this.#keptById.has(id)) this.#keptById.set(id, derived)
      if (opens) this.#roots.confirm?.(owner)
      return true
    }
    const { key } = derived
    return { type: 'key', keyId, epoch, derived: true, key, count: state, confirm }
  }

  /** Drops the keys of some owners, and shares no derivation of theirs any longer. */
  forget(matches: (owner: KeyOwner) => boolean): void {
    for (const table of [this.#keptById, this.#derivingById]) {
      for (const [id, { owner }] of table) if (matches(owner)) table.delete(id)
    }
  }

  /** Where the key of an owner stands, as long as its root is held. */
  #placeOf(owner: KeyOwner): Place | undefined {
    const root = this.#roots.rootOf(owner)
    if (root === undefined) return undefined
    let state = this.#stateByRoot.get(root)
    if (state === undefined) {
      this.#rootsSeen += 1
      this.#stateByRoot.set(root, (state = { number: this.#rootsSeen, sealed: 0 }))
    }
    const { label, id } = owner.purpose
    const lengths = `${state.number} ${label.length} ${id.length}`
    return { owner, root, state, id: `${lengths} ${label}${id}${owner.sender}` }
  }

  #find({ owner, id }: Place): DerivedKey {
    const known = this.#keptById.get(id) ?? this.#derivingById.get(id)
    if (known !== undefined) return known
    const deriving = this.#derive(owner)
    const derived: DerivedKey = { owner, key: deriving }
    this.#derivingById.set(id, derived)
    const settle = (key: SecretKey | Promise<SecretKey>): void => {
      derived.key = key
      if (this.#derivingById.get(id) === derived) this.#derivingById.delete(id)
    }
    // A failure belongs to the callers that wait; there may be none.
    deriving.then(settle, () => settle(deriving))
    return derived
  }

  async #derive(owner: KeyOwner): Promise<SecretKey> {
    const { label } = owner.purpose
    try {
      const context = owner.purpose.context(owner)
      const raw = await this.#roots.export(label, context, KEY_BYTES, owner)
      checkInteger('key.length', raw.length, { min: KEY_BYTES, max: KEY_BYTES })
      return await importAesGcmKey(raw)
    } catch (error) {
      throw isKeyGone(error) ? unknownKeyError(owner) : error
    }
  }
}

/** Numbers tell roots apart that have the same name, one after the other. */
interface RootState extends SealedCount {
  readonly number: number
}

interface Place {
  readonly owner: KeyOwner
  readonly root: object
  readonly state: RootState
  readonly id: string
}

interface DerivedKey {
  readonly owner: KeyOwner
  /** A promise while it is derived. */
  key: SecretKey | Promise<SecretKey>
}

const KEY_BYTES = 32
