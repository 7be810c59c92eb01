import { encodeBase64Url } from '@conclave/base'
import { isBytes } from '../bytes.ts'
import { ChangeQueue } from '../change-queue.ts'
import { checkName } from '../format/contents.ts'
import { VaultError } from '../errors.ts'
import { MAX_ENTRIES, MAX_ENTRY_BYTES, MAX_SLOTS, MAX_WRITE_ATTEMPTS } from '../limits.ts'
import { prepareSlot } from '../slots/new-slot.ts'
import type { NewSlot } from '../slots/new-slot.ts'
import { checkPin, pinOf } from '../format/rollback-pin.ts'
import type { VaultPin } from '../format/rollback-pin.ts'
import { areSlotsAllowed, summarizeSlot } from '../slots/slot.ts'
import type { SlotId } from '../slots/slot.ts'
import { openSnapshot, parseVault, sealNext } from '../format/snapshot.ts'
import type { Draft, DraftSlot, OpenSlot, Snapshot } from '../format/snapshot.ts'
import { readStorage, writeStorage } from '../storage/storage.ts'
import type { VaultStorage } from '../storage/storage.ts'
import type { EntryChanges, Vault, VaultSlot } from './vault.ts'

/** Makes the next state out of the current one. May be called more than once for one change. */
type Edit = (draft: Draft) => Draft

/** The vault that `createVault`, `openVault` and `restoreVault` give. */
export class OpenedVault implements Vault {
  readonly #storage: VaultStorage
  readonly #queue = new ChangeQueue()
  #slot: OpenSlot
  #snapshot: Snapshot
  #storageVersion: string

  constructor(options: {
    readonly storage: VaultStorage
    readonly storageVersion: string
    readonly snapshot: Snapshot
    readonly slot: OpenSlot
  }) {
    this.#storage = options.storage
    this.#storageVersion = options.storageVersion
    this.#snapshot = options.snapshot
    this.#slot = options.slot
  }

  get id(): string {
    return encodeBase64Url(this.#snapshot.file.id)
  }

  get version(): number {
    return this.#snapshot.file.version
  }

  get generation(): number {
    return this.#snapshot.file.generation
  }

  get pin(): VaultPin {
    return pinOf(this.#snapshot)
  }

  get(name: string): Uint8Array<ArrayBuffer> | undefined {
    this.#checkOpen()
    const value = this.#snapshot.contents.entries.get(checkName('name', name, 1))
    return value && new Uint8Array(value)
  }

  list(): readonly string[] {
    this.#checkOpen()
    return [...this.#snapshot.contents.entries.keys()].sort()
  }

  async set(name: string, value: Uint8Array): Promise<void> {
    if (!isBytes(value)) throw new TypeError(`"value" expected Uint8Array, got ${typeof value}`)
    await this.#updateEntries(new Map([[checkName('name', name, 1), value]]), false)
  }

  async delete(name: string): Promise<void> {
    await this.#updateEntries(new Map([[checkName('name', name, 1), undefined]]), false)
  }

  async update(changes: EntryChanges): Promise<void> {
    await this.#updateEntries(changesOf(changes), false)
  }

  slots(): readonly VaultSlot[] {
    this.#checkOpen()
    return draftSlotsOf(this.#snapshot).map((slot) => this.#show(slot))
  }

  async addSlot(
    slot: NewSlot,
    { use = false }: { readonly use?: boolean } = {},
  ): Promise<VaultSlot> {
    this.#checkOpen()
    const { draft: added, open } = await prepareSlot(slot, this.#snapshot.file.id)
    await this.#change(
      (draft) => {
        const slots = [...draft.slots, added]
        if (slots.length > MAX_SLOTS) {
          throw new VaultError('ERR_VAULT_TOO_LARGE', { limit: 'slots', max: MAX_SLOTS })
        }
        if (!areSlotsAllowed(slots)) {
          throw new VaultError('ERR_VAULT_SLOT_EXISTS', { type: added.parameters.type })
        }
        return { ...draft, slots }
      },
      () => {
        if (use) this.#slot = open
      },
    )
    return this.#show(added)
  }

  async replaceSlot(
    id: SlotId,
    slot: NewSlot,
    { rotate = true }: { readonly rotate?: boolean } = {},
  ): Promise<VaultSlot> {
    this.#checkOpen()
    const old = this.#findSlot(draftSlotsOf(this.#snapshot), id)
    if (old.parameters.type !== slot?.type) {
      throw new TypeError(`"slot.type" expected ${old.parameters.type}`)
    }
    const { draft: added, open } = await prepareSlot(slot, this.#snapshot.file.id)
    const own = id === this.#slot.id
    await this.#change(
      (draft) => {
        this.#findSlot(draft.slots, id)
        const slots = draft.slots.map((each) => (each.id === id ? added : each))
        if (!areSlotsAllowed(slots)) {
          throw new VaultError('ERR_VAULT_SLOT_EXISTS', { type: added.parameters.type })
        }
        return { ...draft, slots, rotate }
      },
      () => {
        if (own) this.#slot = open
      },
    )
    return this.#show(added)
  }

  async removeSlot(
    id: SlotId,
    { rotate = true }: { readonly rotate?: boolean } = {},
  ): Promise<void> {
    await this.#change((draft) => ({ ...this.#without(draft, [id]), rotate }))
  }

  async rotate(): Promise<void> {
    await this.#change((draft) => ({ ...draft, rotate: true }))
  }

  async revoke(
    slots: readonly SlotId[],
    { entries = {} }: { readonly entries?: EntryChanges } = {},
  ): Promise<void> {
    const ids = [...slots]
    await this.#updateEntries(changesOf(entries), true, (draft) => this.#without(draft, ids))
  }

  async refresh(): Promise<boolean> {
    return this.#queue.run(() => this.#reload())
  }

  export(): Uint8Array<ArrayBuffer> {
    this.#checkOpen()
    return new Uint8Array(this.#snapshot.bytes)
  }

  async close(): Promise<void> {
    await this.#queue.close()
    wipe(this.#snapshot)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #updateEntries(
    changes: ReadonlyMap<string, Uint8Array | undefined>,
    rotate: boolean,
    edit: Edit = (draft) => draft,
  ): Promise<void> {
    this.#checkOpen()
    for (const value of changes.values()) {
      if (value !== undefined && value.length > MAX_ENTRY_BYTES) {
        throw new VaultError('ERR_VAULT_TOO_LARGE', { limit: 'entry', max: MAX_ENTRY_BYTES })
      }
    }
    // Copied before the first await: the caller may overwrite its arrays when the call has returned.
    const copies = new Map(
      Array.from(changes, ([name, value]) => [name, value && new Uint8Array(value)]),
    )
    await this.#change((draft) => {
      const entries = new Map(draft.entries)
      for (const [name, value] of copies) {
        if (value === undefined) entries.delete(name)
        else entries.set(name, value)
      }
      if (entries.size > MAX_ENTRIES) {
        throw new VaultError('ERR_VAULT_TOO_LARGE', { limit: 'entries', max: MAX_ENTRIES })
      }
      return { ...edit(draft), entries, rotate }
    })
  }

  /** spec V15 */
  async #change(edit: Edit, stored: () => void = () => {}): Promise<void> {
    await this.#queue.run(async () => {
      for (let attempt = 0; attempt < MAX_WRITE_ATTEMPTS; attempt += 1) {
        const current = this.#snapshot
        const draft = edit({
          slots: draftSlotsOf(current),
          entries: current.contents.entries,
          rotate: false,
        })
        const next = await sealNext(current, draft, this.#slot)
        const version = await writeStorage(this.#storage, next.bytes, this.#storageVersion)
        if (version !== undefined) {
          this.#adopt(next, version)
          stored()
          return
        }
        await this.#reload()
      }
      throw new VaultError('ERR_VAULT_CONFLICT', undefined)
    })
  }

  /** spec V18, V19 */
  async #reload(): Promise<boolean> {
    const stored = await readStorage(this.#storage)
    if (stored === undefined) throw new VaultError('ERR_VAULT_NOT_FOUND', undefined)
    if (stored.version === this.#storageVersion) return false
    const { bytes, file } = parseVault(stored.bytes)
    const next = await openSnapshot(bytes, file, this.#slot)
    await checkPin(next, this.pin)
    const changed = next.file.version !== this.version
    this.#adopt(next, stored.version)
    return changed
  }

  #adopt(next: Snapshot, storageVersion: string): void {
    wipe(this.#snapshot, new Set(next.contents.entries.values()))
    this.#snapshot = next
    this.#storageVersion = storageVersion
  }

  #without(draft: Draft, ids: readonly SlotId[]): Draft {
    for (const id of ids) {
      const slot = this.#findSlot(draft.slots, id)
      const isRecovery = slot.parameters.type === 'recovery-key'
      if (!isRecovery && id !== this.#slot.id) continue
      const reason = isRecovery ? 'recovery-key' : 'in-use'
      throw new VaultError('ERR_VAULT_SLOT_REQUIRED', { reason })
    }
    return { ...draft, slots: draft.slots.filter(({ id }) => !ids.includes(id)) }
  }

  #findSlot(slots: readonly DraftSlot[], id: SlotId): DraftSlot {
    const slot = slots.find((each) => each.id === id)
    if (slot === undefined) throw new VaultError('ERR_VAULT_NO_SLOT', { type: undefined })
    return slot
  }

  #show(slot: DraftSlot): VaultSlot {
    return { ...summarizeSlot(slot), label: slot.label, inUse: slot.id === this.#slot.id }
  }

  #checkOpen(): void {
    if (this.#queue.closed) throw new VaultError('ERR_VAULT_CLOSED', undefined)
  }
}

function draftSlotsOf({ file, contents }: Snapshot): readonly DraftSlot[] {
  return file.slots.map(({ id, parameters }, at) => {
    const secrets = contents.slots[at]
    if (secrets === undefined) throw new Error('unreachable: as many secrets as slots')
    return { id, parameters, ...secrets }
  })
}

/** @throws TypeError for names and values that cannot be such */
function changesOf(changes: EntryChanges): ReadonlyMap<string, Uint8Array | undefined> {
  if (typeof changes !== 'object' || changes === null) {
    throw new TypeError(`"changes" expected an object, got type=${typeof changes}`)
  }
  return new Map(
    Object.entries(changes).map(([name, value]) => {
      if (value !== undefined && !isBytes(value)) {
        throw new TypeError(`"changes" expected Uint8Array values, got type=${typeof value}`)
      }
      return [checkName('changes', name, 1), value] as const
    }),
  )
}

/** Overwrites what was held in clear, but for arrays that are still in use. spec V26 */
function wipe({ contents }: Snapshot, keep: ReadonlySet<Uint8Array> = new Set()): void {
  for (const value of contents.entries.values()) if (!keep.has(value)) value.fill(0)
}
