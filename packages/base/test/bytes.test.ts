import {
  compareBytes,
  concatBytes,
  copyBytes,
  decodeBytes,
  equalBytes,
  isBytes,
  uintToBytes,
  viewBytes,
  withLength,
} from '@conclave/base'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

const bytes = (...values: readonly number[]): Uint8Array<ArrayBuffer> => Uint8Array.from(values)

describe('putting together', () => {
  test('concatenates arrays and views into fresh memory', () => {
    const part = bytes(0, 1, 2, 3).subarray(1, 3)
    const whole = concatBytes(part, [4], new Uint8Array())
    expect(whole).toEqual(bytes(1, 2, 4))
    part[0] = 9
    expect(whole).toEqual(bytes(1, 2, 4))
    expect(concatBytes()).toEqual(bytes())
  })

  test('writes a length as a u16 before the bytes', () => {
    expect(withLength(bytes())).toEqual(bytes(0, 0))
    expect(withLength(new Uint8Array(258)).subarray(0, 3)).toEqual(bytes(1, 2, 0))
    expect(withLength(new Uint8Array(65_535))).toHaveLength(65_537)
  })

  test.each([
    [0, 1, [0]],
    [255, 1, [255]],
    [258, 2, [1, 2]],
    [258, 8, [0, 0, 0, 0, 0, 0, 1, 2]],
    [2 ** 53 - 1, 8, [0, 31, 255, 255, 255, 255, 255, 255]],
    [2n ** 64n - 1n, 8, [255, 255, 255, 255, 255, 255, 255, 255]],
  ] as const)('%s in %s bytes', (value, length, expected) => {
    expect([...uintToBytes(value, length)]).toEqual(expected)
  })
})

describe('arguments', () => {
  test('knows bytes from everything else', () => {
    expect(isBytes(bytes(1))).toBe(true)
    expect(isBytes(new (class extends Uint8Array {})(2))).toBe(true)
    const others = [
      ...[
        undefined,
        null,
        7,
        'text',
        [1],
        {},
        new ArrayBuffer(1),
        new DataView(new ArrayBuffer(1)),
      ],
      ...[new Uint16Array(1), new Uint8ClampedArray(1), { [Symbol.toStringTag]: 'Uint8Array' }],
    ]
    for (const value of others) expect(isBytes(value)).toBe(false)
  })

  test('copies an argument, and names it when it is no bytes or has another length', () => {
    const given = bytes(1, 2)
    const copy = copyBytes('key', given, 2)
    given.fill(9)
    expect(copy).toEqual(bytes(1, 2))
    expect(() => copyBytes('key', 'secret')).toThrow('"key" expected Uint8Array, got type=string')
    expect(() => copyBytes('key', given, 32)).toThrow(
      '"key" expected Uint8Array of length 32, got length=2',
    )
    for (const value of [null, [1], new Uint16Array(32), new ArrayBuffer(32)]) {
      expect(() => copyBytes('key', value, 32)).toThrow(TypeError)
    }
  })
})

describe('untrusted bytes', () => {
  const bounds = { min: 1, max: 4 }

  test('copies what lies within the bounds', () => {
    const given = bytes(1, 2, 3, 4)
    const copy = decodeBytes(given, bounds)
    given.fill(9)
    expect(copy).toEqual(bytes(1, 2, 3, 4))
    expect(decodeBytes(bytes(7), bounds)).toEqual(bytes(7))
    expect(decodeBytes(bytes(0, 7, 0).subarray(1, 2), bounds)?.buffer.byteLength).toBe(1)
  })

  test('refuses everything else, whatever it does when it is looked at', () => {
    const trap = (name: PropertyKey): unknown =>
      Object.defineProperty(bytes(1), name, {
        get: () => {
          throw new Error('looked at')
        },
      })
    class Liar extends Uint8Array<ArrayBuffer> {
      override get length(): number {
        return 2
      }
    }
    const gone = bytes(1)
    structuredClone(gone.buffer, { transfer: [gone.buffer] })
    const others = [
      ...[undefined, null, 7, 'text', [1], new ArrayBuffer(1), new Uint16Array(1)],
      ...[bytes(), bytes(1, 2, 3, 4, 5), trap('length'), trap(Symbol.toStringTag), gone],
      ...[new Liar(new ArrayBuffer(9)), new Liar(new ArrayBuffer(0)), new Proxy(bytes(1), {})],
    ]
    for (const value of others) expect(decodeBytes(value, bounds)).toBeUndefined()
  })

  test('no value of any kind makes it throw', () => {
    fc.assert(
      fc.property(fc.anything({ withTypedArray: true, withNullPrototype: true }), (value) => {
        const decoded = decodeBytes(value, bounds)
        expect(decoded === undefined || (decoded.length >= 1 && decoded.length <= 4)).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('comparing', () => {
  test('tells equal bytes from others', () => {
    expect(equalBytes(bytes(1, 2), bytes(1, 2))).toBe(true)
    for (const other of [bytes(1, 3), bytes(1), bytes(1, 2, 0), bytes()]) {
      expect(equalBytes(bytes(1, 2), other)).toBe(false)
    }
  })

  test('orders byte by byte, a prefix before the longer array', () => {
    const order = [bytes(), bytes(0), bytes(0, 0), bytes(0, 255), bytes(1), bytes(200, 3)]
    expect(order.toReversed().toSorted(compareBytes)).toEqual(order)
    expect(compareBytes(bytes(5), bytes(5))).toBe(0)
  })
})

describe('memory', () => {
  const shared = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer
  const transferred = bytes(1, 2)
  structuredClone(transferred.buffer, { transfer: [transferred.buffer] })

  test('every form of it is viewed as bytes, none of them copied', () => {
    const own = bytes(0, 1, 2, 3)
    for (const value of [own, own.buffer, new DataView(own.buffer), new Int8Array(own.buffer)]) {
      const view = viewBytes(value)
      expect(view).toEqual(own)
      expect(view?.buffer).toBe(own.buffer)
    }
    expect(viewBytes(own.subarray(1, 3))).toEqual(bytes(1, 2))
    expect(viewBytes(new Uint16Array(own.buffer, 2))).toEqual(bytes(2, 3))
    expect(viewBytes(shared)).toHaveLength(65_536)
  })

  test('a view does not say what a subclass says', () => {
    const Lying = class extends Uint8Array<ArrayBuffer> {
      override get length(): number {
        return 2 ** 40
      }
    }
    expect(viewBytes(new Lying(new ArrayBuffer(2)))).toHaveLength(2)
    expect(copyBytes('key', new Lying(new ArrayBuffer(2)), 2)).toEqual(bytes(0, 0))
  })

  test('anything else is undefined, memory that was transferred too', () => {
    const claiming = { [Symbol.toStringTag]: 'ArrayBuffer', byteLength: 2 ** 30, length: 2 ** 30 }
    const throwing = new Proxy([], {
      get: () => {
        throw new Error('thrown by the input itself')
      },
    })
    const others = [undefined, null, 7, 'text', [1], {}, claiming, throwing, transferred]
    for (const value of others) expect(viewBytes(value)).toBeUndefined()
  })

  test('an argument whose memory was transferred is named', () => {
    expect(() => copyBytes('key', transferred)).toThrow(/^"key" expected Uint8Array/)
  })
})
