import {
  encodeRecoveryKey,
  findRecoveryKeyMistake,
  generateRecoveryKey,
  parseRecoveryKey,
  RecoveryKey,
} from '@conclave/vault'
import { expect, test } from 'vitest'
import { bytesToHex } from '../fixtures.ts'

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const hexOf = (key: RecoveryKey | undefined) => key && bytesToHex(key.unsafeExport())
const key = new RecoveryKey(Uint8Array.from({ length: 16 }, (_, at) => at * 17))
const text = encodeRecoveryKey(key)
const compact = text.replaceAll('-', '')

test('[V8] a key is encoded in seven groups of four characters and parsed from them', () => {
  for (let count = 0; count < 100; count += 1) {
    const random = generateRecoveryKey()
    const shown = encodeRecoveryKey(random)
    expect(shown).toMatch(/^[0-7][0-9A-HJKMNP-TV-Z]{3}(-[0-9A-HJKMNP-TV-Z]{4}){6}$/)
    expect(hexOf(parseRecoveryKey(shown))).toBe(hexOf(random))
  }
})

test('[V8] the extreme keys are encoded and parsed', () => {
  for (const bytes of [new Uint8Array(16).fill(255), new Uint8Array(16).fill(1, 15)]) {
    const extreme = new RecoveryKey(bytes)
    expect(hexOf(parseRecoveryKey(encodeRecoveryKey(extreme)))).toBe(hexOf(extreme))
  }
})

test('[V8, V9] zeros are overwritten memory, and neither they nor their text are a key', () => {
  expect(() => new RecoveryKey(new Uint8Array(16))).toThrow(RangeError)
  expect(() => new RecoveryKey(new Uint8Array(16))).toThrow('"bytes" expected random bytes')
  for (const zeros of ['0'.repeat(28), '0000-'.repeat(7), 'o'.repeat(28)]) {
    expect(parseRecoveryKey(zeros)).toBeUndefined()
    expect(findRecoveryKeyMistake(zeros)).toEqual({ type: 'zeros' })
  }
})

test('[V9] case, separators, and I, L, O do not matter', () => {
  const lowest = new RecoveryKey(new Uint8Array(16).fill(1, 15))
  const zeros = encodeRecoveryKey(lowest)
  expect(hexOf(parseRecoveryKey(zeros.replaceAll('0', 'O')))).toBe(hexOf(lowest))
  const ones = encodeRecoveryKey(new RecoveryKey(Uint8Array.of(...Array<number>(16).fill(0x21))))
  for (const one of ['I', 'i', 'L', 'l']) {
    expect(parseRecoveryKey(ones.replaceAll('1', one))).toBeDefined()
  }
  const typed = [
    text.toLowerCase(),
    text.replaceAll('-', ' '),
    compact,
    `  ${text}\n`,
    text.replaceAll('-', '\u2013'),
    [...compact].join(' '),
    text.replaceAll(/[0-9A-Z]/g, (character) =>
      String.fromCodePoint((character.codePointAt(0) ?? 0) + 0xfee0),
    ),
  ]
  for (const variant of typed) expect(hexOf(parseRecoveryKey(variant))).toBe(hexOf(key))
})

test('[V9] every single wrong character is noticed, and its group named', () => {
  for (let at = 0; at < compact.length; at += 1) {
    for (const wrong of ALPHABET) {
      if (wrong === compact[at]) continue
      const changed = compact.slice(0, at) + wrong + compact.slice(at + 1)
      expect(parseRecoveryKey(changed)).toBeUndefined()
      const group = Math.floor(at / 4) + 1
      expect(findRecoveryKeyMistake(changed)).toEqual({ type: 'check', group })
    }
  }
})

test('[V9] two wrong characters, and two that were swapped, are always noticed', () => {
  const characters = [...compact]
  for (let one = 0; one < characters.length; one += 1) {
    for (let other = one + 1; other < characters.length; other += 1) {
      const swapped = characters.with(one, characters[other] ?? '')
      swapped[other] = characters[one] ?? ''
      const noticed = parseRecoveryKey(swapped.join('')) === undefined
      expect(noticed).toBe(swapped.join('') !== compact)
      for (const shift of [1, 7, 19]) {
        const next = (at: number, by: number) =>
          ALPHABET.charAt((ALPHABET.indexOf(characters[at] ?? '') + by) % 32)
        const wrong = characters.with(one, next(one, shift)).with(other, next(other, 31 - shift))
        expect(parseRecoveryKey(wrong.join(''))).toBeUndefined()
      }
    }
  }
})

test('[V9] each mistake has its own type', () => {
  expect(findRecoveryKeyMistake(text)).toBeUndefined()
  expect(findRecoveryKeyMistake(text.slice(1))).toEqual({
    type: 'length',
    characters: 27,
    expected: 28,
  })
  expect(findRecoveryKeyMistake(text.replace(/.$/, 'U'))).toEqual({ type: 'character', group: 7 })
  expect(findRecoveryKeyMistake('0'.repeat(100_000))).toMatchObject({ type: 'length' })
  expect(findRecoveryKeyMistake('')).toMatchObject({ type: 'length', characters: 0 })
  expect(() => findRecoveryKeyMistake(7 as unknown as string)).toThrow(TypeError)
})

test('[V9] any other value parses to undefined and never throws', () => {
  const others = [undefined, null, 7, {}, [], '', 'x', text.slice(1), `${text}0`, '😀'.repeat(28)]
  for (const value of others) expect(parseRecoveryKey(value)).toBeUndefined()
})

test('[V14] text and JSON of a key do not show it', () => {
  const shown = [String(key), JSON.stringify({ key }), `${JSON.stringify(Object.entries(key))}`]
  for (const value of shown) expect(value).not.toContain(text.slice(0, 4))
  expect(String(key)).toBe('[RecoveryKey]')
  expect(() => new RecoveryKey(new Uint8Array(15))).toThrow(TypeError)
})
