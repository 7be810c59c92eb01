import { decodeBase64Url, encodeBase64Url } from '@conclave/base'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { decodePortably, encodePortably } from '../src/base64url.ts'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** The obvious one: all bits as text, and only what encodes to itself. */
function decodePlainly(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (![...text].every((character) => ALPHABET.includes(character))) return undefined
  const bits = Array.from(text, (character) =>
    ALPHABET.indexOf(character).toString(2).padStart(6, '0'),
  ).join('')
  const bytes = Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2))
  const isCanonical = bits.length % 8 < 6 && !bits.slice(bytes.length * 8).includes('1')
  return isCanonical ? bytes : undefined
}

const list = (bytes: Uint8Array | undefined): number[] | undefined => bytes && [...bytes]

/** Replaces functions of the engine until the test ends. */
function replace(target: object, name: string, value: unknown): void {
  const descriptor = Object.getOwnPropertyDescriptor(target, name)
  Object.defineProperty(target, name, { value, configurable: true, writable: true })
  restorations.push(() => {
    if (descriptor === undefined) Reflect.deleteProperty(target, name)
    else Object.defineProperty(target, name, descriptor)
  })
}

const restorations: (() => void)[] = []

afterEach(() => {
  for (const restore of restorations.splice(0)) restore()
})

const pairs: [string, number[]][] = [
  ['', []],
  ['Zg', [0x66]],
  ['Zm8', [0x66, 0x6f]],
  ['Zm9v', [0x66, 0x6f, 0x6f]],
  ['Zm9vYg', [0x66, 0x6f, 0x6f, 0x62]],
  ['-_8', [0xfb, 0xff]],
]

const refused = [
  ...['Z', 'Zm9vY', 'Zg==', 'Zm8=', 'Zh', 'Zm9', 'Zm9v\n', ' Zm9v', 'Zm 9v', '+/8', 'Zm9é'],
  ...['Zg\0', '====', '\u0141\u0141\u0141\u0141', 'Zm9\u{1f600}', '\ud800AAA', 'Zg=', 'Zg=a'],
]

describe('base64url', () => {
  test.each(pairs)('[W3] %s goes both ways', (text, bytes) => {
    expect(encodeBase64Url(new Uint8Array(bytes))).toBe(text)
    expect(list(decodeBase64Url(text))).toEqual(bytes)
    expect(encodePortably(new Uint8Array(bytes))).toBe(text)
    expect(list(decodeBase64Url(text, decodePortably))).toEqual(bytes)
  })

  test.each(refused)('[W3] %j is not base64url', (text) => {
    expect(decodeBase64Url(text)).toBeUndefined()
    expect(decodeBase64Url(text, decodePortably)).toBeUndefined()
  })

  test('[W3, P26] agrees with the plain implementation, for bytes and for any text', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 100 }),
        fc.string({ maxLength: 20 }),
        (bytes, text) => {
          const encoded = encodeBase64Url(bytes)
          expect(encoded).toBe(encodePortably(bytes))
          expect(list(decodeBase64Url(encoded))).toEqual([...bytes])
          for (const given of [encoded, text, `${encoded}${text}`, `${text}${encoded}`]) {
            const plain = list(decodePlainly(given))
            expect(list(decodeBase64Url(given))).toEqual(plain)
            expect(list(decodeBase64Url(given, decodePortably))).toEqual(plain)
          }
        },
      ),
      { numRuns: 500 },
    )
  })

  test('[W3, P26] every text of few characters of the alphabet and its neighbours is judged alike', () => {
    const characters = ['A', 'B', 'Q', '_', '-', '+', '/', '=', ' ', '\n', '\0', 'é']
    const texts = characters.flatMap((a) =>
      characters.flatMap((b) => [a, a + b, `AA${a}${b}`, `AA${a}${b}A`]),
    )
    for (const text of texts) {
      const plain = list(decodePlainly(text))
      for (const ours of [decodeBase64Url(text), decodeBase64Url(text, decodePortably)]) {
        expect(list(ours), JSON.stringify(text)).toEqual(plain)
      }
    }
  })

  test('decoded bytes lie in their own memory', () => {
    for (const length of [1, 16, 5000]) {
      const decoded = decodeBase64Url(encodeBase64Url(new Uint8Array(length)))
      expect(decoded?.buffer.byteLength).toBe(length)
    }
  })

  test('encodes a part of a buffer', () => {
    const part = Uint8Array.of(0, 0x66, 0x6f, 0x6f, 0).subarray(1, 4)
    expect(encodeBase64Url(part)).toBe('Zm9v')
  })
})

describe('engines', () => {
  /** A decoder that forgives and skips as engines may. */
  const lenient = (text: string): Uint8Array<ArrayBuffer> =>
    Uint8Array.from(atob(text.replaceAll(/[^A-Za-z0-9]/g, 'A').replaceAll('=', '')), (byte) =>
      byte.charCodeAt(0),
    )

  test('[W3] an engine’s own functions are used where they are', () => {
    const calls: unknown[] = []
    replace(Uint8Array, 'fromBase64', (text: string, options: unknown) => {
      calls.push(options)
      return decodePortably(text)
    })
    replace(Uint8Array.prototype, 'toBase64', function (this: Uint8Array, options: unknown) {
      calls.push(options)
      return encodePortably(this)
    })
    expect(encodeBase64Url(Uint8Array.of(0xfb, 0xff))).toBe('-_8')
    expect(list(decodeBase64Url('-_8'))).toEqual([0xfb, 0xff])
    expect(calls).toEqual([{ alphabet: 'base64url', omitPadding: true }, { alphabet: 'base64url' }])
  })

  test('[W3] engines without native functions give the same results', () => {
    replace(Uint8Array, 'fromBase64', undefined)
    replace(Uint8Array.prototype, 'toBase64', undefined)
    for (const [text, bytes] of pairs) {
      expect(encodeBase64Url(new Uint8Array(bytes))).toBe(text)
      expect(list(decodeBase64Url(text))).toEqual(bytes)
    }
    for (const text of refused) expect(decodeBase64Url(text)).toBeUndefined()
  })

  test('[W3] an engine is not asked about text that it might forgive', () => {
    const asked: string[] = []
    const forgiving = (text: string): Uint8Array<ArrayBuffer> => {
      asked.push(text)
      return lenient(text)
    }
    for (const text of [...refused, 'Zm9v\n', 'Zm9vY', 'Z', 'Zh', 'Zm9']) {
      expect(decodeBase64Url(text, forgiving)).toBeUndefined()
    }
    expect(asked).toEqual([])
    expect(list(decodeBase64Url('Zm9vYg', forgiving))).toEqual([0x66, 0x6f, 0x6f, 0x62])
  })
})
