import { checkObject, decodeBase64Url, encodeBase64Url, equalBytes } from '@conclave/base'
import { VaultError } from '../errors.ts'
import { ID_BYTES, KEY_BYTES } from '../limits.ts'
import { knownGenerationOf } from './generation-notice.ts'
import type { Lineage } from './generation-notice.ts'
import { isRotationProven } from './rotation-chain.ts'
import type { Snapshot } from './snapshot.ts'

/**
 * A device's memory of a vault's state, by which it notices an older or another one later. Holds no secret; survives
 * JSON.
 *
 * You must keep the newest one ({@link Vault.pin}, after opening and after every change) where the vault's storage
 * cannot change it, and give it when you open: without a pin every earlier state of the vault looks current. spec V19
 */
export interface VaultPin {
  /** The vault's id. */
  readonly vault: string
  readonly version: number
  /** That of the state, or a later one that the device has heard of ({@link Vault.hear}). */
  readonly generation: number
  /** The digest of the stored bytes, base64url. */
  readonly digest: string
  /** The generation's signing key, base64url. */
  readonly signer: string
  /** The device has heard that the vault was rotated apart: nothing opens with this pin. spec V29 */
  readonly forked?: true
}

/** The pin of an opened state. */
export function pinOf(snapshot: Snapshot): VaultPin {
  const { file, digest } = snapshot
  return {
    vault: encodeBase64Url(file.id),
    version: file.version,
    digest: encodeBase64Url(digest),
    ...knownGenerationOf(lineageOf(snapshot)),
  }
}

/** The generation of an opened state, and the rotations that led to it. */
export function lineageOf({ file, contents }: Snapshot): Lineage {
  return { vaultId: file.id, generation: file.generation, rotations: contents.rotations }
}

/** Checks the caller's pin and copies it, so that later changes to it have no effect. @throws TypeError */
export function copyPin(given: VaultPin): VaultPin {
  checkObject('pin', given)
  const { vault, version, generation, digest, signer, forked } = given
  if (
    isBytesText(vault, ID_BYTES) &&
    isBytesText(digest, KEY_BYTES) &&
    isBytesText(signer, KEY_BYTES) &&
    isCount(version) &&
    isCount(generation) &&
    (forked === undefined || forked === true)
  ) {
    return { vault, version, generation, digest, signer, ...(forked && { forked }) }
  }
  throw new TypeError('"pin" expected the value of "vault.pin"')
}

const isBytesText = (text: unknown, length: number): text is string =>
  typeof text === 'string' && decodeBase64Url(text)?.length === length

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 1

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
  const signer = decodeBase64Url(pin.signer) ?? new Uint8Array()
  if (generation === pin.generation) {
    if (!equalBytes(signer, decodeBase64Url(current.signer) ?? signer)) fail('other-history')
    return
  }
  const from = { signer, generation: pin.generation }
  const isProven = await isRotationProven(lineageOf(snapshot), from)
  if (!isProven) fail('other-history')
}

/** @throws VaultError `ERR_VAULT_ROLLED_BACK` below the version. spec V19 */
export function checkMinVersion(version: number, minVersion: number): void {
  if (version >= minVersion) return
  const details = { reason: 'older', version, expectedVersion: minVersion } as const
  throw new VaultError('ERR_VAULT_ROLLED_BACK', details)
}
