import { createHmac } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import type { AesGcmKeyOptions, BytesOptions, ExpandOptions } from '../hkdf-options.ts'
import { NO_BYTES } from '../no-bytes.ts'
import type { SecretKey } from '../secret-key.ts'
import { importAndWipe, wipe } from '../web-crypto.ts'
import * as web from '../web/hkdf.ts'
import { keyObjectOf, toKeyObject } from './key-object.ts'

/** By `node:crypto`; contract in `web/`. @throws CryptoError `ERR_CRYPTO_UNSUPPORTED` */
export async function importHkdfKey(ikm: Uint8Array<ArrayBuffer>): Promise<SecretKey> {
  return toKeyObject(ikm)
}

/** By `node:crypto`; contract in `web/`. @throws CryptoError `ERR_CRYPTO_UNSUPPORTED` */
export async function deriveBytes(
  ikm: SecretKey,
  options: BytesOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const own = keyObjectOf(ikm)
  return own === undefined ? web.deriveBytes(ikm, options) : hkdf(own, options)
}

/** By `node:crypto`; contract in `web/`. @throws CryptoError `ERR_CRYPTO_UNSUPPORTED` */
export async function deriveAesGcmKey(
  ikm: SecretKey,
  options: AesGcmKeyOptions,
): Promise<SecretKey> {
  const own = keyObjectOf(ikm)
  if (own === undefined) return web.deriveAesGcmKey(ikm, options)
  const { bytes, usages } = options
  const material = hkdf(own, { ...options, length: bytes })
  // A key object knows no usages.
  return usages.length === 2 ? toKeyObject(material) : importAndWipe(material, 'AES-GCM', usages)
}

/** By `node:crypto`; contract in `web/`. @throws CryptoError `ERR_CRYPTO_UNSUPPORTED` */
export async function importExpandKey(prk: Uint8Array<ArrayBuffer>): Promise<SecretKey> {
  return toKeyObject(prk)
}

/** By `node:crypto`; contract in `web/`. @throws CryptoError `ERR_CRYPTO_UNSUPPORTED` */
export async function expand(
  key: SecretKey,
  options: ExpandOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const own = keyObjectOf(key)
  return own === undefined ? web.expand(key, options) : expandWith('sha256', own, options)
}

/** Both steps, from HMAC: Node's own refuses an `info` of more than 1,024 bytes. RFC 5869 §2 */
function hkdf(
  ikm: KeyObject,
  { salt = NO_BYTES, info, hash = 'SHA-256', length }: BytesOptions,
): Uint8Array<ArrayBuffer> {
  const [name, hashBytes] =
    hash === 'SHA-256' ? (['sha256', 32] as const) : (['sha512', 64] as const)
  if (length > 255 * hashBytes) throw new RangeError(`"length" expected ${255 * hashBytes} at most`)
  const material = ikm.export()
  const prk = createHmac(name, salt).update(material).digest()
  wipe(material)
  const bytes = expandWith(name, prk, { info, length })
  wipe(prk)
  return bytes
}

function expandWith(
  hash: 'sha256' | 'sha512',
  key: KeyObject | Uint8Array,
  { info, length }: ExpandOptions,
): Uint8Array<ArrayBuffer> {
  const output = new Uint8Array(length)
  let block: Uint8Array = NO_BYTES
  for (let at = 0, counter = 1; at < length; at += block.length, counter += 1) {
    const last = block
    block = createHmac(hash, key).update(last).update(info).update(Uint8Array.of(counter)).digest()
    wipe(last)
    output.set(block.subarray(0, length - at), at)
  }
  wipe(block)
  return output
}
