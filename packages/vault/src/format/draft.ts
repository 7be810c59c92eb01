import { VaultError } from '../errors.ts'
import { MAX_ENTRIES, MAX_SLOTS } from '../limits.ts'
import { areSlotsAllowed } from '../slots/slot.ts'
import type { DraftSlot, SlotId } from '../slots/slot.ts'
import type { Snapshot } from './snapshot.ts'

/** The next state of a vault, in clear. */
export interface Draft {
  readonly slots: readonly DraftSlot[]
  readonly entries: ReadonlyMap<string, Uint8Array<ArrayBuffer>>
  /** Whether the vault gets a new master key. */
  readonly rotate: boolean
}

/** A draft that changes nothing. */
export function draftOf({ file, contents }: Snapshot): Draft {
  const slots = file.slots.map(({ id, parameters }, at) => {
    const secrets = contents.slots[at]
    if (secrets === undefined) throw new Error('unreachable: as many secrets as slots')
    return { id, parameters, ...secrets }
  })
  return { slots, entries: contents.entries, rotate: false }
}

/** Sets entries, and deletes those of value `undefined`. @throws VaultError `ERR_VAULT_TOO_LARGE` */
export function withEntries(
  draft: Draft,
  changes: ReadonlyMap<string, Uint8Array<ArrayBuffer> | undefined>,
): Draft {
  const entries = new Map(draft.entries)
  for (const [name, value] of changes) {
    if (value === undefined) entries.delete(name)
    else entries.set(name, value)
  }
  if (entries.size > MAX_ENTRIES) {
    throw new VaultError('ERR_VAULT_TOO_LARGE', { limit: 'entries', max: MAX_ENTRIES })
  }
  return { ...draft, entries }
}

/** Adds a slot. @throws VaultError `ERR_VAULT_TOO_LARGE`, `ERR_VAULT_SLOT_EXISTS`. spec V7 */
export function withSlot(draft: Draft, added: DraftSlot): Draft {
  if (draft.slots.length >= MAX_SLOTS) {
    throw new VaultError('ERR_VAULT_TOO_LARGE', { limit: 'slots', max: MAX_SLOTS })
  }
  return { ...draft, slots: checkSlots([...draft.slots, added], added) }
}

/** Replaces a slot. @throws VaultError `ERR_VAULT_NO_SLOT`, `ERR_VAULT_SLOT_EXISTS`. spec V16 */
export function withReplacedSlot(draft: Draft, id: SlotId, added: DraftSlot): Draft {
  findSlot(draft, id)
  const slots = draft.slots.map((slot) => (slot.id === id ? added : slot))
  return { ...draft, slots: checkSlots(slots, added) }
}

/**
 * Removes slots, but neither the recovery key nor the slot with which the vault was opened.
 *
 * @throws VaultError `ERR_VAULT_NO_SLOT`, `ERR_VAULT_SLOT_REQUIRED`. spec V7, V16
 */
export function withoutSlots(draft: Draft, ids: readonly SlotId[], inUse: SlotId): Draft {
  for (const id of ids) {
    const isRecovery = findSlot(draft, id).parameters.type === 'recovery-key'
    if (!isRecovery && id !== inUse) continue
    const reason = isRecovery ? 'recovery-key' : 'in-use'
    throw new VaultError('ERR_VAULT_SLOT_REQUIRED', { reason })
  }
  return { ...draft, slots: draft.slots.filter(({ id }) => !ids.includes(id)) }
}

/** @throws VaultError `ERR_VAULT_NO_SLOT` */
export function findSlot({ slots }: Pick<Draft, 'slots'>, id: SlotId): DraftSlot {
  const slot = slots.find((each) => each.id === id)
  if (slot === undefined) throw new VaultError('ERR_VAULT_NO_SLOT', { type: undefined })
  return slot
}

function checkSlots(slots: readonly DraftSlot[], added: DraftSlot): readonly DraftSlot[] {
  if (areSlotsAllowed(slots)) return slots
  throw new VaultError('ERR_VAULT_SLOT_EXISTS', { type: added.parameters.type })
}
