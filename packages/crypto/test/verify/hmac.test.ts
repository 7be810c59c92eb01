import { hmacBytes } from '@conclave/crypto/verify'
import { expect, test } from 'vitest'
import { bytesToHex, hexToBytes, utf8 } from '../fixtures.ts'

/** RFC 4231, test cases 1 to 3. */
test.each([
  [
    '0b'.repeat(20),
    '4869205468657265',
    'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
  ],
  [
    '4a656665',
    '7768617420646f2079612077616e7420666f72206e6f7468696e673f',
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  ],
  [
    'aa'.repeat(20),
    'dd'.repeat(50),
    '773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe',
  ],
])('HMAC-SHA-256 under %s', async (key, bytes, expected) => {
  const [given, text] = [hexToBytes(key), hexToBytes(bytes)]
  const result = hmacBytes(given, text)
  given.fill(0)
  text.fill(0)
  expect(bytesToHex(await result)).toBe(expected)
})

test('a key has at most 64 bytes', async () => {
  expect(await hmacBytes(new Uint8Array(64), utf8('hello'))).toHaveLength(32)
  await expect(hmacBytes(new Uint8Array(65), utf8('hello'))).rejects.toThrow(RangeError)
})
