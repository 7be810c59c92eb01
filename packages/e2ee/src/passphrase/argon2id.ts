import { unsupportedError } from '@conclave/crypto'
import { argon2id } from 'hash-wasm'

/** The salt and the costs of Argon2id. */
export interface Argon2idOptions {
  readonly salt: Uint8Array
  readonly memoryKiB: number
  readonly iterations: number
  readonly parallelism: number
}

/**
 * Argon2id, version 1.3, to 32 bytes. RFC 9106. A separate module, so that bundlers load it on demand.
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED` where WebAssembly may not run or no memory is left
 */
export async function hashArgon2id(
  password: Uint8Array,
  options: Argon2idOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const { salt, memoryKiB, iterations, parallelism } = options
  try {
    const hash = await argon2id({
      ...{ password, salt, iterations, parallelism, memorySize: memoryKiB },
      hashLength: 32,
      outputType: 'binary',
    })
    return new Uint8Array(hash)
  } catch (cause) {
    throw unsupportedError('Argon2id', cause)
  }
}
