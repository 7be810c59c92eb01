import { checkObject, checkText, Emitter } from '@conclave/base'
import { wipe } from '@conclave/crypto'
import { ExpiryQueue } from '../core/expiry-queue.ts'
import { checkGrace } from '../core/grace.ts'
import type { GraceOptions } from '../core/grace.ts'
import { E2eeError } from '../errors.ts'
import { DerivedKeys } from '../keys/derived-keys.ts'
import type { DerivationRoots } from '../keys/derived-keys.ts'
import { toEpoch } from '../keys/epoch.ts'
import { unknownKeyError } from '../keys/event-keys.ts'
import type {
  EventKeys,
  KeyName,
  KeyPurpose,
  OpeningKey,
  OpeningRequest,
  SealingKey,
  SealingRequest,
} from '../keys/event-keys.ts'
import { closedError } from '../keys/export-info.ts'
import { keyStateOf } from './aes-gcm-key.ts'
import { MAX_NAME_BYTES } from './event-header.ts'
import { exportFrom, isFor, materialOf } from './held-key.ts'
import type { HeldKey } from './held-key.ts'
import { KeyLimits } from './key-limits.ts'
import { channelOfScope } from './key-scope.ts'
import type { GivenKeyName, KeyringEntry, KeyringEvents } from './keyring-entry.ts'

/** Keys that a ring holds, at most. spec P38 */
export const MAX_KEYS = 4096

/** Derived keys that a ring keeps: one to seal and one to open for each of its keys. spec P12 */
const MAX_DERIVED_KEYS_OF_RING: number = 2 * MAX_KEYS

/**
 * Many keys, of which the envelope names the one that opens, and one is current for sealing. A rotation without loss
 * is: `add` the next key everywhere, then `use` it everywhere; the one before stays for the grace and then goes. You
 * must have one ring for each group of people who may read and write the same events: any holder of a key of the ring
 * can write events that open with it, in every context that `onlyFor` permits.
 */
export class Keyring implements EventKeys {
  readonly #now: () => number
  readonly #graceMs: number
  readonly #limits = new KeyLimits()
  readonly #keyByName = new Map<string, HeldKey>()
  readonly #expiring = new ExpiryQueue<HeldKey>()
  readonly #derived: DerivedKeys
  readonly #events = new Emitter<KeyringEvents>()
  #current: HeldKey | undefined
  #closed = false

  get [Symbol.toStringTag](): string {
    return 'Keyring'
  }

  /** @throws TypeError, RangeError that name the argument */
  constructor(options: GraceOptions = {}) {
    const { graceMs, now } = checkGrace(options)
    this.#graceMs = graceMs
    this.#now = now
    const roots: DerivationRoots = {
      rootOf: (owner) => this.#find(owner)?.root,
      export: (...request) => this.export(...request),
    }
    this.#derived = new DerivedKeys(roots, { maxKeys: MAX_DERIVED_KEYS_OF_RING })
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
  has({ keyId, epoch }: GivenKeyName): boolean {
    return this.#find({ keyId, epoch: toEpoch('epoch', epoch) }) !== undefined
  }

  /**
   * Holds a key for opening.
   *
   * @throws TypeError, RangeError for a malformed key or name, for a name that is held already or has ended, and for an epoch
   *   below the minimum
   * @throws E2eeError `ERR_E2EE_TOO_MANY_KEYS`, `ERR_E2EE_CLOSED`
   */
  add(entry: KeyringEntry): void {
    checkObject('entry', entry)
    const { keyId, key, onlyFor, mayRotate } = entry
    const isHistory = entry.history === true
    checkText('keyId', keyId, { min: 0, max: MAX_NAME_BYTES })
    const epoch = toEpoch('epoch', entry.epoch)
    const minEpoch = this.#limits.minEpoch(keyId)
    if (epoch < minEpoch && !isHistory) {
      throw new RangeError(`"epoch" expected ${minEpoch} at least, got ${epoch}`)
    }
    const contextId = onlyFor === undefined ? undefined : channelOfScope(onlyFor)
    if (this.#closed) throw closedError()
    this.sweep()
    if (!isHistory && this.#limits.hasEnded({ keyId, epoch })) {
      throw new RangeError('"keyId" and "epoch" name a key that has ended: add it for history')
    }
    const id = idOf({ keyId, epoch })
    if (this.#keyByName.has(id)) {
      throw new RangeError('"keyId" and "epoch" name a key that is held already')
    }
    if (this.#keyByName.size >= MAX_KEYS) {
      throw new E2eeError('ERR_E2EE_TOO_MANY_KEYS', { maxKeys: MAX_KEYS })
    }
    this.#limits.remember(keyId)
    this.#keyByName.set(id, { keyId, epoch, contextId, isHistory, mayRotate, ...materialOf(key) })
  }

  /**
   * Seals with a held key from now on. The one before opens until its grace is over.
   *
   * @throws RangeError for an epoch below one of the key id that sealed before, for a key for history, and for a received key that
   *   may not become current, or whose epoch is more than 1,024 ahead
   * @throws E2eeError `ERR_E2EE_UNKNOWN_KEY`, `ERR_E2EE_CLOSED`
   */
  use({ keyId, epoch: given }: GivenKeyName): void {
    if (this.#closed) throw closedError()
    const epoch = toEpoch('epoch', given)
    const held = this.#find({ keyId, epoch })
    if (held === undefined) throw unknownKeyError({ keyId, epoch })
    const previous = this.#current
    if (previous === held) return
    this.#checkUse(held)
    this.#limits.use(held)
    this.#current = held
    this.#expiring.delete(held)
    if (previous !== undefined) this.#expiring.add(previous, this.#now() + this.#graceMs)
    this.#events.emit('currentChanged', nameOf(held))
    this.sweep()
  }

  /** {@link Keyring.add}, then {@link Keyring.use}; or neither. */
  rotate(entry: KeyringEntry): void {
    checkObject('entry', entry)
    this.#checkUse({ ...entry, epoch: toEpoch('epoch', entry.epoch), isHistory: entry.history })
    this.add(entry)
    this.use(entry)
  }

  /**
   * Ends a key: from now on it neither seals nor opens, and events that are being opened with it do not open. Keys
   * that were derived from it are dropped; secret bytes were overwritten when they were taken in; the engine frees
   * its own memory. A key that is not held is ignored.
   */
  retire({ keyId, epoch }: GivenKeyName): void {
    const held = this.#keyByName.get(idOf({ keyId, epoch: toEpoch('epoch', epoch) }))
    if (held !== undefined) this.#drop(held)
  }

  /** Refuses keys of this id below this epoch from now on, and retires those that are held. Never lowers it. spec P37 */
  requireEpoch({ keyId, epoch: given }: GivenKeyName): void {
    checkText('keyId', keyId, { min: 0, max: MAX_NAME_BYTES })
    const epoch = toEpoch('epoch', given)
    if (!this.#limits.raiseMinEpoch({ keyId, epoch })) return
    for (const held of [...this.#keyByName.values()]) {
      if (held.keyId === keyId && held.epoch < epoch && !held.isHistory) this.#drop(held)
    }
  }

  /** Retires the keys whose grace is over. Every use of the ring does it; call it to be on time without one. */
  sweep(): void {
    // Asking for the time takes longer than this.
    if (this.#expiring.isEmpty) return
    for (const held of this.#expiring.expired(this.#now())) this.#drop(held)
  }

  /**
   * Calls `handler` at each event, in the call that caused it, until the returned function is called. A handler that
   * throws disturbs neither that call nor other handlers.
   */
  on<T extends keyof KeyringEvents>(
    type: T,
    handler: (event: KeyringEvents[T]) => void,
  ): () => void {
    return this.#events.on(type, handler)
  }

  /** Retires every key, for good. Closing again does nothing. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#derived.forget(() => true)
    for (const held of [...this.#keyByName.values()]) this.#drop(held)
    this.#events.clear()
  }

  /**
   * Bytes for one purpose, as `export` of a key source whose root is the key: the current one, or the one that is
   * named. You must overwrite them when they are no longer needed.
   *
   * @throws E2eeError `ERR_E2EE_UNKNOWN_KEY`, `ERR_E2EE_CLOSED`
   * @throws TypeError, RangeError for arguments outside the bounds of spec K6, and for a bare key that cannot be exported
   */
  async export(
    label: string,
    context: Uint8Array,
    length: number,
    {
      keyId,
      epoch,
    }: { readonly keyId?: string | undefined; readonly epoch?: bigint | undefined } = {},
  ): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#closed) throw closedError()
    const name = this.#nameOf(keyId, epoch)
    const held = this.#find(name)
    if (held === undefined) throw unknownKeyError(name)
    const bytes = await exportFrom(held, [label, context, length])
    if (this.#find(name) === held) return bytes
    wipe(bytes)
    throw unknownKeyError(name)
  }

  sealingKey({ purpose, sender, contextId, keyId, epoch }: SealingRequest): SealingKey {
    if (this.#closed) throw closedError()
    this.sweep()
    const name = this.#nameOf(keyId, epoch)
    const minEpoch = this.#limits.minEpoch(name.keyId)
    if (epoch !== undefined && epoch < minEpoch) {
      throw new E2eeError('ERR_E2EE_EPOCH_TOO_OLD', { ...name, minEpoch })
    }
    const held = this.#find(name)
    if (held === undefined || held.isHistory || !isFor(held, contextId)) throw unknownKeyError(name)
    const sealing = this.#derived.keyOf({ ...name, purpose, sender }, { opens: false })
    if (sealing !== undefined) return sealing
    const { key } = held
    if (key === undefined) throw unknownKeyError(name)
    const count = keyStateOf('key', key)
    if (!count.canSeal) throw unknownKeyError(name)
    return { ...name, derived: false, key, count, confirm: () => this.#find(name) === held }
  }

  openingKey(request: OpeningRequest): OpeningKey {
    const { keyId, epoch, contextId, derived, history } = request
    const minEpoch = this.#limits.minEpoch(keyId)
    const held = this.#find({ keyId, epoch })
    const isWanted = held !== undefined && (!held.isHistory || history === true)
    if (epoch < minEpoch && !(isWanted && held.isHistory))
      return { type: 'epoch-too-old', minEpoch }
    if (!isWanted || !isFor(held, contextId)) return UNKNOWN_KEY
    const { key, isHistory } = held
    if (key === undefined) {
      const opening = derived ? this.#derived.keyOf(request, { opens: true }) : undefined
      return opening === undefined ? UNKNOWN_KEY : { ...opening, isHistory }
    }
    if (derived || !keyStateOf('key', key).canOpen) return UNKNOWN_KEY
    const confirm = (): boolean => this.#find({ keyId, epoch }) === held
    return { type: 'key', key, isHistory, confirm }
  }

  /** Does nothing: every holder of a key of the ring can seal as any sender. */
  checkSender(): void {}

  forgetKeys(matches: (purpose: KeyPurpose, sender: string) => boolean): void {
    this.#derived.forget(({ purpose, sender }) => matches(purpose, sender))
  }

  #checkUse(
    key: KeyName & {
      readonly isHistory?: boolean | undefined
      readonly mayRotate?: boolean | undefined
    },
  ): void {
    if (key.isHistory === true) throw new RangeError('"history" expected of no key that seals')
    if (key.mayRotate === false) {
      throw new RangeError('"entry" expected a key whose sender may rotate; "openKey" names them')
    }
    this.#limits.checkUse(key, { isReceived: key.mayRotate !== undefined })
  }

  /** The name that a request means. */
  #nameOf(keyId: string | undefined, epoch: bigint | undefined): KeyName {
    return {
      keyId: keyId ?? this.#current?.keyId ?? '',
      epoch: epoch ?? this.#current?.epoch ?? 0n,
    }
  }

  /** A key by name, unless its grace is over: this drops it then. */
  #find(name: KeyName): HeldKey | undefined {
    // Most often it is the current one, which has no end.
    const current = this.#current
    if (current?.keyId === name.keyId && current.epoch === name.epoch) return current
    const held = this.#keyByName.get(idOf(name))
    if (held === undefined || this.#expiring.expiryOf(held) > this.#now()) return held
    this.#drop(held)
    return undefined
  }

  #drop(held: HeldKey): void {
    const id = idOf(held)
    // A handler of an earlier key's end may have used the ring, which retires, and may have added the name again.
    if (this.#keyByName.get(id) !== held) return
    this.#keyByName.delete(id)
    this.#expiring.delete(held)
    if (!held.isHistory) this.#limits.end(held)
    if (this.#current === held) this.#current = undefined
    this.#derived.forget(({ keyId, epoch }) => keyId === held.keyId && epoch === held.epoch)
    this.#events.emit('retired', nameOf(held))
  }
}

const idOf = ({ keyId, epoch }: KeyName): string => `${epoch}:${keyId}`

const nameOf = ({ keyId, epoch }: KeyName): KeyName => ({ keyId, epoch })

const UNKNOWN_KEY = { type: 'unknown-key' } as const
