import { decodeBase64Url, encodeBase64Url, equalBytes } from '@conclave/base'
import { VaultError } from '../errors.ts'
import { MAX_LAST_WRITES } from '../limits.ts'
import type { Contents } from './contents.ts'
import { knownGenerationOf } from './generation-notice.ts'
import type { Lineage } from './generation-notice.ts'
import { isRotationProven } from './rotation-chain.ts'
import type { Snapshot } from './snapshot.ts'
import type { VaultFile } from './vault-file.ts'
import type { VaultPin } from './vault-pin.ts'

/** The pin of an opened state. */
export function pinOf(snapshot: Snapshot): VaultPin {
  const { file, digest, contents } = snapshot
  return {
    vault: encodeBase64Url(file.id),
    version: file.version,
    digest: encodeBase64Url(digest),
    ...knownGenerationOf(lineageOf(snapshot)),
    ...writerOf(contents),
    ...costOf(file),
  }
}

function writerOf({ writer }: Pick<Contents, 'writer'>): Pick<VaultPin, 'writer'> {
  return writer.some((byte) => byte !== 0) ? { writer: encodeBase64Url(writer) } : {}
}

function costOf({ slots }: Pick<VaultFile, 'slots'>): Pick<VaultPin, 'passphrase'> {
  for (const { id, parameters } of slots) {
    if (parameters.type === 'passphrase') {
      return { passphrase: { slot: id, kdf: { ...parameters.kdf } } }
    }
  }
  return {}
}

/** The generation of an opened state, and the rotations that led to it. */
export function lineageOf({ file, contents }: Snapshot): Lineage {
  return { vaultId: file.id, generation: file.generation, rotations: contents.rotations }
}

/**
 * Accepts the pinned state and every state that can be its successor.
 *
 * @throws VaultError `ERR_VAULT_ROLLED_BACK`. spec V19
 */
export async function checkSuccessor(snapshot: Snapshot, pin: VaultPin): Promise<void> {
  const { version, generation } = snapshot.file
  const fail = (reason: 'older' | 'other-history'): never => {
    throw new VaultError('ERR_VAULT_ROLLED_BACK', { reason, version, expectedVersion: pin.version })
  }
  const current = pinOf(snapshot)
  if (current.vault !== pin.vault || pin.forked === true) fail('other-history')
  if (version < pin.version || generation < pin.generation) fail('older')
  const behind = version - pin.version
  const known = behind === 0 ? snapshot.digest : snapshot.contents.history[behind - 1]
  // Beyond the history's reach, only the chain of signers below can tell. spec V20
  if (known !== undefined && encodeBase64Url(known) !== pin.digest) fail('other-history')
  const { device, wrote } = pin
  const writes = [{ ...pin, device: pin.writer }, ...(wrote ? [{ ...wrote, device }] : [])]
  if (!writes.every((write) => isWriteKept(snapshot, write))) fail('other-history')
  const signer = decodeBase64Url(pin.signer) ?? new Uint8Array()
  if (generation === pin.generation) {
    if (!equalBytes(signer, decodeBase64Url(current.signer) ?? signer)) fail('other-history')
    return
  }
  const from = { signer, generation: pin.generation }
  const isProven = await isRotationProven(lineageOf(snapshot), from)
  if (!isProven) fail('other-history')
}

/** A state that a device wrote. */
interface KnownWrite {
  readonly device: string | undefined
  readonly version: number
  readonly digest: string
}

/** Whether a state can follow a write that this device knows, however long ago it was. spec V20 */
function isWriteKept({ file, digest, contents }: Snapshot, write: KnownWrite): boolean {
  if (write.device === undefined) return true
  const { writer, lastWrites } = contents
  const last = [{ device: writer, version: file.version, digest }, ...lastWrites].find(
    ({ device }) => encodeBase64Url(device) === write.device,
  )
  // As many devices as a vault knows wrote since: it knows this one no longer.
  const oldest = lastWrites.length < MAX_LAST_WRITES ? 0 : (lastWrites.at(-1)?.version ?? 0)
  if (last === undefined) return oldest > write.version
  if (last.version !== write.version) return last.version > write.version
  return encodeBase64Url(last.digest) === write.digest
}

/** @throws VaultError `ERR_VAULT_ROLLED_BACK` below the version. spec V19 */
export function checkMinVersion(version: number, minVersion: number): void {
  if (version >= minVersion) return
  const details = { reason: 'older', version, expectedVersion: minVersion } as const
  throw new VaultError('ERR_VAULT_ROLLED_BACK', details)
}
