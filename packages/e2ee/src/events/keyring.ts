import { isBytes } from '../bytes.ts'
import { E2eeError } from '../errors.ts'
import { Listeners, tryEach } from '../listeners.ts'
import { countSealed, keyStateOf } from './aes-gcm-key.ts'
import { checkText, kindOf, MAX_CONTEXT_BYTES } from './event-context.ts'
import { EVENT_FLAGS, MAX_NAME_BYTES } from './event-envelope.ts'
import type { EventHeader } from './event-envelope.ts'
import type { EventKeys, KeyName, OpeningKey, SealingKey, SealingRequest } from './event-keys.ts'
import { SharedKeySource } from '../keys/shared-key-source.ts'
import { checkVersion } from './seal-event.ts'
import { SenderKeys } from './sender-keys.ts'
import type { KeyOwner } from './sender-keys.ts'

/** Keys that a ring holds, at most. spec P38 */
export const MAX_KEYS = 4096

/** A key as it is put on a ring. */
export interface KeyringEntry extends KeyName {
  /**
   * An AES-256-GCM key, used as it is: what the helpers with a bare key use. Or 32 random bytes, from which each
   * kind of event and each sender gets a key of its own, so that no key has two senders; they are copied: yours
   * stay yours, overwrite them. spec P25
   */
  readonly key: CryptoKey | Uint8Array
  /** The only room, call or scope id whose events it opens and seals. Left out: all. spec P38 */
  readonly onlyFor?: string
}

/** What happens on a ring, by the name of its event. */
export interface KeyringEvents {
  /** Events are sealed with this key from now on. */
  readonly currentChanged: KeyName
  /** The key is gone from the ring: overwrite your copies too. */
  readonly retired: KeyName
}

/**
 * Many keys, of which the envelope names the one that opens, and one is current for sealing. A rotation without
 * loss is: `add` the next key everywhere, then `use` it everywhere; the one before stays for the grace and then
 * goes. You must have one ring for each group of people who may read and write the same events: whoever has a
 * key of the ring can write what opens with it, in any context that is not kept from it by `onlyFor`.
 */
export class Keyring implements EventKeys {
  readonly #now: () => number
  readonly #graceMs: number
  readonly #keyByName = new Map<string, HeldKey>()
  readonly #senderKeys = new SenderKeys()
  readonly #listeners = new Listeners<KeyringEvents>()
  #current: HeldKey | undefined
  #minKeyVersion: number
  #closed = false

  get [Symbol.toStringTag](): string {
    return 'Keyring'
  }

  /**
   * @param options.now the time in milliseconds, needed for a grace: `Date.now`
   * @param options.graceMs how long a key that was current still opens; left out: until it is retired
   * @param options.minKeyVersion keys below it neither seal nor open
   * @throws TypeError, RangeError that name the argument
   */
  constructor(
    options: {
      readonly now?: () => number
      readonly graceMs?: number
      readonly minKeyVersion?: number
    } = {},
  ) {
    const { now, graceMs = Number.POSITIVE_INFINITY, minKeyVersion = 0 } = options
    if (typeof graceMs !== 'number' || !(graceMs >= 0)) {
      throw new RangeError('"graceMs" expected milliseconds, not negative')
    }
    if (now === undefined ? graceMs !== Number.POSITIVE_INFINITY : typeof now !== 'function') {
      throw new TypeError('"now" expected a function, with "graceMs"')
    }
    this.#now = now ?? (() => 0)
    this.#graceMs = graceMs
    this.#minKeyVersion = checkVersion('minKeyVersion', minKeyVersion)
  }

  /** The key that seals; `undefined` before the first {@link Keyring.use}, and after closing. */
  get current(): KeyName | undefined {
    return this.#current && nameOf(this.#current)
  }

  /** The keys that are held. */
  get keys(): readonly KeyName[] {
    this.sweep()
    return [...this.#keyByName.values()].map(nameOf)
  }

  /** Whether a key is held. */
  has({ keyId, keyVersion }: KeyName): boolean {
    this.sweep()
    return this.#keyByName.has(idOf(keyId, keyVersion))
  }

  /**
   * Holds a key for opening.
   *
   * @throws TypeError, RangeError for what is no key or name, for a name that is held already, and for a version
   *   below the minimum
   * @throws E2eeError `ERR_E2EE_TOO_MANY_KEYS`, `ERR_E2EE_CLOSED`
   */
  add(entry: KeyringEntry): void {
    if (typeof entry !== 'object' || entry === null) {
      throw new TypeError(`"entry" expected an object, got ${kindOf(entry)}`)
    }
    const { keyId, keyVersion, key, onlyFor } = entry
    checkText('keyId', keyId, { min: 0, max: MAX_NAME_BYTES })
    if (checkVersion('keyVersion', keyVersion) < this.#minKeyVersion) {
      throw new RangeError(
        `"keyVersion" expected ${this.#minKeyVersion} at least, got ${keyVersion}`,
      )
    }
    const contextId =
      onlyFor === undefined
        ? undefined
        : checkText('onlyFor', onlyFor, { min: 1, max: MAX_CONTEXT_BYTES })
    if (this.#closed) throw closedError()
    if (this.has(entry))
      throw new RangeError('"keyId" and "keyVersion" name a key that is held already')
    if (this.#keyByName.size >= MAX_KEYS) {
      throw new E2eeError('ERR_E2EE_TOO_MANY_KEYS', { maxKeys: MAX_KEYS })
    }
    const id = idOf(keyId, keyVersion)
    const name = { keyId, keyVersion, contextId, retiresAt: Number.POSITIVE_INFINITY }
    if (isBytes(key)) {
      this.#keyByName.set(id, { ...name, secret: new SharedKeySource(key), sealed: 0 })
      return
    }
    keyStateOf('key', key)
    this.#keyByName.set(id, { ...name, key })
  }

  /**
   * Seals with a held key from now on. The one before opens until its grace is over.
   *
   * @throws RangeError for an older version of the current key's id
   * @throws E2eeError `ERR_E2EE_UNKNOWN_KEY`, `ERR_E2EE_VERSION_TOO_OLD`, `ERR_E2EE_CLOSED`
   */
  use({ keyId, keyVersion }: KeyName): void {
    if (this.#closed) throw closedError()
    const held = this.#find(keyId, keyVersion)
    if (held === undefined) throw unknownKeyError({ keyId, keyVersion })
    const previous = this.#current
    if (previous === held) return
    if (previous?.keyId === keyId && previous.keyVersion > keyVersion) {
      throw new RangeError(`"keyVersion" expected above ${previous.keyVersion}, got ${keyVersion}`)
    }
    this.#checkMinimum(held)
    if (previous !== undefined) previous.retiresAt = this.#now() + this.#graceMs
    held.retiresAt = Number.POSITIVE_INFINITY
    this.#current = held
    this.#listeners.emit('currentChanged', nameOf(held))
    this.sweep()
  }

  /** {@link Keyring.add}, then {@link Keyring.use}. */
  rotate(entry: KeyringEntry): void {
    this.add(entry)
    this.use(entry)
  }

  /**
   * Ends a key: it neither seals nor opens any more, and what is being opened with it does not open. What was
   * derived from it is dropped, and secret bytes were overwritten when they were taken in; the engine frees
   * what it holds. A key that is not held is ignored.
   */
  retire({ keyId, keyVersion }: KeyName): void {
    const held = this.#keyByName.get(idOf(keyId, keyVersion))
    if (held !== undefined) this.#drop(held)
  }

  /** Refuses keys below this version from now on, and retires those that are held. Never lowers it. spec P37 */
  requireVersion(minKeyVersion: number): void {
    checkVersion('minKeyVersion', minKeyVersion)
    this.#minKeyVersion = Math.max(this.#minKeyVersion, minKeyVersion)
    this.#dropAll((held) => held.keyVersion < this.#minKeyVersion)
  }

  /** Retires the keys whose grace is over. Every use of the ring does it; call it to be on time without one. */
  sweep(): void {
    const now = this.#now()
    this.#dropAll((held) => held.retiresAt <= now)
  }

  /** Calls `handler` at each event, in the call that caused it, until the returned function is called. */
  on<T extends keyof KeyringEvents>(
    type: T,
    handler: (event: KeyringEvents[T]) => void,
  ): () => void {
    return this.#listeners.on(type, handler)
  }

  /** Retires every key, for good. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    try {
      this.#dropAll(() => true)
    } finally {
      this.#listeners.clear()
    }
  }

  /** For `sealEvent` and its kin. */
  sealingKey({ kind, sender, contextId, keyId, keyVersion }: SealingRequest): SealingKey {
    if (this.#closed) throw closedError()
    this.sweep()
    const wanted = {
      keyId: keyId ?? this.#current?.keyId ?? '',
      keyVersion: keyVersion ?? this.#current?.keyVersion ?? 0,
    }
    const held = this.#find(wanted.keyId, wanted.keyVersion)
    if (held === undefined || !isFor(held, contextId)) throw unknownKeyError(wanted)
    this.#checkMinimum(held)
    if ('key' in held) {
      const state = keyStateOf('key', held.key)
      if (!state.canSeal) throw unknownKeyError(wanted)
      countSealed(state)
      return { ...wanted, derived: false, key: held.key }
    }
    countSealed(held)
    const owner = { ...wanted, kind, sender }
    const key = this.#senderKeys.take(held.secret, owner)
    if (key instanceof Promise)
      return { ...wanted, derived: true, key: this.#keepOwn(held, owner, key) }
    return { ...wanted, derived: true, key }
  }

  /** For `openEvent` and its kin. */
  openingKey(header: EventHeader, contextId: string): OpeningKey {
    const { keyId, keyVersion, kind, sender, flags } = header
    if (keyVersion < this.#minKeyVersion) {
      return { type: 'version-too-old', minKeyVersion: this.#minKeyVersion }
    }
    const held = this.#find(keyId, keyVersion)
    const derived = (flags & EVENT_FLAGS.derived) !== 0
    if (held === undefined || !isFor(held, contextId) || derived !== 'secret' in held) {
      return { type: 'unknown-key' }
    }
    const isHeld = (): boolean => this.#find(keyId, keyVersion) === held
    if ('key' in held) {
      if (!keyStateOf('key', held.key).canOpen) return { type: 'unknown-key' }
      return { type: 'key', key: held.key, confirm: isHeld }
    }
    const owner = { keyId, keyVersion, kind, sender }
    const confirm = (key: CryptoKey): boolean => {
      if (!isHeld()) return false
      this.#senderKeys.keep(held.secret, owner, key)
      return true
    }
    return { type: 'key', key: this.#senderKeys.take(held.secret, owner), confirm }
  }

  async #keepOwn(
    held: Extract<HeldKey, { readonly secret: SharedKeySource }>,
    owner: KeyOwner,
    derivation: Promise<CryptoKey>,
  ): Promise<CryptoKey> {
    const key = await derivation
    const { keyId, keyVersion } = owner
    if (this.#keyByName.get(idOf(keyId, keyVersion)) !== held)
      throw unknownKeyError({ keyId, keyVersion })
    this.#senderKeys.keep(held.secret, owner, key)
    return key
  }

  #find(keyId: string, keyVersion: number): HeldKey | undefined {
    const held = this.#keyByName.get(idOf(keyId, keyVersion))
    if (held === undefined || held.retiresAt > this.#now()) return held
    this.#drop(held)
    return undefined
  }

  #checkMinimum({ keyId, keyVersion }: KeyName): void {
    const minKeyVersion = this.#minKeyVersion
    if (keyVersion >= minKeyVersion) return
    throw new E2eeError('ERR_E2EE_VERSION_TOO_OLD', { keyId, keyVersion, minKeyVersion })
  }

  /** A handler that throws keeps no key from going. */
  #dropAll(matches: (held: HeldKey) => boolean): void {
    tryEach([...this.#keyByName.values()], (held) => {
      if (matches(held)) this.#drop(held)
    })
  }

  #drop(held: HeldKey): void {
    this.#keyByName.delete(idOf(held.keyId, held.keyVersion))
    if (this.#current === held) this.#current = undefined
    if ('secret' in held) this.#senderKeys.forget(held.secret)
    this.#listeners.emit('retired', nameOf(held))
  }
}

type HeldKey = KeyName & {
  readonly contextId: string | undefined
  retiresAt: number
} & ({ readonly key: CryptoKey } | { readonly secret: SharedKeySource; sealed: number })

const idOf = (keyId: string, keyVersion: number): string => `${keyVersion}:${keyId}`

const nameOf = ({ keyId, keyVersion }: KeyName): KeyName => ({ keyId, keyVersion })

const isFor = (held: HeldKey, contextId: string): boolean =>
  held.contextId === undefined || held.contextId === contextId

const unknownKeyError = (details: KeyName): E2eeError<'ERR_E2EE_UNKNOWN_KEY'> =>
  new E2eeError('ERR_E2EE_UNKNOWN_KEY', details)

const closedError = (): E2eeError<'ERR_E2EE_CLOSED'> =>
  new E2eeError('ERR_E2EE_CLOSED', undefined, { message: 'the keyring is closed' })
