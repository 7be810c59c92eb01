import { concatBytes, textToBytes, uint } from '../bytes.ts'
import type { Rotation } from './contents.ts'
import { importSigningKeys, sign, verify } from '../curve-keys.ts'
import type { CurveKeys } from '../curve-keys.ts'
import { MAX_ROTATIONS } from '../limits.ts'
import { deriveBytes } from '../web-crypto.ts'

/** The keys with which a generation vouches for the next one. spec V21 */
export async function deriveSigner(
  masterKey: CryptoKey,
  vaultId: Uint8Array<ArrayBuffer>,
): Promise<CurveKeys> {
  return importSigningKeys(await deriveBytes(masterKey, { salt: vaultId, info: SIGNER_INFO }))
}

/** The first link of a vault's chain, which nobody vouches for. */
export function firstRotation(publicKey: Uint8Array<ArrayBuffer>): Rotation {
  return { publicKey, signature: new Uint8Array(64) }
}

/** The chain with one more link, as long as it may be. spec V21 */
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
    readonly signer: CurveKeys
  },
): Promise<readonly Rotation[]> {
  const signature = await sign(signer.privateKey, signedBytes({ ...link, publicKey }))
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
    if (!(await verify(proven.signer, signature, bytes))) return false
    proven = next
  }
  return proven.generation === generation
}

function signedBytes(link: {
  readonly vaultId: Uint8Array
  readonly generation: number
  readonly publicKey: Uint8Array
}): Uint8Array<ArrayBuffer> {
  return concatBytes(ROTATION_PREFIX, link.vaultId, uint(4, link.generation), link.publicKey)
}

const SIGNER_INFO = textToBytes('conclave/1 vault signer\0')
const ROTATION_PREFIX = textToBytes('conclave/1 vault rotation\0')
