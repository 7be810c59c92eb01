import { describe, expect, test } from 'vitest'
import { bytesToHex, utf8 } from '../fixtures.ts'
import { PLATFORMS } from '../platforms.ts'

describe.each(PLATFORMS)('SHA-256 by %s', (_, { hashBytes }) => {
  /** NIST, "Examples with intermediate values", SHA-256. */
  test.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ])('the digest of %j', async (text, digest) => {
    const hash = await hashBytes(utf8(text))
    expect(bytesToHex(hash)).toBe(digest)
    expect([hash.constructor, hash.buffer.byteLength]).toEqual([Uint8Array, 32])
  })
})
