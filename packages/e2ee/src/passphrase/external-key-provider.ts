import { equalBytes } from '@conclave/base'
import { wipe } from '@conclave/crypto'
import type { GraceOptions } from '../core/grace.ts'
import type { KeyedSession, KeyProviderOptions } from '../keys/base-key-provider.ts'
import { checkEpoch } from '../keys/epoch.ts'
import { closedError } from '../keys/export-info.ts'
import { keyToBytes } from '../keys/key-providers.ts'
import type { KeySource } from '../keys/key-source.ts'
import { SharedKeySource } from '../keys/shared-key-source.ts'
import type { PassphraseWorkerOptions } from './choose-worker.ts'
import { checkNewPassphrase } from './passphrase-key-source.ts'
import { checkAgreement, derivePassphraseRoot } from './passphrase-root.ts'
import type { CheckedAgreement, PassphraseAgreement } from './passphrase-root.ts'
import { WrappedKeySource } from '../keys/wrapped-key-source.ts'

/** Options of an {@link ExternalE2EEKeyProvider}. */
export interface ExternalKeyProviderOptions
  extends Partial<PassphraseAgreement>, PassphraseWorkerOptions, GraceOptions, KeyProviderOptions {}

/**
 * A key source whose key the app sets: 32 random bytes, or a passphrase, which is stretched for the room once the room
 * is known. Until then it neither seals nor opens. spec K41
 */
export class ExternalE2EEKeyProvider extends WrappedKeySource {
  readonly #roots: SharedKeySource
  readonly #options: Omit<ExternalKeyProviderOptions, 'room'>
  /** The room of the session that took these keys, where the app named none. */
  #bound: string | undefined
  #mode: KeySource['mode'] = 'shared'
  #agreement: CheckedAgreement | undefined
  /** The highest epoch whose key is in use, or being made. */
  #taken = -1n
  /** Keys of this epoch and earlier ones are superseded. */
  #installed = -1n
  /** The last passphrase that was stretched, or is. */
  #stretched = Promise.resolve()
  #closed = false
  /** A passphrase that waits for the room; a later one replaces it. */
  #waiting: { readonly passphrase: string; readonly epoch: bigint } | undefined

  /** @throws TypeError, RangeError that name the argument @throws E2eeError `ERR_E2EE_CLEAR_FRAMES` */
  constructor({ room, ...options }: ExternalKeyProviderOptions = {}) {
    const roots = new SharedKeySource(undefined, options)
    super(roots, options)
    this.#roots = roots
    this.#options = options
    // Malformed options fail at once, also before the room is known.
    const checked = checkAgreement({ ...options, room: room ?? 'any' })
    if (room !== undefined) this.#agreement = checked
  }

  /** `passphrase` once one was set: it gives no more than that mode. */
  get mode(): KeySource['mode'] {
    return this.#mode
  }

  /**
   * Sets the key that all members of the room have. Bytes are used at once. A passphrase is used when it is stretched,
   * which resolves the result, or is kept until {@link setRoom}; a key of a later epoch that is set meanwhile supersedes it, which is
   * no failure. You need not await the result: a failure that nobody awaits is an unhandled rejection of the runtime.
   *
   * @param key 32 uniformly random bytes, or a passphrase that is hard to guess
   * @param epoch the same at every member; above all that were set before. Left out: the next one, 0 for the first key. You must
   *   tell it to a member that has not set all keys before this one
   * @throws E2eeError `ERR_E2EE_WEAK_PASSPHRASE`, `ERR_E2EE_CLOSED`; rejects with `ERR_E2EE_WORKER`, or CryptoError `ERR_CRYPTO_UNSUPPORTED`
   * @throws TypeError, RangeError for a key or an epoch that cannot be one
   */
  setSharedKey(
    key: string | ArrayBuffer | Uint8Array,
    epoch: bigint = this.#taken + 1n,
  ): Promise<void> {
    checkEpoch(epoch)
    if (this.#closed) throw closedError()
    if (epoch <= this.#taken) {
      throw new RangeError(`"epoch" expected above ${this.#taken}, got ${epoch}`)
    }
    if (typeof key !== 'string') {
      this.#roots.setKey(keyToBytes(key), epoch)
      this.#taken = epoch
      this.#installed = epoch
      this.#waiting = undefined
      this.#stretched = Promise.resolve()
      return this.#stretched
    }
    checkNewPassphrase(key)
    this.#mode = 'passphrase'
    this.#waiting = { passphrase: key, epoch }
    return this.#stretch()
  }

  override setMinEpoch(epoch: bigint): void {
    super.setMinEpoch(epoch)
    if (epoch > this.#taken) this.#taken = epoch - 1n
    if (epoch > this.#installed) this.#installed = epoch - 1n
  }

  override close(): void {
    this.#closed = true
    this.#waiting = undefined
    super.close()
  }

  /**
   * Sets the room for which passphrases are stretched; resolves when a pending passphrase is in use.
   *
   * @throws RangeError for another room than before; TypeError, RangeError for a malformed room
   */
  setRoom(room: string): Promise<void> {
    const checked = checkAgreement({ ...this.#options, room })
    if (this.#agreement !== undefined && !equalBytes(this.#agreement.room, checked.room)) {
      throw new RangeError('"room" expected the one that was set before')
    }
    this.#agreement = checked
    return this.#stretch()
  }

  /**
   * Stretches passphrases for the room of the session, unless the app named a room. spec K52
   *
   * @throws RangeError for another room than before
   */
  override bind({ room }: KeyedSession): Promise<void> {
    if (this.#agreement !== undefined && this.#bound === undefined) return this.#stretch()
    const bound = this.setRoom(room)
    this.#bound = room
    return bound
  }

  #stretch(): Promise<void> {
    const [waiting, agreement] = [this.#waiting, this.#agreement]
    if (waiting === undefined || agreement === undefined) return this.#stretched
    this.#waiting = undefined
    this.#taken = waiting.epoch
    this.#stretched = this.#install(waiting, agreement)
    return this.#stretched
  }

  async #install(
    { passphrase, epoch }: { readonly passphrase: string; readonly epoch: bigint },
    agreement: CheckedAgreement,
  ): Promise<void> {
    const root = await derivePassphraseRoot(passphrase, agreement, epoch)
    try {
      // Closing meanwhile is no failure, nor a key that supersedes this one.
      if (this.#closed || epoch <= this.#installed) return
      this.#roots.setKey(root, epoch)
      this.#installed = epoch
    } finally {
      wipe(root)
    }
  }
}
