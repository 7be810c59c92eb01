import { importAndWipe, randomBytes, webCrypto, wipe } from '@conclave/crypto'
import { afterEach, expect, test, vi } from 'vitest'
import { rising } from './fixtures.ts'

afterEach(() => {
  vi.unstubAllGlobals()
})

test('[K4] the platform’s cryptography, or the code for its absence', () => {
  expect(webCrypto()).toBe(crypto.subtle)
  for (const absent of [undefined, {}]) {
    vi.stubGlobal('crypto', absent)
    expect(() => webCrypto()).toThrow(
      expect.objectContaining({
        code: 'ERR_CRYPTO_UNSUPPORTED',
        details: { feature: 'WebCrypto' },
        message: 'WebCrypto is missing',
      }),
    )
  }
})

test('random bytes have the length that is asked for, and are other ones each time', () => {
  expect([0, 1, 65_536].map((length) => randomBytes(length).length)).toEqual([0, 1, 65_536])
  expect(randomBytes(16)).not.toEqual(randomBytes(16))
})

test('[K5] wiping overwrites all that it is given, and only the view where it is given a view', () => {
  const [one, other] = [rising(1, 4), rising(1, 4)]
  wipe(one, undefined, other.subarray(1, 3))
  expect([[...one], [...other]]).toEqual([
    [0, 0, 0, 0],
    [1, 0, 0, 4],
  ])
  wipe()
})

test('[K5] an import overwrites the material, whether it succeeds or fails', async () => {
  const material = rising(1, 32)
  const importing = importAndWipe(material, 'AES-GCM', ['encrypt'])
  expect((await importing).extractable).toBe(false)
  expect(material).toEqual(new Uint8Array(32))
  const wrong = rising(1, 7)
  await expect(importAndWipe(wrong, 'AES-GCM', ['encrypt'])).rejects.toMatchObject({
    name: 'DataError',
  })
  expect(wrong).toEqual(new Uint8Array(7))
  vi.stubGlobal('crypto', {})
  const unused = rising(1, 32)
  await expect(importAndWipe(unused, 'HKDF', ['deriveBits'])).rejects.toThrow('WebCrypto')
  expect(unused).toEqual(new Uint8Array(32))
})
