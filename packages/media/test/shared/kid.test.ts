import { expect, onTestFinished, test, vi } from 'vitest'
import { encodeSFrameHeader } from '../../src/sframe/header.ts'
import { composeKid, drawKidNonce, epochByteOfKid, isKid } from '../../src/shared/kid.ts'

const nonce = Uint8Array.of(1, 2, 3, 4, 5, 6)

test('[M8] a KID is the nonce, then the epoch modulo 256', () => {
  expect(composeKid(nonce, 0n)).toBe(0x01020304050600n)
  expect(composeKid(nonce, 0x1ffn)).toBe(0x010203040506ffn)
})

test('[M8, M45] the first byte of a nonce is not 0, so no header begins like a frame of VP9', () => {
  let draws = 0
  const random = vi.spyOn(crypto, 'getRandomValues').mockImplementation((array) => {
    draws += 1
    if (draws > 2) (array as unknown as Uint8Array).fill(7)
    return array
  })
  onTestFinished(() => random.mockRestore())
  expect(drawKidNonce()).toEqual(new Uint8Array(6).fill(7))
  expect(draws).toBe(3)
  const least = composeKid(Uint8Array.of(1, 0, 0, 0, 0, 0), 0n)
  for (const ctr of [0n, 7n, 8n, 2n ** 32n - 1n]) {
    expect((encodeSFrameHeader(least, ctr)[0] ?? 0) >> 6).toBe(0b11)
  }
})

test('[M8] no more than seven bytes are a KID', () => {
  expect(isKid(2n ** 56n - 1n)).toBe(true)
  expect(isKid(2n ** 56n)).toBe(false)
})

test('[M13] a KID names the last byte of its epoch', () => {
  expect(epochByteOfKid(composeKid(nonce, 0n))).toBe(0)
  expect(epochByteOfKid(composeKid(nonce, 0x1ffn))).toBe(255)
})
