import { concatBytes } from '@conclave/base'
import { hashBytes } from '#platform/digest'

/**
 * HMAC-SHA-256 of bytes under a key: 32 bytes. For names that only holders of the key can make, and for values that they compare in constant
 * time. RFC 2104
 *
 * @param key at most 64 bytes; read before the call returns, as `bytes` is
 * @throws RangeError for a longer key; CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function hmacBytes(
  key: Uint8Array,
  bytes: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  if (key.length > BLOCK_BYTES) {
    throw new RangeError(`"key" expected ${BLOCK_BYTES} bytes at most, got ${key.length}`)
  }
  const inner = new Uint8Array(BLOCK_BYTES).fill(INNER_PAD)
  const outer = new Uint8Array(BLOCK_BYTES).fill(OUTER_PAD)
  for (const [at, byte] of key.entries()) {
    inner[at] = byte ^ INNER_PAD
    outer[at] = byte ^ OUTER_PAD
  }
  const hash = await hashBytes(concatBytes(inner, bytes))
  return hashBytes(concatBytes(outer, hash))
}

const BLOCK_BYTES = 64
const INNER_PAD = 0x36
const OUTER_PAD = 0x5c
