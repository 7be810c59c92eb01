import { expect, test } from 'vitest'
import { composeKid, epochByteOfKid, isKid } from '../../src/shared/kid.ts'

const nonce = Uint8Array.of(1, 2, 3, 4, 5, 6)

test('[M8] a KID is the nonce, then the epoch modulo 256', () => {
  expect(composeKid(nonce, 0n)).toBe(0x01020304050600n)
  expect(composeKid(nonce, 0x1ffn)).toBe(0x010203040506ffn)
})

test('[M8] no more than seven bytes are a KID', () => {
  expect(isKid(2n ** 56n - 1n)).toBe(true)
  expect(isKid(2n ** 56n)).toBe(false)
})

test('[M13] a KID names the last byte of its epoch', () => {
  expect(epochByteOfKid(composeKid(nonce, 0n))).toBe(0)
  expect(epochByteOfKid(composeKid(nonce, 0x1ffn))).toBe(255)
})
