import { decryptAesGcm, encryptAesGcm, NONCE_BYTES } from '@conclave/crypto'
import type { SecretKey } from '@conclave/crypto'
import { openFailedError } from './file-errors.ts'

/** The place of a chunk in its file. */
export interface ChunkPlace {
  readonly index: number
  readonly isLast: boolean
}

/** Ciphertext and tag of a chunk. You must seal no place twice under a key. spec F4 */
export async function sealChunk(
  chunk: Uint8Array<ArrayBuffer>,
  { key, place }: { readonly key: SecretKey; readonly place: ChunkPlace },
): Promise<Uint8Array<ArrayBuffer>> {
  return encryptAesGcm(key, { nonce: nonceOf(place) }, chunk)
}

/**
 * The plaintext of a chunk.
 *
 * @throws E2eeError `ERR_E2EE_OPEN_FAILED`
 */
export async function openChunk(
  sealed: Uint8Array<ArrayBuffer>,
  { key, place }: { readonly key: SecretKey; readonly place: ChunkPlace },
): Promise<Uint8Array<ArrayBuffer>> {
  const chunk = await decryptAesGcm(key, { nonce: nonceOf(place) }, sealed)
  if (chunk === undefined) throw openFailedError()
  return chunk
}

function nonceOf({ index, isLast }: ChunkPlace): Uint8Array<ArrayBuffer> {
  const nonce = new Uint8Array(NONCE_BYTES)
  new DataView(nonce.buffer).setUint32(INDEX_OFFSET, index)
  nonce[LAST_OFFSET] = isLast ? 1 : 0
  return nonce
}

const INDEX_OFFSET = 7
const LAST_OFFSET = 11
