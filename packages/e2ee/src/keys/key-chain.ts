import { expand, HASH_BYTES, importExpandKey } from '@conclave/crypto'
import type { SecretKey } from '@conclave/crypto'
import { encodeExportInfo } from './export-info.ts'
import { RATCHET_LABEL } from './ratchet.ts'

/** Length of a chain secret, and of a root derived from it, in bytes. */
export const CHAIN_SECRET_BYTES: number = HASH_BYTES

/** The root of an epoch. Neither its chain nor another epoch's root can be computed from it. spec K28 */
export function deriveChainRoot(chain: SecretKey, epoch: bigint): Promise<Uint8Array<ArrayBuffer>> {
  return deriveFromChain(chain, ROOT_LABEL, epoch)
}

/** The chain secret of the epoch after this one. Nothing of this epoch can be computed from it. spec K28 */
export function deriveNextChain(chain: SecretKey, epoch: bigint): Promise<Uint8Array<ArrayBuffer>> {
  return deriveFromChain(chain, RATCHET_LABEL, epoch)
}

/** Runs a derivation from a secret. Takes the secret over and overwrites it: pass a copy. */
export async function withChain<T>(
  secret: Uint8Array<ArrayBuffer>,
  derive: (chain: SecretKey) => Promise<T>,
): Promise<T> {
  return derive(await importExpandKey(secret))
}

/** An epoch of one sender, in two numbers. spec K27 */
export interface EpochParts {
  /** Rises with fresh randomness. */
  readonly generation: bigint
  /** Rises with every change, so that its last byte tells neighbours apart. */
  readonly step: bigint
}

/** spec K27 */
export function splitEpoch(epoch: bigint): EpochParts {
  return { generation: epoch >> STEP_BITS, step: epoch & MAX_STEP }
}

/** spec K27 */
export function joinEpoch({ generation, step }: EpochParts): bigint {
  return (generation << STEP_BITS) | step
}

/** The last step, and the last generation: a u32. */
export const MAX_STEP: bigint = 2n ** 32n - 1n

function deriveFromChain(
  chain: SecretKey,
  label: string,
  epoch: bigint,
): Promise<Uint8Array<ArrayBuffer>> {
  const length = CHAIN_SECRET_BYTES
  const info = encodeExportInfo({ label, context: new Uint8Array(), length, epoch })
  return expand(chain, { info, length })
}

const STEP_BITS = 32n
const ROOT_LABEL = 'conclave/1 ratchet root'
