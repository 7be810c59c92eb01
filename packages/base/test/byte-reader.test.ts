import { ByteReader } from '@conclave/base'
import fc from 'fast-check'
import { expect, test } from 'vitest'

const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6)

test('reads fields in order', () => {
  const reader = new ByteReader(bytes)
  expect([reader.uint(1), reader.uint(2), ...reader.take(2)]).toEqual([1, 0x0203, 4, 5])
  expect([reader.at, reader.left, reader.ok]).toEqual([5, 1, true])
  expect([...reader.copy(1), reader.left, reader.ok]).toEqual([6, 0, true])
})

test('a view shares memory, a copy does not', () => {
  const own = Uint8Array.from(bytes)
  const reader = new ByteReader(own)
  const [view, copy] = [reader.take(1), reader.copy(1)]
  own.fill(9)
  expect([...view, ...copy]).toEqual([9, 2])
})

test.each([7, -1, 2 ** 40, Number.NEGATIVE_INFINITY])(
  'a field of %s bytes does not fit',
  (length) => {
    const reader = new ByteReader(bytes)
    reader.take(2)
    expect([reader.take(length).length, reader.ok]).toEqual([0, false])
    expect([reader.take(1).length, reader.copy(1).length, reader.uint(1)]).toEqual([0, 0, 0])
    expect([reader.at, reader.ok]).toEqual([2, false])
  },
)

test('numbers end at 2^53 − 1', () => {
  const highest = new ByteReader(Uint8Array.of(0, 31, 255, 255, 255, 255, 255, 255))
  expect([highest.uint(8), highest.ok]).toEqual([Number.MAX_SAFE_INTEGER, true])
  const above = new ByteReader(Uint8Array.of(0, 32, 0, 0, 0, 0, 0, 0))
  expect([above.uint(8), above.ok]).toEqual([0, false])
})

test('no lengths make it throw, leave the bytes or go back', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 20 }),
      fc.array(fc.integer({ min: -9, max: 30 })),
      (given, lengths) => {
        const reader = new ByteReader(given)
        const fields: number[] = []
        for (const length of lengths) {
          const before = reader.at
          fields.push(...reader.take(length))
          expect(reader.at).toBeGreaterThanOrEqual(before)
          expect(reader.at + reader.left).toBe(given.length)
        }
        expect(fields).toEqual([...given.subarray(0, reader.at)])
      },
    ),
  )
})
