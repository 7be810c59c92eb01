import { checkString, isWellFormed, textToBytes } from '@conclave/base'
import { wipe } from '@conclave/crypto'

/**
 * The form of a text that does not depend on the keyboard, the page or the message that it came from: compatible characters as one
 * (NFKC), each run of white space as one space and none at the ends, typographic quotation marks and dashes as those of ASCII, and
 * no invisible marks. Capital letters stay. spec K36
 */
export function typedForm(text: string): string {
  return text
    .replaceAll(INVISIBLE, '')
    .normalize('NFKC')
    .replaceAll(/[\u2018-\u201b]/g, "'")
    .replaceAll(/[\u201c-\u201f]/g, '"')
    .replaceAll(/[\u2010-\u2015\u2212]/g, '-')
    .replaceAll(/[\s\u0085]+/g, ' ')
    .trim()
}

/**
 * The UTF-8 bytes of the typed form of a text.
 *
 * @throws TypeError, RangeError that name the argument and say which mistake it is
 */
export function typedToBytes(
  name: string,
  text: unknown,
  { min, max }: { readonly min: number; readonly max: number },
): Uint8Array<ArrayBuffer> {
  checkString(name, text)
  if (!isWellFormed(text)) {
    throw new RangeError(`"${name}" expected well-formed text, got a lone surrogate`)
  }
  // NFKC makes at most 18 units of one; a text that is far longer is not even normalised.
  const typed = text.length > max * 4 ? undefined : typedForm(text)
  if (typed !== undefined && /\p{Cc}/u.test(typed)) {
    throw new RangeError(`"${name}" expected no control characters`)
  }
  const bytes = textToBytes(typed ?? '')
  if (typed !== undefined && bytes.length >= min && bytes.length <= max) return bytes
  wipe(bytes)
  const got = typed === undefined ? `more than ${max * 4} characters` : `${bytes.length}`
  throw new RangeError(`"${name}" expected ${min} to ${max} bytes without outer spaces, got ${got}`)
}

/** Marks that copies bring and nobody sees. The joiners of emoji and of Persian are none of them. */
const INVISIBLE = /[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g
