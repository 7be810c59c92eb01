import { randomBytes, wipe } from '@conclave/crypto'
import { wordlist } from '@scure/bip39/wordlists/english.js'

/** Bits of each word of a generated passphrase: the list has 2^11. spec K38 */
export const BITS_PER_WORD = 11

/**
 * Draws a passphrase: words of the English list of BIP 39, which differ in their first four letters, each as likely as
 * any other. Six words, the default, are 66 bits. The text cannot be overwritten. spec K38
 *
 * @param options.words 6 to 24
 * @throws RangeError for another number
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export function generatePassphrase({ words = 6 }: { readonly words?: number } = {}): string {
  if (!Number.isInteger(words) || words < MIN_WORDS || words > MAX_WORDS) {
    throw new RangeError(`"words" expected ${MIN_WORDS} to ${MAX_WORDS}, got ${words}`)
  }
  const bytes = randomBytes(words * 2)
  // 2^16 is a multiple of 2^11, so the lower bits are uniform and nothing has to be drawn again.
  const drawn = Array.from(
    new Uint16Array(bytes.buffer),
    (number) => wordlist[number & (2 ** BITS_PER_WORD - 1)],
  )
  wipe(bytes)
  return drawn.join(' ')
}

const MIN_WORDS = 6
const MAX_WORDS = 24
