/**
 * Derives the keys of LiveKit's frames. spec M76
 *
 * @module
 */
import { describeType, textToBytes } from '@conclave/base'
import { importAndWipe, webCrypto } from '@conclave/crypto'

/** Key material as LiveKit's key providers take it. */
export type LiveKitKeyMaterial =
  /** A passphrase. You must draw it at random, as long as a key: 100,000 rounds with a salt that all rooms share stop nobody who guesses. */
  | string
  /** 16 random bytes or more; copied. */
  | Uint8Array
  | ArrayBuffer
  /** Of the algorithm HKDF or PBKDF2, with the usage `deriveKey`. */
  | CryptoKey

/** The parameters that all members of a room share. */
export interface DerivationOptions {
  readonly salt: string
  readonly keyBits: 128 | 256
}

/** The AES-GCM key of some material, which cannot be exported. @throws TypeError, RangeError (rejects) */
export async function deriveRingKey(
  material: LiveKitKeyMaterial,
  { salt, keyBits }: DerivationOptions,
): Promise<CryptoKey> {
  const base = await importMaterial(material)
  const name = base.algorithm.name as 'HKDF' | 'PBKDF2'
  const common = { name, hash: 'SHA-256', salt: textToBytes(salt) }
  const algorithm =
    name === 'HKDF' ? { ...common, info: HKDF_INFO } : { ...common, iterations: PBKDF2_ROUNDS }
  const derived = { name: 'AES-GCM', length: keyBits }
  return webCrypto().deriveKey(algorithm, base, derived, false, ['encrypt', 'decrypt'])
}

async function importMaterial(material: LiveKitKeyMaterial): Promise<CryptoKey> {
  if (typeof material === 'string') {
    if (material === '') throw new RangeError('"key" expected a passphrase that is not empty')
    return importAndWipe(textToBytes(material), 'PBKDF2', ['deriveKey'])
  }
  const bytes = copyBytes(material)
  if (bytes) {
    if (bytes.length >= MIN_KEY_BYTES) return importAndWipe(bytes, 'HKDF', ['deriveKey'])
    throw new RangeError(`"key" expected ${MIN_KEY_BYTES} bytes or more, got ${bytes.length}`)
  }
  const { algorithm, usages } = (material ?? {}) as Partial<CryptoKey>
  const isBase = algorithm?.name === 'HKDF' || algorithm?.name === 'PBKDF2'
  if (isBase && usages?.includes('deriveKey') === true) return material as CryptoKey
  const expected = 'a passphrase, bytes, or a CryptoKey of HKDF or PBKDF2 that may derive keys'
  throw new TypeError(`"key" expected ${expected}, got ${describeType(material)}`)
}

function copyBytes(material: unknown): Uint8Array<ArrayBuffer> | undefined {
  if (ArrayBuffer.isView(material)) {
    const { buffer, byteOffset, byteLength } = material
    return new Uint8Array(buffer, byteOffset, byteLength).slice()
  }
  const isBuffer = Object.prototype.toString.call(material) === '[object ArrayBuffer]'
  return isBuffer ? new Uint8Array(material as ArrayBuffer).slice() : undefined
}

/** LiveKit gives HKDF an `info` of zeros. */
const HKDF_INFO = new Uint8Array(128)
const PBKDF2_ROUNDS = 100_000
const MIN_KEY_BYTES = 16
