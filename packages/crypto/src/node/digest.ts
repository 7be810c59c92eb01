import { hash } from 'node:crypto'

/** By `node:crypto`; contract in `web/`. @throws CryptoError `ERR_CRYPTO_UNSUPPORTED` */
export async function hashBytes(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  // No Buffer, whose memory other ones may share.
  return new Uint8Array(hash('sha256', bytes, 'buffer'))
}
