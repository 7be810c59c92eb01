import { describeType, encodeBase64Url, isBytes } from '@conclave/base'
import {
  draftOf,
  findSlot,
  withEntries,
  withoutSlots,
  withReplacedSlot,
  withSlot,
} from '../format/draft.ts'
import type { Draft } from '../format/draft.ts'
import { encodeNotice } from '../format/generation-notice.ts'
import type { NoticeOutcome } from '../format/generation-notice.ts'
import { lineageOf } from '../format/rollback-pin.ts'
import type { VaultPin } from '../format/vault-pin.ts'
import { prepareSlot } from '../slots/new-slot.ts'
import type { NewSlot } from '../slots/new-slot.ts'
import { summarizeSlot } from '../slots/slot.ts'
import { discardUnused } from '../slots/unused-passkey.ts'
import type { DraftSlot, SlotId } from '../slots/slot.ts'
import { checkEdit, checkEntryName, copyEntryChanges, editEntry } from './entry-changes.ts'
import type { StoredSnapshot } from './stored-snapshot.ts'
import type { EntryChanges, EntryEdit, Vault, VaultSlot } from './vault.ts'

/** The vault that `createVault`, `openVault` and `restoreVault` return. */
export class OpenedVault implements Vault {
  readonly #stored: StoredSnapshot

  get [Symbol.toStringTag](): string {
    return 'OpenedVault'
  }

  constructor(stored: StoredSnapshot) {
    this.#stored = stored
  }

  get id(): string {
    return encodeBase64Url(this.#stored.current.file.id)
  }

  get version(): number {
    return this.#stored.current.file.version
  }

  get generation(): number {
    return this.#stored.current.file.generation
  }

  get pin(): VaultPin {
    return this.#stored.pin
  }

  get notice(): Uint8Array<ArrayBuffer> {
    return encodeNotice(lineageOf(this.#stored.current))
  }

  get(name: string): Uint8Array<ArrayBuffer> | undefined {
    this.#stored.checkOpen()
    const value = this.#stored.current.contents.entries.get(checkEntryName('name', name))
    return value && new Uint8Array(value)
  }

  list(): readonly string[] {
    this.#stored.checkOpen()
    return [...this.#stored.current.contents.entries.keys()].sort()
  }

  async set(name: string, value: Uint8Array): Promise<void> {
    checkEntryName('name', name)
    if (!isBytes(value))
      throw new TypeError(`"value" expected Uint8Array, got ${describeType(value)}`)
    await this.update({ [name]: value })
  }

  async delete(name: string): Promise<void> {
    await this.update({ [checkEntryName('name', name)]: undefined })
  }

  update(changes: EntryChanges): Promise<void>
  update(name: string, edit: EntryEdit): Promise<void>
  async update(changes: EntryChanges | string, edit?: EntryEdit): Promise<void> {
    if (typeof changes === 'string') {
      const name = checkEntryName('name', changes)
      const run = checkEdit(edit)
      return this.#stored.change((draft) =>
        withEntries(draft, editEntry(draft, { name, edit: run })),
      )
    }
    const copies = copyEntryChanges('changes', changes)
    await this.#stored.change((draft) => withEntries(draft, copies))
  }

  slots(): readonly VaultSlot[] {
    this.#stored.checkOpen()
    return draftOf(this.#stored.current).slots.map((slot) => this.#show(slot))
  }

  async addSlot(
    slot: NewSlot,
    { use = false }: { readonly use?: boolean } = {},
  ): Promise<VaultSlot> {
    return this.#storeSlot(slot, { edit: withSlot, use })
  }

  async replaceSlot(
    id: SlotId,
    slot: NewSlot,
    { rotate = true }: { readonly rotate?: boolean } = {},
  ): Promise<VaultSlot> {
    return this.#storeSlot(slot, {
      replaced: id,
      edit: (draft, added) => ({ ...withReplacedSlot(draft, id, added), rotate }),
      use: id === this.#stored.slot.id,
    })
  }

  async removeSlot(
    id: SlotId,
    { rotate = true }: { readonly rotate?: boolean } = {},
  ): Promise<void> {
    await this.#stored.change((draft) => ({
      ...withoutSlots(draft, [id], this.#stored.slot.id),
      rotate,
    }))
  }

  async rotate(): Promise<void> {
    await this.#stored.change((draft) => ({ ...draft, rotate: true }))
  }

  async revoke(
    slots: readonly SlotId[],
    { entries = {} }: { readonly entries?: EntryChanges } = {},
  ): Promise<void> {
    if (!Array.isArray(slots)) {
      throw new TypeError(`"slots" expected an array, got ${describeType(slots)}`)
    }
    const ids: readonly SlotId[] = [...slots]
    const copies = copyEntryChanges('entries', entries)
    await this.#stored.change((draft) => ({
      ...withEntries(withoutSlots(draft, ids, this.#stored.slot.id), copies),
      rotate: true,
    }))
  }

  async hear(notice: Uint8Array): Promise<NoticeOutcome> {
    if (!isBytes(notice)) {
      throw new TypeError(`"notice" expected Uint8Array, got ${describeType(notice)}`)
    }
    return this.#stored.hear(notice)
  }

  refresh(): Promise<boolean> {
    return this.#stored.refresh()
  }

  export(): Uint8Array<ArrayBuffer> {
    this.#stored.checkOpen()
    return new Uint8Array(this.#stored.current.bytes)
  }

  close(): Promise<void> {
    return this.#stored.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** `replaced`: the slot in whose place it comes; `use`: the vault goes over to the slot. */
  async #storeSlot(
    slot: NewSlot,
    options: {
      readonly edit: (draft: Draft, added: DraftSlot) => Draft
      readonly replaced?: SlotId
      readonly use: boolean
    },
  ): Promise<VaultSlot> {
    const { edit, replaced, use } = options
    try {
      this.#stored.checkOpen()
      if (replaced !== undefined) this.#checkType(replaced, slot)
      const { draft: added, open } = await prepareSlot(slot, this.#stored.current.file.id)
      await this.#stored.change((draft) => edit(draft, added), use ? { slot: open } : {})
      return this.#show(added)
    } catch (error) {
      await discardUnused(slot, { error, slots: draftOf(this.#stored.current).slots })
      throw error
    }
  }

  #checkType(id: SlotId, slot: NewSlot): void {
    const { type } = findSlot(draftOf(this.#stored.current), id).parameters
    if (type === slot?.type) return
    throw new TypeError(`"slot.type" expected ${type}, got ${describeType(slot?.type)}`)
  }

  #show(slot: DraftSlot): VaultSlot {
    const inUse = slot.id === this.#stored.slot.id
    return { ...summarizeSlot(slot), label: slot.label, inUse }
  }
}
