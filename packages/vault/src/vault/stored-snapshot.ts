import { compareAndSwap, decodeBase64Url, TaskQueue } from '@conclave/base'
import type { RecordStorage } from '@conclave/base'
import { wipe } from '@conclave/crypto'
import { VaultError } from '../errors.ts'
import { draftOf } from '../format/draft.ts'
import type { Draft } from '../format/draft.ts'
import { compareNotice, decodeNotice, knownGenerationOf } from '../format/generation-notice.ts'
import type { KnownGeneration, NoticeOutcome } from '../format/generation-notice.ts'
import { checkSuccessor, lineageOf, pinOf } from '../format/rollback-pin.ts'
import { sealNext } from '../format/seal-snapshot.ts'
import { checkStored, openSnapshot } from '../format/snapshot.ts'
import type { Snapshot } from '../format/snapshot.ts'
import type { VaultPin } from '../format/vault-pin.ts'
import { MAX_WAITING_CHANGES, MAX_WRITE_ATTEMPTS } from '../limits.ts'
import type { OpenSlot } from '../slots/slot-key.ts'
import { readStorage, writeStorage } from '../storage/storage.ts'
import type { DevicePin } from './device-pin.ts'

/** Makes the next state from the current one. Called again when others wrote meanwhile. */
export type Edit = (draft: Draft) => Draft

/** The newest state of a vault that this device has seen, and the storage that it is changed in. */
export class StoredSnapshot {
  readonly #storage: RecordStorage
  /** One change runs, the others wait. */
  readonly #changes = new TaskQueue({ maxWaiting: MAX_WAITING_CHANGES - 1 })
  #slot: OpenSlot
  #snapshot: Snapshot
  #storageVersion: string
  /** A later generation than that of the state, of which the device has heard. spec V29 */
  #heard: KnownGeneration | undefined
  #forked = false
  readonly #devicePin: DevicePin
  readonly #device: string | undefined
  /** The last state that this device wrote. spec V20 */
  #wrote: VaultPin['wrote']

  constructor(options: {
    readonly devicePin: DevicePin
    /** The pin that the state was opened with. */
    readonly pin: VaultPin | undefined
    readonly storage: RecordStorage
    readonly storageVersion: string
    readonly snapshot: Snapshot
    readonly slot: OpenSlot
  }) {
    this.#storage = options.storage
    this.#storageVersion = options.storageVersion
    this.#snapshot = options.snapshot
    this.#slot = options.slot
    this.#devicePin = options.devicePin
    this.#device = options.pin?.device ?? options.devicePin.nameDevice()
    this.#wrote = options.pin?.device === undefined ? undefined : options.pin.wrote
  }

  /** The state itself. Its entries are overwritten with zeros when a later state replaces it, and on closing. */
  get current(): Snapshot {
    return this.#snapshot
  }

  /** The slot whose keys open later states. */
  get slot(): OpenSlot {
    return this.#slot
  }

  /** The state, and what the device has heard since. */
  get pin(): VaultPin {
    const isLater = (this.#heard?.generation ?? 0) > this.#snapshot.file.generation
    return {
      ...pinOf(this.#snapshot),
      ...(this.#device !== undefined && { device: this.#device }),
      ...(this.#wrote && { wrote: this.#wrote }),
      ...(isLater && this.#heard),
      ...(this.#forked && { forked: true }),
    }
  }

  /** @throws VaultError `ERR_VAULT_CLOSED` */
  checkOpen(): void {
    if (this.#changes.closed) throw new VaultError('ERR_VAULT_CLOSED', undefined)
  }

  /**
   * Stores the next state, made from the newest one. `slot` opens the states after it. spec V15
   *
   * @throws VaultError `ERR_VAULT_CONFLICT`, `ERR_VAULT_BUSY`, and the codes of {@link StoredSnapshot.refresh}
   */
  async change(edit: Edit, { slot }: { readonly slot?: OpenSlot | undefined } = {}): Promise<void> {
    await this.#run(async () => {
      if (this.pin.generation > this.#snapshot.file.generation) await this.#reload()
      await this.#checkHeard()
      await compareAndSwap({
        attempt: () => this.#write(edit),
        reload: () => this.#reload(),
        conflict: () => new VaultError('ERR_VAULT_CONFLICT', undefined),
        maxAttempts: MAX_WRITE_ATTEMPTS,
      })
      if (slot !== undefined) this.#slot = slot
    })
  }

  /**
   * Adopts the stored state; returns whether it is a later one.
   *
   * @throws VaultError `ERR_VAULT_CLOSED`, `ERR_VAULT_NOT_FOUND`, `ERR_VAULT_MALFORMED`, `ERR_VAULT_OPEN_FAILED`,
   *   `ERR_VAULT_NO_SLOT`, `ERR_VAULT_ROLLED_BACK`, `ERR_VAULT_STORAGE_FAILED`
   */
  async refresh(): Promise<boolean> {
    return this.#run(async () => {
      const isLater = await this.#reload()
      await this.#checkHeard()
      return isLater
    })
  }

  /** Compares another device's notice with this device's state. spec V29 */
  async hear(bytes: Uint8Array): Promise<NoticeOutcome> {
    return this.#run(async () => {
      const notice = decodeNotice(bytes)
      if (notice === undefined) return 'unknown'
      const outcome = await compareNotice(notice, lineageOf(this.#snapshot))
      if (outcome === 'forked') this.#forked = true
      if (outcome === 'later') {
        const heard = knownGenerationOf(notice)
        // Of two later generations the one that is further; that they part shows when the state is compared with both.
        if (heard.generation > (this.#heard?.generation ?? 0)) this.#heard = heard
      }
      return outcome
    })
  }

  /** Keeps the pin of the state. @throws VaultError `ERR_VAULT_STORAGE_FAILED`, `ERR_VAULT_ROLLED_BACK`. spec V30 */
  remember(): Promise<void> {
    return this.#devicePin.raise(this.pin)
  }

  /** Waits for the changes under way, refuses others, and overwrites the entries. spec V26 */
  async close(): Promise<void> {
    await this.#changes.close()
    wipe(...this.#snapshot.contents.entries.values())
  }

  async #run<T>(task: () => Promise<T>): Promise<T> {
    this.checkOpen()
    const running = this.#changes.run(async () => {
      const result = await task()
      await this.remember()
      return result
    })
    if (running !== undefined) return running
    throw new VaultError('ERR_VAULT_BUSY', { maxWaiting: MAX_WAITING_CHANGES })
  }

  /** Whether the state is of the generation that the device has heard of. @throws VaultError `ERR_VAULT_ROLLED_BACK`. spec V29 */
  #checkHeard(): Promise<void> {
    return checkSuccessor(this.#snapshot, this.pin)
  }

  async #write(edit: Edit): Promise<true | undefined> {
    const writer = this.#device === undefined ? undefined : decodeBase64Url(this.#device)
    const by = { slot: this.#slot, writer }
    const next = await sealNext(this.#snapshot, edit(draftOf(this.#snapshot)), by)
    const version = await writeStorage(this.#storage, next.bytes, this.#storageVersion)
    if (version === undefined) return undefined
    this.#adopt(next, version)
    const pin = pinOf(next)
    this.#wrote = writer && { version: pin.version, digest: pin.digest }
    return true
  }

  /** spec V18, V19 */
  async #reload(): Promise<boolean> {
    const stored = await readStorage(this.#storage)
    if (stored === undefined) throw new VaultError('ERR_VAULT_NOT_FOUND', undefined)
    if (stored.version === this.#storageVersion) return false
    const { bytes, file } = checkStored(stored.bytes)
    const next = await openSnapshot(bytes, file, this.#slot)
    await checkSuccessor(next, this.pin)
    const isLater = next.file.version !== this.#snapshot.file.version
    this.#adopt(next, stored.version)
    return isLater
  }

  /** Overwrites the entries of the state before, but not arrays that the next state shares with it. spec V26 */
  #adopt(next: Snapshot, storageVersion: string): void {
    const kept = new Set(next.contents.entries.values())
    const gone = [...this.#snapshot.contents.entries.values()].filter((value) => !kept.has(value))
    wipe(...gone)
    this.#snapshot = next
    this.#storageVersion = storageVersion
  }
}
