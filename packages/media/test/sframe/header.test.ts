import { expect, test } from 'vitest'
import { decodeSFrameHeader, encodeSFrameHeader } from '../../src/sframe/header.ts'

const top = 2n ** 64n - 1n

test('[M2] small values lie in the first byte', () => {
  expect(encodeSFrameHeader(7n, 6n)).toEqual(Uint8Array.of(0x76))
})

test('[M2] values from 8 take as many bytes as they need, the KID first', () => {
  expect(encodeSFrameHeader(8n, 0x100n)).toEqual(Uint8Array.of(0x89, 8, 1, 0))
  expect(encodeSFrameHeader(top, top)).toHaveLength(17)
})

test('[M2] a written header is read, and the bytes after it are not touched', () => {
  for (const kid of [0n, 7n, 8n, 255n, 256n, 2n ** 56n - 1n, 2n ** 56n, top]) {
    for (const ctr of [0n, 7n, 8n, 65_535n, 2n ** 32n, top]) {
      const header = encodeSFrameHeader(kid, ctr)
      const frame = Uint8Array.of(...header, 1, 2, 3)
      expect(decodeSFrameHeader(frame)).toEqual({ kid, ctr, length: header.length })
    }
  }
})

test('[M2] a truncated header is malformed, at every length', () => {
  const header = encodeSFrameHeader(2n ** 56n, 2n ** 40n)
  for (let length = 0; length < header.length; length += 1) {
    expect(decodeSFrameHeader(header.subarray(0, length))).toBeUndefined()
  }
})

test('[M2] a header that is longer than need be is malformed', () => {
  expect(decodeSFrameHeader(Uint8Array.of(0x80, 7))).toBeUndefined()
  expect(decodeSFrameHeader(Uint8Array.of(0x90, 0, 8))).toBeUndefined()
  expect(decodeSFrameHeader(Uint8Array.of(0x08, 0))).toBeUndefined()
  expect(decodeSFrameHeader(Uint8Array.of(0x0a, 0, 255, 255))).toBeUndefined()
})

test('[M2] a value of more than 64 bits is a mistake of the caller', () => {
  expect(() => encodeSFrameHeader(top + 1n, 0n)).toThrow(RangeError)
  expect(() => encodeSFrameHeader(0n, -1n)).toThrow(RangeError)
})
