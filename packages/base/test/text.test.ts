import {
  decodeText,
  isWellFormed,
  textToBytes,
  textToScratch,
  toByteString,
  writeByteString,
} from '@conclave/base'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

const anyText = fc.string({ unit: 'binary', maxLength: 40 })
const LONE = ['\ud800', 'a\udc00', '\udc00\ud800', 'a\ud83db']

describe('UTF-8', () => {
  test('goes both ways, a byte order mark included', () => {
    for (const text of ['', 'plain', 'hällo', '\ufeffmarked', '\u{1f600}', '\0']) {
      expect(decodeText(textToBytes(text))).toBe(text)
    }
  })

  test('a lone surrogate becomes U+FFFD', () => {
    expect(decodeText(textToBytes('a\ud800b'))).toBe('a\ufffdb')
  })

  test('reads a part of the bytes', () => {
    const bytes = textToBytes('a\u{1f600}z')
    expect(decodeText(bytes, 1, 5)).toBe('\u{1f600}')
    expect(decodeText(bytes, 5)).toBe('z')
    expect(decodeText(bytes, 6)).toBe('')
  })

  test.each([[[0xff]], [[0xc3]], [[0xed, 0xa0, 0x80]], [[0xc0, 0x80]], [[0xf4, 0x90, 0x80, 0x80]]])(
    '%j is no text',
    (bytes) => {
      expect(decodeText(Uint8Array.from(bytes))).toBeUndefined()
    },
  )
})

describe('a scratch buffer', () => {
  test('holds the bytes when they fit, and is left alone by what does not', () => {
    const scratch = new Uint8Array(4)
    const fitting = textToScratch('é', scratch)
    expect([fitting.buffer, ...fitting]).toEqual([scratch.buffer, 0xc3, 0xa9])
    for (const text of ['longer', 'ééé']) {
      const bytes = textToScratch(text, scratch)
      expect(bytes.buffer).not.toBe(scratch.buffer)
      expect(bytes).toEqual(textToBytes(text))
    }
  })

  test('gives the bytes of any text', () => {
    const scratch = new Uint8Array(20)
    fc.assert(
      fc.property(anyText, (text) => {
        expect([...textToScratch(text, scratch)]).toEqual([...textToBytes(text)])
      }),
    )
  })
})

describe('byte strings', () => {
  test('hold one character for each byte of UTF-8', () => {
    expect(toByteString('plain')).toBe('plain')
    expect(toByteString('é€')).toBe('\u00c3\u00a9\u00e2\u0082\u00ac')
    expect(toByteString('\ufeff')).toBe('\u00ef\u00bb\u00bf')
  })

  test('do not exist for a lone surrogate', () => {
    for (const text of LONE) expect(toByteString(text)).toBeUndefined()
  })

  test('are written where they belong', () => {
    const target = new Uint8Array(6)
    expect(writeByteString(target, 2, 'a\u00ff')).toBe(4)
    expect([...target]).toEqual([0, 0, 97, 255, 0, 0])
  })

  test('are the UTF-8 of every well-formed text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const binary = toByteString(text)
        expect(binary !== undefined).toBe(isWellFormed(text))
        if (binary === undefined) return
        const bytes = new Uint8Array(binary.length)
        expect(writeByteString(bytes, 0, binary)).toBe(binary.length)
        expect([...bytes]).toEqual([...textToBytes(text)])
      }),
    )
  })
})

describe('well-formed text', () => {
  const judge = (): boolean[] => ['', 'plain', '\u{1f600}', ...LONE].map(isWellFormed)
  const expected = [true, true, true, false, false, false, false]

  test('has no lone surrogate', () => {
    expect(judge()).toEqual(expected)
  })

  test('is told from other text without help of the engine too', () => {
    const native = Object.getOwnPropertyDescriptor(String.prototype, 'isWellFormed')
    expect(native).toBeDefined()
    Object.defineProperty(String.prototype, 'isWellFormed', {
      value: undefined,
      configurable: true,
    })
    try {
      expect(judge()).toEqual(expected)
    } finally {
      Object.defineProperty(String.prototype, 'isWellFormed', native ?? {})
    }
  })
})
