import { concatBytes, textToBytes, uint } from './bytes.ts'
import type { Rotation } from './contents.ts'
import { importSigningKeys, sign, verify } from './curve-keys.ts'
import type { CurveKeys } from './curve-keys.ts'
import { MAX_ROTATIONS } from './limits.ts'
import type { Snapshot } from './snapshot.ts'
import { deriveBytes } from './web-crypto.ts'

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

/** Whether the signer of a generation vouched for the next one, that one for its next, up to now. spec V21 */
export async function isRotationProven(
  { file, contents: { rotations } }: Snapshot,
  from: { readonly signer: Uint8Array<ArrayBuffer>; readonly generation: number },
): Promise<boolean> {
  const links = rotations.slice(from.generation - file.generation)
  if (file.generation - from.generation > rotations.length) return false
  let { signer, generation } = from
  for (const { publicKey, signature } of links) {
    generation += 1
    const bytes = signedBytes({ vaultId: file.id, generation, publicKey })
    if (!(await verify(signer, signature, bytes))) return false
    signer = publicKey
  }
  return generation === file.generation
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
