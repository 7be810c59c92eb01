import { argon2id } from 'hash-wasm'
import { E2eeError } from '../errors.ts'

/**
 * Argon2id, version 1.3, to 32 bytes. RFC 9106. A module of its own, so that bundlers load it on demand.
 *
 * @throws E2eeError `ERR_E2EE_UNSUPPORTED` where WebAssembly may not run or no memory is left
 */
export async function hashArgon2id(
  password: Uint8Array,
  options: {
    readonly salt: Uint8Array
    readonly memoryKiB: number
    readonly iterations: number
    readonly parallelism: number
  },
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
    throw new E2eeError('ERR_E2EE_UNSUPPORTED', 'Argon2id cannot be computed here', {
      details: { feature: 'Argon2id' },
      cause,
    })
  }
}
