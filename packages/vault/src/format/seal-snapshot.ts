import { concatBytes, equalBytes } from '@conclave/base'
import { importHkdfKey, randomBytes, wipe } from '@conclave/crypto'
import type { SecretKey } from '@conclave/crypto'
import { hashBytes } from '@conclave/crypto/verify'
import { ID_BYTES, KEY_BYTES, MAX_HISTORY, MAX_LAST_WRITES } from '../limits.ts'
import { unwrapMasterKey, wrapMasterKey } from '../slots/slot-key.ts'
import type { OpenSlot, WrapContext } from '../slots/slot-key.ts'
import type { DraftSlot, SlotRecord } from '../slots/slot.ts'
import type { Contents, LastWrite } from './contents.ts'
import type { Draft } from './draft.ts'
import { appendRotation, deriveSigner, firstRotation } from './rotation-chain.ts'
import { sealContents } from './sealed-contents.ts'
import type { Snapshot } from './snapshot.ts'
import type { VaultFile } from './vault-file.ts'

/** The device that writes, as its pin names it; left out by one that keeps no pin. spec V20 */
export type Writer = Uint8Array<ArrayBuffer> | undefined

/** The first state of a new vault. spec V1 */
export async function sealFirst(
  draft: Draft,
  { id, writer }: { readonly id: Uint8Array<ArrayBuffer>; readonly writer?: Writer },
): Promise<Snapshot> {
  const { masterKey, slots } = await wrapNewMasterKey(draft.slots, { vaultId: id, generation: 1 })
  const signer = await deriveSigner(masterKey, id)
  const rotations = [firstRotation(signer.publicKey)]
  const fields = { id, version: 1, generation: 1, slots }
  return sealSnapshot(
    fields,
    masterKey,
    contentsOf(draft, { rotations, history: [], writer: writer ?? NO_WRITER, lastWrites: [] }),
  )
}

/**
 * The next state: one version higher, sealed again. A rotation wraps a new master key to every slot; otherwise slots
 * keep their bytes, and new ones get the current master key. spec V15, V16, V17
 *
 * @throws VaultError `ERR_VAULT_TOO_LARGE`, `ERR_VAULT_SLOT_KEY`
 */
export async function sealNext(
  previous: Snapshot,
  draft: Draft,
  { slot, writer = NO_WRITER }: { readonly slot: OpenSlot; readonly writer?: Writer },
): Promise<Snapshot> {
  const { file, contents, masterKey } = previous
  const history = [previous.digest, ...contents.history].slice(0, MAX_HISTORY)
  const past = { history, writer, lastWrites: lastWritesAfter(previous) }
  const { id } = file
  const version = file.version + 1
  if (!draft.rotate) {
    const slots = await wrapToAddedSlots(previous, draft.slots, slot)
    const fields = { id, version, generation: file.generation, slots }
    const { rotations } = contents
    return sealSnapshot(fields, masterKey, contentsOf(draft, { rotations, ...past }))
  }
  const generation = file.generation + 1
  const next = await wrapNewMasterKey(draft.slots, { vaultId: id, generation })
  const signer = await deriveSigner(masterKey, id)
  const { publicKey } = await deriveSigner(next.masterKey, id)
  const link = { vaultId: id, generation, publicKey, signer }
  const rotations = await appendRotation(contents.rotations, link)
  const fields = { id, version, generation, slots: next.slots }
  return sealSnapshot(fields, next.masterKey, contentsOf(draft, { rotations, ...past }))
}

async function sealSnapshot(
  fields: Pick<VaultFile, 'id' | 'version' | 'generation' | 'slots'>,
  masterKey: SecretKey,
  contents: Contents,
): Promise<Snapshot> {
  const file = await sealContents(masterKey, contents, fields)
  const bytes = concatBytes(file.head, file.sealed)
  return { file, bytes, digest: await hashBytes(bytes), masterKey, contents }
}

/** A new master key, wrapped to every slot. */
async function wrapNewMasterKey(
  drafts: readonly DraftSlot[],
  context: WrapContext,
): Promise<{ readonly masterKey: SecretKey; readonly slots: readonly SlotRecord[] }> {
  const raw = randomBytes(KEY_BYTES)
  const slots = await Promise.all(
    drafts.map((draft) => wrapMasterKey(raw, { ...context, ...draft })),
  )
  return { masterKey: await importHkdfKey(raw), slots }
}

/** The known slots unchanged, and the added ones with the same master key. */
async function wrapToAddedSlots(
  { file }: Snapshot,
  drafts: readonly DraftSlot[],
  { id, keys }: OpenSlot,
): Promise<readonly SlotRecord[]> {
  const recordById = new Map(file.slots.map((slot) => [slot.id, slot]))
  const known = drafts.map((draft) => recordById.get(draft.id))
  if (known.every((record) => record !== undefined)) return known
  const context = { vaultId: file.id, generation: file.generation }
  const own = recordById.get(id)
  const raw = own && (await unwrapMasterKey(own, keys, context))
  if (raw === undefined) throw new Error('unreachable: the slot opened this state before')
  try {
    return await Promise.all(
      drafts.map(async (draft, at) => known[at] ?? wrapMasterKey(raw, { ...context, ...draft })),
    )
  } finally {
    wipe(raw)
  }
}

const contentsOf = (
  { slots, entries }: Draft,
  rest: Pick<Contents, 'rotations' | 'history' | 'writer' | 'lastWrites'>,
): Contents => ({
  ...rest,
  slots: slots.map(({ publicKey, label }) => ({ publicKey, label })),
  entries,
})

/** With the state's own writer first, in place of its earlier write. spec V20 */
function lastWritesAfter({ file, digest, contents }: Snapshot): readonly LastWrite[] {
  const { writer: device, lastWrites } = contents
  if (equalBytes(device, NO_WRITER)) return lastWrites
  const others = lastWrites.filter((write) => !equalBytes(write.device, device))
  return [{ device, version: file.version, digest }, ...others].slice(0, MAX_LAST_WRITES)
}

const NO_WRITER = new Uint8Array(ID_BYTES)
