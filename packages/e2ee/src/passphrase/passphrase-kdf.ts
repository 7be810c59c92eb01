import { importAndWipe, unsupportedError, webCrypto, wipe } from '@conclave/crypto'
import type { hashArgon2id } from './argon2id.ts'
import { checkCreateWorker, chooseWorker } from './choose-worker.ts'
import type { PassphraseWorkerOptions } from './choose-worker.ts'
import { stretchInWorker } from './stretch-in-worker.ts'
import { typedToBytes } from './typed-text.ts'

/** The function that makes a key of a passphrase, and its costs: agreed or stored, never inferred. spec K36 */
export type PassphraseKdf =
  /** RFC 9106. Memory in KiB. Needs WebAssembly: `wasm-unsafe-eval` in a page's `script-src`. */
  | {
      readonly type: 'argon2id'
      readonly memoryKiB: number
      readonly iterations: number
      readonly parallelism: number
    }
  /** RFC 8018 §5.2 with HMAC-SHA-256, by WebCrypto: for pages where WebAssembly may not run. */
  | { readonly type: 'pbkdf2-sha256'; readonly iterations: number }

/** The default: 64 MiB, three passes, one lane. spec K36 */
export const ARGON2ID: PassphraseKdf = {
  type: 'argon2id',
  memoryKiB: 65_536,
  iterations: 3,
  parallelism: 1,
}

/** The default where WebAssembly may not run. spec K36 */
export const PBKDF2: PassphraseKdf = { type: 'pbkdf2-sha256', iterations: 1_200_000 }

/** The longest passphrase in bytes of UTF-8. spec K36 */
export const MAX_PASSPHRASE_BYTES = 1_024

/** Length of the salt of a passphrase in bytes. */
export const PASSPHRASE_SALT_BYTES = 16

/** Whether costs are within bounds: enough to protect, and not more than a device bears. spec K36 */
export function isPassphraseKdf(kdf: PassphraseKdf): boolean {
  switch (kdf?.type) {
    case 'argon2id':
      return (
        isWithin(kdf.memoryKiB, [19_456, 262_144]) &&
        isWithin(kdf.iterations, [1, 16]) &&
        isWithin(kdf.parallelism, [1, 4]) &&
        kdf.memoryKiB * kdf.iterations >= 38_912
      )
    case 'pbkdf2-sha256':
      return isWithin(kdf.iterations, [600_000, 10_000_000])
    default:
      return false
  }
}

/**
 * The bytes of a passphrase: the UTF-8 of its typed form, so that keyboards and copies agree: accents, full width, white space, quotation
 * marks and dashes in any form are one. Capital letters count. spec K36
 *
 * @throws TypeError, RangeError for anything that is no well-formed text of up to {@link MAX_PASSPHRASE_BYTES}, with a message that says
 *   which mistake it is
 */
export function passphraseToBytes(passphrase: unknown): Uint8Array<ArrayBuffer> {
  return typedToBytes('passphrase', passphrase, { min: 0, max: MAX_PASSPHRASE_BYTES })
}

/** The salt and the function of a passphrase, and the place where it is stretched. */
export interface StretchOptions extends PassphraseWorkerOptions {
  readonly salt: Uint8Array
  readonly kdf: PassphraseKdf
}

/**
 * 32 bytes of a passphrase. Overwrites `passphrase`. Takes as long as its costs say: about 0.2 s by default, in a page in a worker. You
 * must have checked the costs with {@link isPassphraseKdf}. spec K36, K49
 *
 * @throws TypeError that names `createWorker`
 * @throws E2eeError `ERR_E2EE_WORKER`: it was not stretched
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED` (`Argon2id`) where WebAssembly may not run, no memory is left, or its
 *   chunk does not load
 */
export async function stretchPassphrase(
  passphrase: Uint8Array<ArrayBuffer>,
  { salt, kdf, createWorker }: StretchOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    checkCreateWorker(createWorker)
    if (kdf.type === 'pbkdf2-sha256') {
      const key = await importAndWipe(passphrase, 'PBKDF2', ['deriveBits'])
      const parameters = { hash: 'SHA-256', salt: new Uint8Array(salt), iterations: kdf.iterations }
      return new Uint8Array(
        await webCrypto().deriveBits({ name: 'PBKDF2', ...parameters }, key, 256),
      )
    }
    const startWorker = chooseWorker(createWorker)
    if (startWorker) return await stretchInWorker(passphrase, { ...kdf, salt, startWorker })
    // Loaded when first needed: a vault that opens with another slot does without it.
    const hash = await loadArgon2id()
    return await hash(passphrase, { ...kdf, salt })
  } finally {
    wipe(passphrase)
  }
}

/** @throws CryptoError `ERR_CRYPTO_UNSUPPORTED` when the chunk does not load: offline, after a new deployment, by a policy */
async function loadArgon2id(): Promise<typeof hashArgon2id> {
  try {
    return (await import('./argon2id.ts')).hashArgon2id
  } catch (cause) {
    throw unsupportedError('Argon2id', cause)
  }
}

/**
 * {@link ARGON2ID} where WebAssembly may run here, else {@link PBKDF2}: for secrets that are stored with their
 * parameters. Members of a room agree on theirs instead.
 */
export function choosePassphraseKdf(): PassphraseKdf {
  try {
    // The eight bytes of an empty module: a policy that forbids WebAssembly forbids this one too.
    new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0))
    return ARGON2ID
  } catch {
    return PBKDF2
  }
}

const isWithin = (value: number, [min, max]: readonly [number, number]): boolean =>
  Number.isInteger(value) && value >= min && value <= max
