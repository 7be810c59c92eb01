import type { Awaitable } from '@conclave/base'
import { createCipheriv, createDecipheriv } from 'node:crypto'
import type { CipherGCMTypes, KeyObject } from 'node:crypto'
import { TAG_BYTES } from '../aes-gcm-context.ts'
import type { AesGcmContext } from '../aes-gcm-context.ts'
import { NO_BYTES } from '../no-bytes.ts'
import type { SecretKey } from '../secret-key.ts'
import * as web from '../web/aes-gcm.ts'
import { keyObjectOf, toKeyObject } from './key-object.ts'

/** By `node:crypto`; contract in `web/`. @throws CryptoError `ERR_CRYPTO_UNSUPPORTED` */
export async function importAesGcmKey(material: Uint8Array<ArrayBuffer>): Promise<SecretKey> {
  // Another length is an error, which WebCrypto names.
  const isKey = material.length === 16 || material.length === 32
  return isKey ? toKeyObject(material) : web.importAesGcmKey(material)
}

/** By `node:crypto`; contract in `web/`. @throws CryptoError `ERR_CRYPTO_UNSUPPORTED` */
export function encryptAesGcm(
  key: SecretKey,
  context: AesGcmContext,
  plaintext: Uint8Array<ArrayBuffer>,
): Awaitable<Uint8Array<ArrayBuffer>> {
  const own = keyObjectOf(key)
  if (own === undefined) return web.encryptAesGcm(key, context, plaintext)
  const { nonce, additionalData, tagBytes = TAG_BYTES, lead = NO_BYTES } = context
  const cipher = createCipheriv(algorithmOf(own), own, nonce, { authTagLength: tagBytes })
  if (additionalData !== undefined) cipher.setAAD(additionalData)
  const ciphertext = cipher.update(plaintext)
  cipher.final()
  const end = lead.length + ciphertext.length
  const sealed = new Uint8Array(end + tagBytes)
  sealed.set(lead)
  sealed.set(ciphertext, lead.length)
  sealed.set(cipher.getAuthTag(), end)
  return sealed
}

/** By `node:crypto`; contract in `web/`. @throws CryptoError `ERR_CRYPTO_UNSUPPORTED` */
export function decryptAesGcm(
  key: SecretKey,
  context: AesGcmContext,
  sealed: Uint8Array<ArrayBuffer>,
): Awaitable<Uint8Array<ArrayBuffer> | undefined> {
  const own = keyObjectOf(key)
  if (own === undefined) return web.decryptAesGcm(key, context, sealed)
  const { nonce, additionalData, tagBytes = TAG_BYTES } = context
  const end = sealed.length - tagBytes
  let plaintext: Uint8Array | undefined
  try {
    // Without its length Node takes any tag that it is given. SP 800-38D §5.2.1.2
    const options = { authTagLength: tagBytes }
    const decipher = createDecipheriv(algorithmOf(own), own, nonce, options)
    decipher.setAuthTag(sealed.subarray(end))
    if (additionalData !== undefined) decipher.setAAD(additionalData)
    plaintext = decipher.update(sealed.subarray(0, end))
    decipher.final()
    // No Buffer, whose `slice` copies nothing.
    const { buffer, byteOffset, length } = plaintext
    return new Uint8Array(buffer as ArrayBuffer, byteOffset, length)
  } catch {
    plaintext?.fill(0)
    return undefined
  }
}

const algorithmOf = ({ symmetricKeySize }: KeyObject): CipherGCMTypes =>
  symmetricKeySize === 16 ? 'aes-128-gcm' : 'aes-256-gcm'
