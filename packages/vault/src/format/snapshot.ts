import { concatBytes, equalBytes, randomBytes, textToBytes } from '../bytes.ts'
import { decodeContents, encodeContents } from './contents.ts'
import type { Contents } from './contents.ts'
import type { CurveKeys } from '../curve-keys.ts'
import { VaultError } from '../errors.ts'
import { KEY_BYTES, MAX_HISTORY, MAX_VAULT_BYTES, TAG_BYTES } from '../limits.ts'
import { appendRotation, deriveSigner, firstRotation } from './rotation-chain.ts'
import { unwrapMasterKey, wrapMasterKey } from '../slots/slot-key.ts'
import type { SlotId, SlotParameters, SlotRecord } from '../slots/slot.ts'
import { copyStored, decodeVaultFile, encodeVaultHead } from './vault-file.ts'
import type { VaultFile } from './vault-file.ts'
import { deriveSealingKey, hashBytes, importHkdfKey, openSealed, sealOnce } from '../web-crypto.ts'

/** One state of a vault, opened. */
export interface Snapshot {
  readonly file: VaultFile
  /** As they are stored. */
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly digest: Uint8Array<ArrayBuffer>
  /** For HKDF; cannot be read out. */
  readonly masterKey: CryptoKey
  readonly contents: Contents
}

/** The slot with which a vault was opened, and its keys: it follows rotations as long as the slot is there. */
export interface OpenSlot {
  readonly id: SlotId
  readonly keys: CurveKeys
}

/** A slot as it is to be, before its master key is wrapped. */
export interface DraftSlot {
  readonly id: SlotId
  readonly parameters: SlotParameters
  readonly publicKey: Uint8Array<ArrayBuffer>
  readonly label: string
}

/** The next state of a vault, in clear. */
export interface Draft {
  readonly slots: readonly DraftSlot[]
  readonly entries: ReadonlyMap<string, Uint8Array<ArrayBuffer>>
  /** Whether it gets a new master key. */
  readonly rotate: boolean
}

/** Stored bytes as a vault, in an array of its own. @throws VaultError `ERR_VAULT_MALFORMED`. spec V2 */
export function parseVault(stored: unknown): {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly file: VaultFile
} {
  const bytes = copyStored(stored)
  const file = bytes && decodeVaultFile(bytes)
  if (bytes !== undefined && file !== undefined) return { bytes, file }
  throw new VaultError('ERR_VAULT_MALFORMED', undefined)
}

/**
 * Opens a state with the keys of a slot.
 *
 * @throws VaultError `ERR_VAULT_OPEN_FAILED`, whatever it is that does not authenticate; `ERR_VAULT_NO_SLOT`
 *   when the slot is not there. spec V13
 */
export async function openSnapshot(
  bytes: Uint8Array<ArrayBuffer>,
  file: VaultFile,
  { id, keys }: OpenSlot,
): Promise<Snapshot> {
  const at = file.slots.findIndex((slot) => slot.id === id)
  const slot = file.slots[at]
  if (slot === undefined) throw new VaultError('ERR_VAULT_NO_SLOT', { type: undefined })
  const raw = await unwrapMasterKey(slot, keys, wrapContext(file))
  if (raw?.length !== KEY_BYTES) throw openFailed()
  const masterKey = await importHkdfKey(raw)
  const plaintext = await openSealed(await contentsKey(masterKey, file), file.sealed, aad(file))
  if (plaintext === undefined) throw openFailed()
  const { version, generation, slots } = file
  const contents = decodeContents(plaintext, { version, generation, slots: slots.length })
  plaintext.fill(0)
  const signer = await deriveSigner(masterKey, file.id)
  // Who knows the master key can write anything; a signer that is not the master key's is no vault of ours.
  const last = contents?.rotations.at(-1)
  if (contents === undefined || last === undefined) throw openFailed()
  if (!equalBytes(last.publicKey, signer.publicKey)) throw openFailed()
  if (!equalBytes(contents.slots[at]?.publicKey ?? EMPTY, keys.publicKey)) throw openFailed()
  return { file, bytes, digest: await hashBytes(bytes), masterKey, contents }
}

/** The first state of a new vault. spec V1 */
export async function sealFirst(draft: Draft, id: Uint8Array<ArrayBuffer>): Promise<Snapshot> {
  const { masterKey, slots } = await wrapAll(draft.slots, { vaultId: id, generation: 1 })
  const signer = await deriveSigner(masterKey, id)
  const rotations = [firstRotation(signer.publicKey)]
  const fields = { id, version: 1, generation: 1, slots }
  return sealSnapshot(fields, masterKey, contentsOf(draft, { rotations, history: [] }))
}

/**
 * The next state: one version more, sealed anew. A rotation wraps a new master key to every slot; else slots keep
 * their bytes, and new ones get the master key that all have. spec V15, V16, V17
 *
 * @throws VaultError `ERR_VAULT_TOO_LARGE`
 */
export async function sealNext(
  previous: Snapshot,
  draft: Draft,
  slot: OpenSlot,
): Promise<Snapshot> {
  const { file, contents } = previous
  const history = [previous.digest, ...contents.history].slice(0, MAX_HISTORY)
  const { id } = file
  const version = file.version + 1
  if (!draft.rotate) {
    const { masterKey } = previous
    const slots = await wrapNew(previous, draft.slots, slot)
    const fields = { id, version, generation: file.generation, slots }
    const { rotations } = contents
    return sealSnapshot(fields, masterKey, contentsOf(draft, { rotations, history }))
  }
  const generation = file.generation + 1
  const { masterKey, slots } = await wrapAll(draft.slots, { vaultId: id, generation })
  const signer = await deriveSigner(previous.masterKey, id)
  const { publicKey } = await deriveSigner(masterKey, id)
  const link = { vaultId: id, generation, publicKey, signer }
  const rotations = await appendRotation(contents.rotations, link)
  const fields = { id, version, generation, slots }
  return sealSnapshot(fields, masterKey, contentsOf(draft, { rotations, history }))
}

async function sealSnapshot(
  fields: Pick<VaultFile, 'id' | 'version' | 'generation' | 'slots'>,
  masterKey: CryptoKey,
  contents: Contents,
): Promise<Snapshot> {
  const plaintext = encodeContents(contents)
  try {
    const salt = randomBytes(KEY_BYTES)
    const length = plaintext.length + TAG_BYTES
    const head = encodeVaultHead({ ...fields, salt }, length)
    if (head.length + length > MAX_VAULT_BYTES) {
      throw new VaultError('ERR_VAULT_TOO_LARGE', { limit: 'vault', max: MAX_VAULT_BYTES })
    }
    const key = await contentsKey(masterKey, { id: fields.id, salt })
    const sealed = await sealOnce(key, plaintext, aad({ head }))
    const bytes = concatBytes(head, sealed)
    const file = { ...fields, salt, head, sealed }
    return { file, bytes, digest: await hashBytes(bytes), masterKey, contents }
  } finally {
    plaintext.fill(0)
  }
}

/** A new master key, wrapped to every slot. */
async function wrapAll(
  drafts: readonly DraftSlot[],
  context: { readonly vaultId: Uint8Array; readonly generation: number },
): Promise<{ readonly masterKey: CryptoKey; readonly slots: readonly SlotRecord[] }> {
  const raw = randomBytes(KEY_BYTES)
  const slots = await Promise.all(
    drafts.map((draft) => wrapMasterKey(raw, { ...context, ...draft })),
  )
  return { masterKey: await importHkdfKey(raw), slots }
}

/** The slots as they are; those that are new get the same master key. */
async function wrapNew(
  { file }: Snapshot,
  drafts: readonly DraftSlot[],
  { id, keys }: OpenSlot,
): Promise<readonly SlotRecord[]> {
  const recordById = new Map(file.slots.map((slot) => [slot.id, slot]))
  const known = drafts.map((draft) => recordById.get(draft.id))
  if (known.every((record) => record !== undefined)) return known
  const own = recordById.get(id)
  const raw = own && (await unwrapMasterKey(own, keys, wrapContext(file)))
  if (raw === undefined) throw new Error('unreachable: the slot opened this state before')
  const slots = await Promise.all(
    drafts.map(
      async (draft, at) => known[at] ?? wrapMasterKey(raw, { ...wrapContext(file), ...draft }),
    ),
  )
  raw.fill(0)
  return slots
}

async function contentsKey(
  masterKey: CryptoKey,
  { id, salt }: Pick<VaultFile, 'id' | 'salt'>,
): Promise<CryptoKey> {
  return deriveSealingKey(masterKey, { salt, info: concatBytes(CONTENTS_INFO, id) })
}

const contentsOf = (
  { slots, entries }: Draft,
  rest: Pick<Contents, 'rotations' | 'history'>,
): Contents => ({
  ...rest,
  slots: slots.map(({ publicKey, label }) => ({ publicKey, label })),
  entries,
})

const wrapContext = ({ id, generation }: VaultFile) => ({ vaultId: id, generation })

const aad = ({ head }: Pick<VaultFile, 'head'>): Uint8Array<ArrayBuffer> =>
  concatBytes(CONTENTS_AAD, head)

const openFailed = (): VaultError<'ERR_VAULT_OPEN_FAILED'> =>
  new VaultError('ERR_VAULT_OPEN_FAILED', undefined)

const CONTENTS_INFO = textToBytes('conclave/1 vault contents\0')
const CONTENTS_AAD = textToBytes('conclave/1 vault\0')
const EMPTY = new Uint8Array()
