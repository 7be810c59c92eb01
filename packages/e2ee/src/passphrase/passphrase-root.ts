import { concatBytes, copyBytes, textToBytes, uintToBytes, withLength } from '@conclave/base'
import { deriveBytes, HASH_BYTES, importHkdfKey } from '@conclave/crypto'
import { checkEpoch } from '../keys/epoch.ts'
import { checkCreateWorker } from './choose-worker.ts'
import type { PassphraseWorkerOptions } from './choose-worker.ts'
import {
  ARGON2ID,
  isPassphraseKdf,
  PASSPHRASE_SALT_BYTES,
  passphraseToBytes,
  stretchPassphrase,
} from './passphrase-kdf.ts'
import type { PassphraseKdf } from './passphrase-kdf.ts'
import { typedToBytes } from './typed-text.ts'

/**
 * The agreement of members beside the passphrase. None of it is secret, and all of it is bound into the keys: another
 * room, salt or function gives other keys. spec K37
 */
export interface PassphraseAgreement {
  /**
   * The room's id or name, 1 to 1,024 bytes in its typed form, as people may type it: the same passphrase gives every room other keys.
   * Names that differ in their accents' form, white space or width only are one room.
   */
  readonly room: string
  /** Random bytes that belong to the room, at most 64: they prevent guessing in advance. */
  readonly salt?: Uint8Array
  /** The same at every member, whatever runs there: `ARGON2ID` when left out. */
  readonly kdf?: PassphraseKdf
}

/** An agreement that was checked, in bytes, and the place where this member stretches. */
export interface CheckedAgreement extends PassphraseWorkerOptions {
  readonly room: Uint8Array<ArrayBuffer>
  readonly salt: Uint8Array<ArrayBuffer>
  readonly kdf: PassphraseKdf
}

/** @throws TypeError, RangeError that name the argument */
export function checkAgreement(
  agreement: PassphraseAgreement & PassphraseWorkerOptions,
): CheckedAgreement {
  const { room, salt = new Uint8Array(), kdf = ARGON2ID, createWorker } = agreement ?? {}
  const name = typedToBytes('room', room, { min: 1, max: MAX_ROOM_BYTES })
  const copy = copyBytes('salt', salt)
  if (copy.length > MAX_SALT_BYTES) {
    throw new RangeError(`"salt" expected ${MAX_SALT_BYTES} bytes at most, got ${copy.length}`)
  }
  if (!isPassphraseKdf(kdf)) throw new RangeError('"kdf" expected costs within the limits')
  checkCreateWorker(createWorker)
  return { room: name, salt: copy, kdf: { ...kdf }, ...(createWorker && { createWorker }) }
}

/**
 * Derives the root of an epoch of a room from a passphrase. You must have checked its strength. spec K37
 *
 * @throws TypeError, RangeError for a passphrase that cannot be one
 * @throws E2eeError `ERR_E2EE_WORKER`
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function derivePassphraseRoot(
  passphrase: string,
  { room, salt, kdf, ...options }: CheckedAgreement,
  epoch: bigint,
): Promise<Uint8Array<ArrayBuffer>> {
  checkEpoch(epoch)
  const bytes = passphraseToBytes(passphrase)
  const place = concatBytes(withLength(room), withLength(salt))
  const salting = await importHkdfKey(new Uint8Array(place))
  const saltOptions = { salt: DOMAIN, info: SALT, length: PASSPHRASE_SALT_BYTES }
  const stretchSalt = await deriveBytes(salting, saltOptions)
  const stretched = await stretchPassphrase(bytes, { salt: stretchSalt, kdf, ...options })
  const info = concatBytes(ROOT, encodeKdf(kdf), place, uintToBytes(epoch, 8))
  const material = await importHkdfKey(stretched)
  return deriveBytes(material, { salt: DOMAIN, info, length: HASH_BYTES })
}

/** spec K37 */
function encodeKdf(kdf: PassphraseKdf): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(10))
  view.setUint32(1, kdf.iterations)
  view.setUint8(0, kdf.type === 'argon2id' ? 1 : 2)
  if (kdf.type === 'pbkdf2-sha256') return new Uint8Array(view.buffer, 0, 5)
  view.setUint32(5, kdf.memoryKiB)
  view.setUint8(9, kdf.parallelism)
  return new Uint8Array(view.buffer)
}

const MAX_ROOM_BYTES = 1024
const MAX_SALT_BYTES = 64
const DOMAIN = textToBytes('conclave/1 passphrase')
const SALT = textToBytes('conclave/1 passphrase salt')
const ROOT = textToBytes('conclave/1 passphrase root\0')
