import {
  CROCKFORD32_ALPHABET,
  decodeCrockford32,
  encodeCrockford32,
  typedSymbols,
} from '@conclave/base'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

const pairs: [string, number[]][] = [
  ['', []],
  ['00', [0]],
  ['ZW', [255]],
  ['04', [1]],
  ['0410', [1, 2]],
  ['04106', [1, 2, 3]],
  ['0410610', [1, 2, 3, 4]],
  ['04106105', [1, 2, 3, 4, 5]],
]

/** The obvious one: all bits as text. */
function encodePlainly(bytes: Uint8Array): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('')
  const groups = bits.match(/.{1,5}/g) ?? []
  return groups
    .map((group) => CROCKFORD32_ALPHABET.charAt(Number.parseInt(group.padEnd(5, '0'), 2)))
    .join('')
}

const toFullWidth = (text: string): string =>
  text.replaceAll(/[!-~]/g, (character) =>
    String.fromCharCode((character.codePointAt(0) ?? 0) + 0xfee0),
  )

describe('encoding', () => {
  test.each(pairs)('[E5, V8] %s', (text, bytes) => {
    expect(encodeCrockford32(Uint8Array.from(bytes))).toBe(text)
    expect([...(decodeCrockford32(text) ?? [-1])]).toEqual(bytes)
  })

  test('[E5, V8] any bytes survive a round trip, as in the plain implementation', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const text = encodeCrockford32(bytes)
        expect(text).toBe(encodePlainly(bytes))
        expect([...(decodeCrockford32(text) ?? [-1])]).toEqual([...bytes])
      }),
    )
  })
})

describe('reading what people type', () => {
  const bytes = Uint8Array.from({ length: 20 }, (_, at) => at * 13)
  const text = encodeCrockford32(bytes)

  test('[E5, V9] small letters, separators and full-width characters do not matter', () => {
    const groups = text.match(/.{1,4}/g) ?? []
    const separators = [
      ...['-', ' ', '\n', '\t', '\u00a0', '\u2003', '\u3000', ' - '],
      ...['\u00ad', '\u200b', '\u2010', '\u2011', '\u2013', '\u2014', '\u2015', '\u2212', '\uff0d'],
    ]
    const typed = [
      ...[text.toLowerCase(), `  ${text}\n`, toFullWidth(text), toFullWidth(text.toLowerCase())],
      ...separators.map((separator) => groups.join(separator)),
    ]
    for (const each of typed) expect(decodeCrockford32(each)).toEqual(bytes)
  })

  test('[E5, V9] O is 0; I and L are 1, in capitals and small letters, full-width too', () => {
    for (const zero of ['O', 'o', '\uff2f', '\uff4f']) expect(typedSymbols(zero)).toEqual([0])
    for (const one of ['I', 'i', 'L', 'l', '\uff29', '\uff49', '\uff2c', '\uff4c']) {
      expect(typedSymbols(one)).toEqual([1])
    }
  })

  test('[E5, V9] every symbol has its number', () => {
    expect(typedSymbols(CROCKFORD32_ALPHABET)).toEqual(Array.from({ length: 32 }, (_, at) => at))
    expect(CROCKFORD32_ALPHABET).not.toMatch(/[ILOU]/)
  })

  test('[E5, V9] other characters are no symbols', () => {
    expect(typedSymbols('UuÄ*=_\u{1f600}\ud800')).toEqual(Array(8).fill(-1))
    for (const wrong of ['U', '=', '_', '\0', '\ud800', '\u{1f600}', '\u0661']) {
      expect(decodeCrockford32(`${text}${wrong}`)).toBeUndefined()
    }
  })

  test('[E5] superfluous characters and set bits at the end are refused', () => {
    for (const wrong of ['0', '041', '041060', '041061050']) {
      expect(decodeCrockford32(wrong)).toBeUndefined()
    }
    // 1 byte leaves 2 bits, 2 leave 4, 3 leave 1, 4 leave 3.
    for (const [canonical, end] of [
      ['04', '5'],
      ['04', '7'],
      ['0410', '1'],
      ['0410', 'F'],
      ['04106', '7'],
      ['0410610', '1'],
    ] as const) {
      expect(decodeCrockford32(canonical)).toBeDefined()
      expect(decodeCrockford32(canonical.slice(0, -1) + end)).toBeUndefined()
    }
  })

  test('[E5, V9] no text makes it throw, and what it reads encodes to as many characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (given) => {
        const decoded = decodeCrockford32(given)
        const symbols = typedSymbols(given)
        const canonical = symbols.map((symbol) => CROCKFORD32_ALPHABET.charAt(symbol)).join('')
        expect(decoded === undefined ? canonical : encodeCrockford32(decoded)).toBe(canonical)
      }),
      { numRuns: 1000 },
    )
  })
})
