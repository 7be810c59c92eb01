import fc from 'fast-check'
import { encodeBase64Url } from '@conclave/base'
import { expect, test } from 'vitest'
import {
  MAX_FRAME_BYTES,
  decodeFileFrame,
  decodeWish,
  encodeFileFrame,
  encodeWish,
} from '../../src/files/file-frame.ts'

const u32 = fc.nat({ max: 2 ** 32 - 1 })

test('[R193] every frame comes back as it was made, and no other bytes are one', () => {
  const bytes = (length: object) => fc.uint8Array(length).map((made) => new Uint8Array(made))
  const sealed = bytes({ minLength: 16, maxLength: 300 })
  const id = bytes({ minLength: 16, maxLength: 16 }).map(encodeBase64Url)
  const type = fc.constantFrom('part', 'wish')
  fc.assert(
    fc.property(fc.record({ type, id, run: u32, index: u32, sealed }), (frame) => {
      expect(decodeFileFrame(encodeFileFrame(frame))).toEqual(frame)
    }),
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (input) => {
      const frame = decodeFileFrame(input)
      const again = frame && encodeFileFrame(frame)
      expect(again ?? new Uint8Array(input)).toEqual(new Uint8Array(input))
    }),
  )
  const longest = new Uint8Array(MAX_FRAME_BYTES)
  longest[0] = 1
  expect(decodeFileFrame(longest)).toBeDefined()
  const others = [[...longest, 0], longest.with(0, 3), longest.slice(0, 25 + 15), []]
  for (const other of others) expect(decodeFileFrame(Uint8Array.from(other))).toBe(undefined)
})

test('[R194] a wish is two numbers, and nothing else is one', () => {
  fc.assert(
    fc.property(u32, u32, (next, limit) => {
      expect(decodeWish(encodeWish({ next, limit }))).toEqual({ next, limit })
    }),
  )
  for (const length of [0, 7, 9]) expect(decodeWish(new Uint8Array(length))).toBe(undefined)
})
