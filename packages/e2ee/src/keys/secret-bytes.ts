/**
 * Checks that 32 bytes can be a random secret: zeros are memory that was overwritten, and text that repeats its characters is
 * a password. Of random bytes less than one in 2^45 is refused. Bytes of another length are returned. spec K46
 *
 * @throws RangeError that names the argument
 */
export function checkSecret<Bytes extends Uint8Array>(name: string, bytes: Bytes): Bytes {
  const isText = bytes.every((byte) => byte >= 32 && byte < 127)
  const isWeak = isText ? new Set(bytes).size < MIN_CHARACTERS : bytes.every((byte) => byte === 0)
  if (bytes.length !== SECRET_BYTES || !isWeak) return bytes
  throw new RangeError(`"${name}" expected random bytes, got ${isText ? 'text' : 'zeros'}`)
}

const SECRET_BYTES = 32

/** Different characters of a text of 32: a random one in base64 has fewer in less than one of a thousand. */
const MIN_CHARACTERS = 20
