import { equalDigests, hashBytes } from '@conclave/crypto/verify'
import { expect, test } from 'vitest'
import { bytesToHex, flipBit, utf8 } from '../fixtures.ts'

/** NIST, "Examples with intermediate values", SHA-256. */
test.each([
  ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
])('the digest of %j', async (text, digest) => {
  expect(bytesToHex(await hashBytes(utf8(text)))).toBe(digest)
})

test('digests are equal when all their bytes are', async () => {
  const digest = await hashBytes(utf8('abc'))
  expect(equalDigests(digest, new Uint8Array(digest))).toBe(true)
  for (let at = 0; at < digest.length; at += 1) {
    expect(equalDigests(digest, flipBit(digest, at, at % 8))).toBe(false)
  }
  for (const other of [digest.subarray(1), new Uint8Array([...digest, 0]), new Uint8Array()]) {
    expect(equalDigests(digest, other)).toBe(false)
    expect(equalDigests(other, digest)).toBe(false)
  }
  expect(equalDigests(new Uint8Array(), new Uint8Array())).toBe(true)
})
