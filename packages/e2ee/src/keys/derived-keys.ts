import { BoundedMap } from '@conclave/base'
import { importAndWipe } from '@conclave/crypto'
import { isKeyGone, unknownKeyError } from './event-keys.ts'
import type { KeyName, KeyPurpose, OpeningKey, SealedCount, SealingKey } from './event-keys.ts'

/** Derived keys that are kept; the least recently used one goes first. spec P12 */
export const MAX_DERIVED_KEYS = 512

/** Everything that one derived key seals. */
export interface KeyOwner extends KeyName {
  readonly purpose: KeyPurpose
  readonly sender: string
}

/** The secrets that keys are derived from. */
export interface DerivationRoots {
  /** Identifies the root of an owner: the same object for as long as the root is held, `undefined` when it is not. */
  rootOf(owner: KeyOwner): object | undefined
  /** As `export` of a key source. */
  export(
    owner: KeyOwner,
    request: {
      readonly label: string
      readonly context: Uint8Array<ArrayBuffer>
      readonly length: number
    },
  ): Promise<Uint8Array<ArrayBuffer>>
  /** Something that the owner sealed has authenticated. spec K22 */
  confirm?(owner: KeyOwner): void
}

/**
 * The keys of purposes and senders, derived once and kept within a bound. A key of somebody else is kept only after
 * something authenticated under it: strangers, who cannot make anything authenticate, take no place. spec P11, P12
 */
export class DerivedKeys {
  readonly #roots: DerivationRoots
  /** The least recently used one first. */
  readonly #keptById: BoundedMap<string, KeptKey>
  /** Derivations under way, so that messages that come together share one. */
  readonly #derivingById = new Map<string, Derivation>()
  readonly #countByRoot = new WeakMap<object, SealedCount>()

  get [Symbol.toStringTag](): string {
    return 'DerivedKeys'
  }

  constructor(
    roots: DerivationRoots,
    { maxKeys = MAX_DERIVED_KEYS }: { readonly maxKeys?: number } = {},
  ) {
    this.#roots = roots
    this.#keptById = new BoundedMap(maxKeys)
  }

  /** The key that seals for an owner; `undefined` when its root is not held. */
  sealingKey(owner: KeyOwner): SealingKey | undefined {
    const root = this.#roots.rootOf(owner)
    if (root === undefined) return undefined
    const { keyId, epoch } = owner
    const key = this.#find(owner, root)
    const confirm = (derived: CryptoKey): boolean => this.#keep(owner, root, derived)
    let count = this.#countByRoot.get(root)
    if (count === undefined) this.#countByRoot.set(root, (count = { sealed: 0 }))
    return { keyId, epoch, derived: true, key, count, confirm }
  }

  /** The key that opens what an owner sealed. */
  openingKey(owner: KeyOwner): OpeningKey {
    const root = this.#roots.rootOf(owner)
    if (root === undefined) return { type: 'unknown-key' }
    const confirm = (derived: CryptoKey): boolean => {
      if (!this.#keep(owner, root, derived)) return false
      this.#roots.confirm?.(owner)
      return true
    }
    return { type: 'key', key: this.#find(owner, root), confirm }
  }

  /** Drops the keys of some owners, and shares no derivation of theirs any longer. */
  forget(matches: (owner: KeyOwner) => boolean): void {
    for (const [id, { owner }] of this.#keptById) if (matches(owner)) this.#keptById.delete(id)
    for (const [id, { owner }] of this.#derivingById) {
      if (matches(owner)) this.#derivingById.delete(id)
    }
  }

  #find(owner: KeyOwner, root: object): CryptoKey | Promise<CryptoKey> {
    const id = idOf(owner)
    const kept = this.#keptById.get(id)
    if (kept?.root === root) return kept.key
    const underWay = this.#derivingById.get(id)
    if (underWay?.root === root) return underWay.key
    const key = this.#derive(owner).finally(() => {
      if (this.#derivingById.get(id)?.key === key) this.#derivingById.delete(id)
    })
    // The failure belongs to the callers that wait; there may be none.
    key.catch(() => {})
    this.#derivingById.set(id, { owner, root, key })
    return key
  }

  async #derive(owner: KeyOwner): Promise<CryptoKey> {
    const { label } = owner.purpose
    try {
      const request = { label, context: owner.purpose.context(owner), length: KEY_BYTES }
      const raw = await this.#roots.export(owner, request)
      if (raw.length !== KEY_BYTES) {
        throw new TypeError(`the key source gave ${raw.length} bytes for a key of ${KEY_BYTES}`)
      }
      return await importAndWipe(raw, 'AES-GCM', ['encrypt', 'decrypt'])
    } catch (error) {
      throw isKeyGone(error) ? unknownKeyError(owner) : error
    }
  }

  /** Keeps a key, now the most recently used one, unless its root is gone. */
  #keep(owner: KeyOwner, root: object, key: CryptoKey): boolean {
    if (this.#roots.rootOf(owner) !== root) return false
    this.#keptById.set(idOf(owner), { owner, root, key })
    return true
  }
}

interface KeptKey {
  readonly owner: KeyOwner
  readonly root: object
  readonly key: CryptoKey
}

interface Derivation {
  readonly owner: KeyOwner
  readonly root: object
  readonly key: Promise<CryptoKey>
}

const idOf = ({ purpose, epoch, keyId, sender }: KeyOwner): string =>
  `${purpose.label} ${purpose.id} ${epoch} ${keyId.length} ${keyId}${sender}`

const KEY_BYTES = 32
