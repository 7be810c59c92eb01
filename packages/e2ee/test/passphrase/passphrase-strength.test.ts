import {
  BITS_PER_WORD,
  checkPassphrase,
  estimatePassphrase,
  generatePassphrase,
  MIN_PASSPHRASE_BITS,
} from '@conclave/e2ee/passphrase'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { failureOf } from '../fixtures.ts'

describe('the generator', () => {
  test('[K38] draws six words of the list, or as many as are asked for', () => {
    for (const words of [undefined, 6, 12, 24]) {
      const drawn = generatePassphrase(words === undefined ? {} : { words }).split(' ')
      expect(drawn).toHaveLength(words ?? 6)
      for (const word of drawn) expect(wordlist).toContain(word)
    }
    expect(wordlist).toHaveLength(2 ** BITS_PER_WORD)
    for (const words of [0, 5, 25, 6.5, Number.NaN, '6']) {
      expect(() => generatePassphrase({ words: words as number })).toThrow(RangeError)
    }
  })

  test('[K38] each word is equally likely, without rejection sampling', () => {
    let next = 0
    const original = crypto.getRandomValues.bind(crypto)
    Object.defineProperty(crypto, 'getRandomValues', {
      configurable: true,
      value: (bytes: Uint8Array) => {
        const numbers = new Uint16Array(bytes.buffer)
        for (const at of numbers.keys()) numbers[at] = next++ & 0xffff
        return bytes
      },
    })
    const counts = new Map<string, number>()
    try {
      for (let drawn = 0; drawn < 2 ** 16; drawn += 16) {
        for (const word of generatePassphrase({ words: 16 }).split(' ')) {
          counts.set(word, (counts.get(word) ?? 0) + 1)
        }
      }
    } finally {
      Object.defineProperty(crypto, 'getRandomValues', { configurable: true, value: original })
      Reflect.deleteProperty(crypto, 'getRandomValues')
    }
    expect(counts.size).toBe(2048)
    expect(new Set(counts.values())).toEqual(new Set([32]))
  })

  test('[K38, K39] generated passphrases are strong', () => {
    for (let round = 0; round < 2000; round += 1) checkPassphrase(generatePassphrase())
    expect(estimatePassphrase('pioneer velvet orbit magnet lunar satisfy')).toEqual({
      bits: 66,
      isStrong: true,
      patterns: ['word'],
    })
  })
})

describe('the strength check', () => {
  test.each([
    ['', []],
    ['        ', []],
    ['password', ['common']],
    ['P@ssw0rd1!', ['common']],
    ['correct horse battery staple', ['common']],
    ['c0rrecthorsebatterystaple', ['common']],
    ['letmein letmein letmein letmein', ['common', 'repeat']],
    ['abandon abandon abandon abandon abandon abandon', ['word', 'repeat']],
    ['horse army horse army horse army horse army horse army', ['word', 'repeat']],
    ['pioneer velvet orbit magnet', ['word']],
    ['aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', ['repeat']],
    ['ababababababababababababababababab', ['repeat']],
    ['Aa1!Aa1!Aa1!Aa1!Aa1!Aa1!', ['repeat']],
    ['abcdefghijklmnopqrstuvwxyz', ['sequence']],
    ['zyxwvutsrqponmlkjihgfedcba', ['sequence']],
    ['qwertyuiopasdfghjklzxcvbnm', ['keyboard']],
    ['poiuytrewqQWERTYUIOP', ['keyboard']],
    ['1234567890123456789012345678901234567890', ['keyboard', 'repeat']],
    ['01.02.1990', ['date']],
    ['1985-11-05 1985-11-05', ['date', 'repeat']],
    ['Michael1985', ['common', 'date']],
    ['abandon ability able about above', ['sequence']],
    ['zoo zone zero zebra youth', ['sequence']],
    ['one two three four five six', ['sequence']],
    ['One, two, three, four, five, six!', ['sequence', 'word']],
    ['legal winner thank year wave sausage worth useful legal winner thank yellow', ['sequence']],
    ['legal winner thank year wave', ['sequence']],
    ['in the beginning god created', undefined],
    ['Hello darkness, my old friend', ['common', 'word']],
    ['my dog is called Rex 2015', undefined],
    ['tr0ub4dor&3', undefined],
    ['9f$Kd2!x', undefined],
    ['\u{1f511}\u{1f511}\u{1f511}\u{1f511}\u{1f511}\u{1f511}\u{1f511}\u{1f511}', ['repeat']],
  ])('[K39] refused: %s', async (passphrase, patterns) => {
    const strength = estimatePassphrase(passphrase)
    expect(strength.isStrong).toBe(false)
    expect(strength.bits).toBeLessThan(MIN_PASSPHRASE_BITS)
    expect(strength.patterns).toEqual(patterns ?? strength.patterns)
    const error = await failureOf(() => checkPassphrase(passphrase))
    expect(error).toMatchObject({
      code: 'ERR_E2EE_WEAK_PASSPHRASE',
      details: { bits: strength.bits, minBits: MIN_PASSPHRASE_BITS },
    })
    expect(error.message).toBe('the passphrase is too easy to guess')
  })

  test.each([
    'pioneer velvet orbit magnet lunar',
    'PIONEER-velvet.orbit_magnet, lunar',
    'zeitgeist umbrella fjord quixotic',
    'the purple elephant dances under seventeen broken umbrellas',
    'X7#qLp9!zRv2',
    'qzkvxwpjtmhb',
    '\u5bc6\u7801\u77ed\u8bed\u5fc5\u987b\u8db3\u591f\u957f\u624d\u80fd\u5b89\u5168',
  ])('[K39] accepted: %s', (passphrase) => {
    checkPassphrase(passphrase)
    expect(estimatePassphrase(passphrase).isStrong).toBe(true)
  })

  test('[K39] any text has an estimate: odd Unicode, and long ones in bounded time', () => {
    const odd = [
      ...['\ud800', '\udfff\ud800', '\0'.repeat(50), '\u0130\u0131\u00df', '\u200b\u200d\ufeff'],
      ...['\ufdfa'.repeat(300), 'e\u0301'.repeat(300), '__proto__ constructor toString'],
    ]
    for (const text of odd) expect(estimatePassphrase(text).bits).toBeGreaterThanOrEqual(0)
    const started = performance.now()
    for (const unit of ['a', 'ab1!', '\u00e9', '\u{1f511}', 'password ']) {
      expect(estimatePassphrase(unit.repeat(200_000)).isStrong).toBe(false)
    }
    expect(performance.now() - started).toBeLessThan(20_000)
    expect(() => estimatePassphrase(7 as never)).toThrow(TypeError)
    expect(() => checkPassphrase(undefined as never)).toThrow(TypeError)
  })

  test('[K39] no text is an exception, and every estimate is a whole number with its patterns once', () =>
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 60 }),
        fc.string({ unit: 'grapheme', maxLength: 60 }),
        (text, more) => {
          const { bits, isStrong, patterns } = estimatePassphrase(text + more)
          expect(Number.isInteger(bits)).toBe(true)
          expect(isStrong).toBe(bits >= MIN_PASSPHRASE_BITS)
          expect(new Set(patterns).size).toBe(patterns.length)
        },
      ),
      { numRuns: 500 },
    ))
})
