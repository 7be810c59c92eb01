import { createSecretKey, KeyObject } from 'node:crypto'
import type { SecretKey } from '../secret-key.ts'
import { wipe } from '../web-crypto.ts'

/**
 * Makes a key object of bytes, and overwrites them; the key object has its own copy, which Node overwrites when it is collected.
 * spec K5
 */
export function toKeyObject(material: Uint8Array<ArrayBuffer>): SecretKey {
  try {
    return createSecretKey(material) as SecretKey
  } finally {
    wipe(material)
  }
}

/** The key object, of whichever copy of this package; `undefined` for a `CryptoKey`, which is never looked into. */
export function keyObjectOf(key: SecretKey): KeyObject | undefined {
  return key instanceof KeyObject ? key : undefined
}
