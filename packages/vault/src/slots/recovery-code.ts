/**
 * The text of a recovery key: 26 characters of data and 2 of check, in Crockford's base32. The check is a
 * Reed–Solomon code over GF(32): it notices any two wrong characters, and locates one. spec V8, V9
 *
 * @module
 */
import { CROCKFORD32_ALPHABET, typedSymbols } from '@conclave/base'

/** Characters of a recovery key's text, without the separators of its groups. */
export const CODE_CHARACTERS = 28

/** The text of 26 symbols of 5 bits, in 7 groups of 4. */
export function encodeSymbols(data: readonly number[]): string {
  // The check symbols c26, c27 make both syndromes zero: c26·α^26 + c27·α^27 = s1, c26·α^52 + c27·α^54 = s2.
  const [s1, s2] = syndromes(data)
  const c27 = divide(s2 ^ multiply(s1, power(26)), multiply(power(27), power(26) ^ power(27)))
  const c26 = divide(s1 ^ multiply(c27, power(27)), power(26))
  const text = [...data, c26, c27].map((symbol) => CROCKFORD32_ALPHABET.charAt(symbol)).join('')
  return text.replaceAll(/.{4}(?=.)/g, '$&-')
}

/** The symbols of a text, check included, or the reason why there are none. */
export type DecodedSymbols =
  | { readonly type: 'symbols'; readonly symbols: readonly number[] }
  | { readonly type: 'length'; readonly characters: number }
  | { readonly type: 'character'; readonly position: number }

/** The symbols of text as a person typed it; does not verify the check. spec V9 */
export function decodeSymbols(text: string): DecodedSymbols {
  if (text.length > MAX_TEXT) return { type: 'length', characters: text.length }
  const symbols = typedSymbols(text)
  if (symbols.length !== CODE_CHARACTERS) return { type: 'length', characters: symbols.length }
  const position = symbols.indexOf(-1)
  return position === -1 ? { type: 'symbols', symbols } : { type: 'character', position }
}

/**
 * Whether the check holds. If not, the position of the wrong character when one wrong character explains it, and
 * `undefined` when at least two are wrong. spec V9
 */
export function checkSymbols(
  symbols: readonly number[],
): { readonly ok: true } | { readonly ok: false; readonly position: number | undefined } {
  const [s1, s2] = syndromes(symbols)
  if (s1 === 0 && s2 === 0) return { ok: true }
  if (s1 === 0 || s2 === 0) return { ok: false, position: undefined }
  const position = log(divide(s2, s1))
  return { ok: false, position: position < symbols.length ? position : undefined }
}

/** Σ cᵢ·αⁱ and Σ cᵢ·α²ⁱ. */
function syndromes(symbols: readonly number[]): readonly [number, number] {
  let [s1, s2] = [0, 0]
  for (const [at, symbol] of symbols.entries()) {
    s1 ^= multiply(symbol, power(at))
    s2 ^= multiply(symbol, power(2 * at))
  }
  return [s1, s2]
}

/** GF(32) by x^5 + x^2 + 1, whose root α generates all 31 powers. */
function power(exponent: number): number {
  return POWERS[exponent % 31] ?? 0
}

function log(value: number): number {
  return POWERS.indexOf(value)
}

function multiply(one: number, other: number): number {
  return one === 0 || other === 0 ? 0 : power(log(one) + log(other))
}

function divide(one: number, other: number): number {
  return one === 0 ? 0 : power(log(one) + 31 - log(other))
}

const POWERS: readonly number[] = Array.from({ length: 30 }).reduce<number[]>(
  (powers) => {
    const next = (powers.at(-1) ?? 0) << 1
    return [...powers, next & 32 ? next ^ 0b100101 : next]
  },
  [1],
)
/** Longer texts are not read. spec V9 */
const MAX_TEXT = 256
