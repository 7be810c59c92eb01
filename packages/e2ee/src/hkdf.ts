import { concatBytes } from './bytes.ts'
import { importAndWipe, webCrypto } from './web-crypto.ts'

/** Length of a hash of SHA-256, and of a key that HKDF-Expand takes, in bytes. */
export const HASH_BYTES = 32

/** The most that one expansion gives, in bytes: 255 blocks. RFC 5869 §2.3 */
export const MAX_EXPAND_BYTES: number = 255 * HASH_BYTES

/** Input key material of HKDF, ready to be derived from. */
export interface HkdfKey {
  /** HKDF-SHA-256, both steps. RFC 5869 §2 */
  derive(options: {
    readonly salt: Uint8Array<ArrayBuffer>
    readonly info: Uint8Array<ArrayBuffer>
    readonly length: number
  }): Promise<Uint8Array<ArrayBuffer>>
}

/** Takes key material of any length for HKDF. Takes over `ikm` and overwrites it: pass a copy. spec K5 */
export async function importHkdfKey(ikm: Uint8Array<ArrayBuffer>): Promise<HkdfKey> {
  const key = await importAndWipe(ikm, 'HKDF', ['deriveBits'])
  return {
    derive: async ({ salt, info, length }) => {
      const parameters = { name: 'HKDF', hash: 'SHA-256', salt, info }
      return new Uint8Array(await webCrypto().deriveBits(parameters, key, length * 8))
    },
  }
}

/**
 * Takes a uniformly random key of 32 bytes for {@link expand}. Takes over `prk` and overwrites it: pass a
 * copy. WebCrypto has no HKDF-Expand of its own, which is HMAC in a chain. spec K5
 */
export function importExpandKey(prk: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return importAndWipe(prk, { name: 'HMAC', hash: 'SHA-256' }, ['sign'])
}

/** HKDF-Expand with SHA-256. `length` is 1 to {@link MAX_EXPAND_BYTES}; the caller has checked. RFC 5869 §2.3 */
export async function expand(
  key: CryptoKey,
  { info, length }: { readonly info: Uint8Array; readonly length: number },
): Promise<Uint8Array<ArrayBuffer>> {
  const output = new Uint8Array(length)
  let block: Uint8Array<ArrayBuffer> = new Uint8Array()
  for (let at = 0, counter = 1; at < length; at += HASH_BYTES, counter += 1) {
    const input = concatBytes(block, info, Uint8Array.of(counter))
    block.fill(0)
    block = new Uint8Array(await webCrypto().sign('HMAC', key, input))
    input.fill(0)
    output.set(block.subarray(0, length - at), at)
  }
  block.fill(0)
  return output
}
