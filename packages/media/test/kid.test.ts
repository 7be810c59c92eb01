import { expect, test } from 'vitest'
import {
  composeKid,
  decodeKeyDescription,
  encodeKeyDescription,
  epochByteOfKid,
  isKid,
} from '../src/kid.ts'

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

test('[M17] a description says suite and KID, and is read back', () => {
  expect(encodeKeyDescription(0x2an, 4)).toBe('sframe/4/0000000000002a')
  expect(decodeKeyDescription('sframe/4/0000000000002a', 4)).toBe(0x2an)
  expect(decodeKeyDescription(encodeKeyDescription(2n ** 56n - 1n, 5), 5)).toBe(2n ** 56n - 1n)
})

test('[M17] anything else is no description', () => {
  for (const text of [
    '',
    'sframe/4/',
    'sframe/5/0000000000002a',
    'sframe/4/0000000000002A',
    'sframe/4/000000000000002a',
    'sframe/4/0000000000002a\n',
    'sframe/1/0000000000002a',
    42,
    undefined,
    null,
    {},
  ]) {
    expect(decodeKeyDescription(text, 4)).toBeUndefined()
  }
})
