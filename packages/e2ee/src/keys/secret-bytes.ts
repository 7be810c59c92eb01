import { copyBytes } from '@conclave/base'

/** Copies a secret of 32 bytes. @throws TypeError, RangeError for zeros and text. spec K46 */
export function copySecret(name: string, secret: unknown): Uint8Array<ArrayBuffer> {
  return checkSecret(name, copyBytes(name, secret, SECRET_BYTES))
}

/**
 * Checks that 32 bytes can be a random secret: zeros are memory that was overwritten, and text that repeats its characters, or is
 * filled up with zeros, is a password. Of random bytes less than one in 2^45 is refused. Bytes of another length are returned.
 * spec K46
 *
 * @throws RangeError that names the argument
 */
export function checkSecret<Bytes extends Uint8Array>(name: string, bytes: Bytes): Bytes {
  const isText = bytes.every((byte) => byte === 0 || (byte >= 32 && byte < 127))
  if (isText && bytes.length === SECRET_BYTES && new Set(bytes).size < MIN_CHARACTERS) {
    throw new RangeError(`"${name}" expected random bytes`)
  }
  return bytes
}

const SECRET_BYTES = 32

/** Different characters of a text of 32: a random one in base64 has fewer in less than one of a thousand. */
const MIN_CHARACTERS = 20
