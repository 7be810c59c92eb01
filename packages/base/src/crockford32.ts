/**
 * Crockford's base32 as people read, type and scan it: capitals and digits without I, L, O and U.
 *
 * @module
 */

/** The character of each symbol of 5 bits. */
export const CROCKFORD32_ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** The bytes as text, 5 bits a character, zero bits at the end. */
export function encodeCrockford32(bytes: Uint8Array): string {
  let [text, waiting, bits] = ['', 0, 0]
  for (const byte of bytes) {
    waiting = ((waiting << 8) | byte) & 0xfff
    for (bits += 8; bits >= 5; bits -= 5) text += characterOf((waiting >> (bits - 5)) & 31)
  }
  return bits === 0 ? text : text + characterOf((waiting << (5 - bits)) & 31)
}

/**
 * The bytes of text as a person typed it; see {@link typedSymbols}. Returns `undefined`, not throws, for characters of
 * no symbol, for superfluous ones, and for set bits after the last byte.
 */
export function decodeCrockford32(text: string): Uint8Array<ArrayBuffer> | undefined {
  const bytes: number[] = []
  let [waiting, bits] = [0, 0]
  for (const symbol of typedSymbols(text)) {
    if (symbol === -1) return undefined
    waiting = ((waiting << 5) | symbol) & 0xfff
    bits += 5
    if (bits < 8) continue
    bits -= 8
    bytes.push((waiting >> bits) & 255)
  }
  const isCanonical = bits < 5 && (waiting & ((1 << bits) - 1)) === 0
  return isCanonical ? Uint8Array.from(bytes) : undefined
}

/**
 * The symbols, 0 to 31, of text as a person typed it; -1 for any other character. Accepts small letters,
 * full-width and other compatible forms (NFKC), white space and dashes between groups, O for 0, I and L for 1. You
 * must bound the length of the text before.
 */
export function typedSymbols(text: string): readonly number[] {
  const characters = text
    .normalize('NFKC')
    .toUpperCase()
    .replaceAll(SEPARATORS, '')
    .replaceAll('O', '0')
    .replaceAll(/[IL]/g, '1')
  return Array.from(characters, (character) => CROCKFORD32_ALPHABET.indexOf(character))
}

const characterOf = (symbol: number): string => CROCKFORD32_ALPHABET.charAt(symbol)

/** White space, and all that looks like a hyphen; soft and invisible ones too. */
const SEPARATORS = /[\s\u002D\u00AD\u200B\u2010-\u2015\u2212]/g
