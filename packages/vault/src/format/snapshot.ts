import { equalBytes } from '@conclave/base'
import { importHkdfKey } from '@conclave/crypto'
import type { SecretKey } from '@conclave/crypto'
import { hashBytes } from '@conclave/crypto/verify'
import { VaultError } from '../errors.ts'
import { KEY_BYTES } from '../limits.ts'
import { unwrapMasterKey } from '../slots/slot-key.ts'
import type { OpenSlot } from '../slots/slot-key.ts'
import type { Contents } from './contents.ts'
import { deriveSigner } from './rotation-chain.ts'
import { openContents } from './sealed-contents.ts'
import { copyStored, decodeVaultFile } from './vault-file.ts'
import type { VaultFile } from './vault-file.ts'

/** One state of a vault, opened. */
export interface Snapshot {
  readonly file: VaultFile
  /** The stored bytes. */
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly digest: Uint8Array<ArrayBuffer>
  /** For HKDF; cannot be exported. */
  readonly masterKey: SecretKey
  readonly contents: Contents
}

/** Copies and decodes what a storage gave. @throws VaultError `ERR_VAULT_MALFORMED`. spec V2 */
export function checkStored(stored: unknown): {
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
 * @throws VaultError `ERR_VAULT_OPEN_FAILED`, whichever part does not authenticate; `ERR_VAULT_NO_SLOT` when the slot
 *   is gone. spec V13
 */
export async function openSnapshot(
  bytes: Uint8Array<ArrayBuffer>,
  file: VaultFile,
  { id, keys }: OpenSlot,
): Promise<Snapshot> {
  const at = file.slots.findIndex((slot) => slot.id === id)
  const slot = file.slots[at]
  if (slot === undefined) throw new VaultError('ERR_VAULT_NO_SLOT', { type: undefined })
  const context = { vaultId: file.id, generation: file.generation }
  const raw = await unwrapMasterKey(slot, keys, context)
  if (raw?.length !== KEY_BYTES) throw openFailed()
  const masterKey = await importHkdfKey(raw)
  const contents = await openContents(masterKey, file)
  if (contents === undefined) throw openFailed()
  // A holder of the master key can write any contents, but the vault's own signer is the one derived from that key.
  const { publicKey: signer } = await deriveSigner(masterKey, file.id)
  const last = contents.rotations.at(-1)
  if (last === undefined || !equalBytes(last.publicKey, signer)) throw openFailed()
  const own = contents.slots[at]
  if (own === undefined || !equalBytes(own.publicKey, keys.publicKey)) throw openFailed()
  return { file, bytes, digest: await hashBytes(bytes), masterKey, contents }
}

const openFailed = (): VaultError<'ERR_VAULT_OPEN_FAILED'> =>
  new VaultError('ERR_VAULT_OPEN_FAILED', undefined)
