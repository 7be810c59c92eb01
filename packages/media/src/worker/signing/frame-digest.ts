import { concatBytes } from '@conclave/base'
import { hashBytes } from '@conclave/crypto/verify'
import { DIGEST_BYTES } from './batch.ts'

/**
 * The digest of a frame in a batch. The additional data come last: read from the end they say where they begin, once KID and
 * counter are known. Reads its arguments before it returns. spec M90
 */
export async function digestFrame(
  rest: Uint8Array,
  additionalData: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  const hash = await hashBytes(concatBytes(rest, additionalData))
  return hash.slice(0, DIGEST_BYTES)
}
