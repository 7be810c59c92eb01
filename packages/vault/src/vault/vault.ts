import type { NewSlot } from '../slots/new-slot.ts'
import type { NoticeOutcome } from '../format/generation-notice.ts'
import type { VaultPin } from '../format/vault-pin.ts'
import type { SlotId, SlotSummary } from '../slots/slot.ts'

/** A slot as an application shows it. */
export interface VaultSlot extends SlotSummary {
  /** The person's name for it; may be empty. */
  readonly label: string
  /** Whether this vault was opened with it, or went over to it. */
  readonly inUse: boolean
}

/** Entries to set, and to delete (`undefined`), by name. */
export type EntryChanges = Readonly<Record<string, Uint8Array | undefined>>

/**
 * Makes the next value of an entry from its newest one, of which it gets a copy that is overwritten when it returns; `undefined`
 * stands for no entry. It is called again where another device or page wrote meanwhile, so it must do nothing else. spec V28
 */
export type EntryEdit = (value: Uint8Array<ArrayBuffer> | undefined) => Uint8Array | undefined

/**
 * An opened vault: entries under one master key, which every slot opens. chapter vault
 *
 * Entries are held in memory, in clear, as of the last opening, change or refresh. Every change is one write, which
 * stores all of it or nothing. When another device wrote meanwhile, the change is made on top of that write; of two
 * values that are set for one entry the later write wins, and of two edits ({@link Vault.update}) both count. Changes are made in the order of the calls.
 *
 * Methods that change the vault reject with `ERR_VAULT_CLOSED`, `ERR_VAULT_BUSY`, `ERR_VAULT_TOO_LARGE`,
 * `ERR_VAULT_STORAGE_FAILED` (whether it was stored is unknown: `refresh` tells), `ERR_VAULT_CONFLICT`, and with the
 * codes of {@link Vault.refresh}. Wrong arguments are a `TypeError` or a `RangeError` that names them.
 */
export interface Vault {
  /** Names the vault, base64url; not secret. */
  readonly id: string
  /** Rises by one with every change, whoever makes it. */
  readonly version: number
  /** The generation of the master key: 1 for the first, one more with each rotation. */
  readonly generation: number
  /**
   * This device's memory of the vault's state, which it keeps by itself where it was told to. A caller that opens with a {@link VaultPin}
   * must keep the newest one, after opening and after every change. spec V19, V30
   */
  readonly pin: VaultPin
  /**
   * A proof of the vault's generation, at most 6,172 bytes without a secret, which no one can forge who never had the
   * vault open. You must send it to the person's other devices after opening, {@link Vault.rotate} and {@link
   * Vault.revoke}, by a way that the storage does not control: a room, a push message. They {@link Vault.hear} it; a device
   * that does not may go on storing for a thief whom the storage helps. spec V29
   */
  readonly notice: Uint8Array<ArrayBuffer>

  /** A copy of an entry's value; `undefined` when there is none. You must overwrite secrets when done with them. */
  get(name: string): Uint8Array<ArrayBuffer> | undefined

  /** The names of all entries. */
  list(): readonly string[]

  /** Stores an entry, new or not. The value is copied before the call returns. spec V4 */
  set(name: string, value: Uint8Array): Promise<void>

  /** Deletes an entry. Copies that others made of the stored bytes keep it. */
  delete(name: string): Promise<void>

  /** Stores and deletes several entries in one write. */
  update(changes: EntryChanges): Promise<void>

  /**
   * Changes an entry depending on its value: a list of keys to which two pages add at once loses none. Rejects with what
   * `edit` throws; nothing was stored then. spec V28
   */
  update(name: string, edit: EntryEdit): Promise<void>

  /** The slots that open the vault. You must show them to the person: an unknown slot belongs to someone else. */
  slots(): readonly VaultSlot[]

  /**
   * Adds a passkey, or the passphrase. The master key stays.
   *
   * You must set `use` for this device's own slot if the vault was made or opened with the recovery key: the vault goes
   * over to the new slot, and removing that slot then shuts this device out. A new passkey that does not become a slot is
   * discarded, unless it is unknown whether it was stored. spec V12, V18
   *
   * @throws VaultError `ERR_VAULT_SLOT_EXISTS` for a second slot of a type or passkey that a vault has once,
   *   `ERR_VAULT_WEAK_PASSPHRASE`, `ERR_VAULT_WORKER`
   * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
   */
  addSlot(slot: NewSlot, options?: { readonly use?: boolean }): Promise<VaultSlot>

  /**
   * Replaces a slot by one of the same type: another passphrase, another recovery key. By default the master key is
   * replaced too, because everyone who knows the old secret has it. Other slots stay unchanged. spec V16
   *
   * @throws TypeError for a slot of another type
   * @throws VaultError `ERR_VAULT_NO_SLOT`, `ERR_VAULT_WEAK_PASSPHRASE`, `ERR_VAULT_WORKER`
   * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
   */
  replaceSlot(
    id: SlotId,
    slot: NewSlot,
    options?: { readonly rotate?: boolean },
  ): Promise<VaultSlot>

  /**
   * Removes a slot, and by default replaces the master key: those who can open the slot then read no later state of the
   * vault. `rotate: false` is for a slot that no one else can have opened.
   *
   * @throws VaultError `ERR_VAULT_NO_SLOT`, `ERR_VAULT_SLOT_REQUIRED`
   */
  removeSlot(id: SlotId, options?: { readonly rotate?: boolean }): Promise<void>

  /**
   * Replaces the master key and seals everything again, in one write. All slots stay, no slot's secret is needed, and
   * other devices that have the vault open follow. spec V17
   */
  rotate(): Promise<void>

  /**
   * Shuts out a lost device: removes its slots, replaces entries, and rotates, in one write. spec V25
   *
   * You must give the rooms whose keys are in the vault new keys as well (a new epoch), and put these into `entries`:
   * the thief may have read the old ones. Earlier states stay readable to everyone with a copy of them. You must
   * replace the passphrase and the recovery key too if the thief can know them, and the recovery key if the device had
   * the vault open with it: an open vault follows as long as its slot is there.
   */
  revoke(slots: readonly SlotId[], options?: { readonly entries?: EntryChanges }): Promise<void>

  /**
   * Adopts the state that other devices wrote; resolves to whether there was one.
   *
   * @throws VaultError `ERR_VAULT_NO_SLOT`: the slot that this vault was opened with was removed or replaced, open it
   *   again with another; `ERR_VAULT_ROLLED_BACK`: the storage holds no later state of this vault;
   *   `ERR_VAULT_NOT_FOUND`, `ERR_VAULT_MALFORMED`, `ERR_VAULT_OPEN_FAILED`, `ERR_VAULT_STORAGE_FAILED`
   */
  refresh(): Promise<boolean>

  /**
   * Compares the {@link Vault.notice} of another device of the person with this vault; the bytes may come from anywhere. After
   * `later`, changes and `refresh` reject with `ERR_VAULT_ROLLED_BACK` until the storage shows the rotation that the notice
   * proves. After `forked` they always do: you must ask the person which of their devices they have in hand, and open
   * the vault without the pin only if the storage then shows the right branch.
   *
   * @throws TypeError for anything but bytes
   * @throws VaultError `ERR_VAULT_CLOSED`, `ERR_VAULT_BUSY`
   */
  hear(notice: Uint8Array): Promise<NoticeOutcome>

  /** The stored bytes, to keep elsewhere for `restoreVault`: sealed, opened by the current slots. spec V27 */
  export(): Uint8Array<ArrayBuffer>

  /** Waits for the changes under way, overwrites the entries in memory, and refuses every later call. spec V26 */
  close(): Promise<void>

  /** The same as {@link Vault.close}. */
  [Symbol.asyncDispose](): Promise<void>
}
