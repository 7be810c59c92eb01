import { webCrypto } from '../web-crypto.ts'
import { openFailedError } from './file-errors.ts'

/** Which chunk of a file it is. */
export interface ChunkPlace {
  readonly index: number
  readonly isLast: boolean
}

/** Ciphertext and tag of a chunk. No place may be sealed twice under a key. spec F4 */
export async function sealChunk(
  chunk: Uint8Array<ArrayBuffer>,
  { key, place }: { readonly key: CryptoKey; readonly place: ChunkPlace },
): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await webCrypto().encrypt(parametersOf(place), key, chunk))
}

/**
 * The plaintext of a chunk.
 *
 * @throws E2eeError `ERR_E2EE_OPEN_FAILED`
 */
export async function openChunk(
  sealed: Uint8Array<ArrayBuffer>,
  { key, place }: { readonly key: CryptoKey; readonly place: ChunkPlace },
): Promise<Uint8Array<ArrayBuffer>> {
  const subtle = webCrypto()
  try {
    return new Uint8Array(await subtle.decrypt(parametersOf(place), key, sealed))
  } catch {
    throw openFailedError()
  }
}

function parametersOf({ index, isLast }: ChunkPlace): AesGcmParams {
  const iv = new Uint8Array(NONCE_BYTES)
  new DataView(iv.buffer).setUint32(INDEX_OFFSET, index)
  iv[LAST_OFFSET] = isLast ? 1 : 0
  return { name: 'AES-GCM', iv }
}

const NONCE_BYTES = 12
const INDEX_OFFSET = 7
const LAST_OFFSET = 11
