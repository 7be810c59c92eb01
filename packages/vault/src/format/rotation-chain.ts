import { concatBytes, textToBytes, uintToBytes } from '@conclave/base'
import { deriveBytes, importSigningSeed, SIGNATURE_BYTES, signBytes } from '@conclave/crypto'
import type { CurveKeyPair, SecretKey } from '@conclave/crypto'
import { verifySignature } from '@conclave/crypto/verify'
import { KEY_BYTES, MAX_ROTATIONS } from '../limits.ts'
import type { Rotation } from './contents.ts'

/** The keys with which a generation signs the next one's key. spec V21 */
export async function deriveSigner(
  masterKey: SecretKey,
  vaultId: Uint8Array<ArrayBuffer>,
): Promise<CurveKeyPair> {
  const parameters = { salt: vaultId, info: SIGNER_INFO, length: KEY_BYTES }
  return importSigningSeed(await deriveBytes(masterKey, parameters))
}

/** The first link of a vault's chain, which has no signature. */
export function firstRotation(publicKey: Uint8Array<ArrayBuffer>): Rotation {
  return { publicKey, signature: new Uint8Array(SIGNATURE_BYTES) }
}

/** The chain with one more link; the oldest link goes when there are {@link MAX_ROTATIONS}. spec V21 */
export async function appendRotation(
  rotations: readonly Rotation[],
  {
    signer,
    publicKey,
    ...link
  }: {
    readonly vaultId: Uint8Array
    readonly generation: number
    readonly publicKey: Uint8Array<ArrayBuffer>
    readonly signer: CurveKeyPair
  },
): Promise<readonly Rotation[]> {
  const signature = await signBytes(signer.privateKey, signedBytes({ ...link, publicKey }))
  return [...rotations, { publicKey, signature }].slice(-MAX_ROTATIONS)
}

/**
 * Whether the signer of an earlier generation signed the next signer, that one its next, up to the signer of the
 * vault's generation. spec V21
 */
export async function isRotationProven(
  {
    vaultId,
    generation,
    rotations,
  }: {
    readonly vaultId: Uint8Array
    readonly generation: number
    readonly rotations: readonly Rotation[]
  },
  from: { readonly signer: Uint8Array<ArrayBuffer>; readonly generation: number },
): Promise<boolean> {
  if (generation - from.generation > rotations.length) return false
  let proven = from
  for (const { publicKey, signature } of rotations.slice(from.generation - generation)) {
    const next = { signer: publicKey, generation: proven.generation + 1 }
    const bytes = signedBytes({ vaultId, generation: next.generation, publicKey })
    if (!(await verifySignature(proven.signer, signature, bytes))) return false
    proven = next
  }
  return proven.generation === generation
}

function signedBytes(link: {
  readonly vaultId: Uint8Array
  readonly generation: number
  readonly publicKey: Uint8Array
}): Uint8Array<ArrayBuffer> {
  return concatBytes(ROTATION_PREFIX, link.vaultId, uintToBytes(link.generation, 4), link.publicKey)
}

const SIGNER_INFO = textToBytes('conclave/1 vault signer\0')
const ROTATION_PREFIX = textToBytes('conclave/1 vault rotation\0')
