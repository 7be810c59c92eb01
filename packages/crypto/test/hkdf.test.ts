import { HASH_BYTES, importAndWipe, MAX_EXPAND_BYTES } from '@conclave/crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytesToHex, hexToBytes, rising, utf8 } from './fixtures.ts'
import { PLATFORMS } from './platforms.ts'

/** RFC 5869 appendix A, the cases with SHA-256. */
const cases = [
  {
    name: 'A.1',
    ikm: new Uint8Array(22).fill(0x0b),
    salt: rising(0, 13),
    info: rising(0xf0, 10),
    prk: '077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5',
    okm: '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
  },
  {
    name: 'A.2',
    ikm: rising(0, 80),
    salt: rising(0x60, 80),
    info: rising(0xb0, 80),
    prk: '06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244',
    okm:
      'b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e59' +
      '0e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87',
  },
  {
    name: 'A.3',
    ikm: new Uint8Array(22).fill(0x0b),
    salt: new Uint8Array(),
    info: new Uint8Array(),
    prk: '19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04',
    okm: '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
  },
]

describe.each(PLATFORMS)('RFC 5869 by %s', (_, platform) => {
  const { importHkdfKey, deriveBytes, importExpandKey, expand } = platform

  test.each(cases)('[K6] $name, both steps', async ({ ikm, salt, info, okm }) => {
    const key = await importHkdfKey(new Uint8Array(ikm))
    const length = okm.length / 2
    expect(bytesToHex(await deriveBytes(key, { salt, info, length }))).toBe(okm)
  })

  test.each(cases)('[K6] $name, the second step', async ({ prk, info, okm }) => {
    const key = await importExpandKey(hexToBytes(prk))
    for (const length of [1, 31, 32, 33, okm.length / 2]) {
      expect(bytesToHex(await expand(key, { info, length }))).toBe(okm.slice(0, length * 2))
    }
  })
})

describe.each(PLATFORMS)('derivation by %s', (_, platform) => {
  const { importHkdfKey, deriveBytes, deriveAesGcmKey, importExpandKey, expand } = platform
  const { encryptAesGcm } = platform

  test('a salt that is left out is an empty one', async () => {
    const key = await importHkdfKey(utf8('key material'))
    const options = { info: utf8('info'), length: 20 }
    const salted = await deriveBytes(key, { ...options, salt: new Uint8Array() })
    expect(await deriveBytes(key, options)).toEqual(salted)
    expect(await deriveBytes(key, { ...options, salt: new Uint8Array(32) })).toEqual(salted)
    expect(await deriveBytes(key, { ...options, salt: Uint8Array.of(1) })).not.toEqual(salted)
  })

  test('another hash gives other bytes', async () => {
    const key = await importHkdfKey(utf8('key material'))
    const options = { info: utf8('info'), length: 64 }
    const outputs = await Promise.all([
      deriveBytes(key, options),
      deriveBytes(key, { ...options, hash: 'SHA-256' }),
      deriveBytes(key, { ...options, hash: 'SHA-512' }),
    ])
    expect(outputs[0]).toEqual(outputs[1])
    expect(outputs[0]).not.toEqual(outputs[2])
  })

  test.each([16, 32] as const)('a key of %i bytes is that of the derived bytes', async (bytes) => {
    const ikm = await importHkdfKey(utf8('key material'))
    const options = { salt: utf8('salt'), info: utf8('info') }
    const derived = await deriveAesGcmKey(ikm, { ...options, bytes, usages: ['encrypt'] })
    const same = await importAndWipe(
      await deriveBytes(ikm, { ...options, length: bytes }),
      'AES-GCM',
      ['encrypt'],
    )
    const context = { nonce: new Uint8Array(12) }
    expect(await encryptAesGcm(derived, context, utf8('x'))).toEqual(
      await encryptAesGcm(same, context, utf8('x')),
    )
    const opening = await deriveAesGcmKey(ikm, { ...options, bytes, usages: ['decrypt'] })
    await expect(encryptAesGcm(opening, context, utf8('x'))).rejects.toMatchObject({
      name: 'InvalidAccessError',
    })
    const raw = rising(1, 20)
    const given = await importAndWipe(raw, 'HKDF', ['deriveBits', 'deriveKey'])
    const usages: ('encrypt' | 'decrypt')[] = ['encrypt', 'decrypt']
    expect(await deriveAesGcmKey(given, { ...options, bytes, usages })).toMatchObject({
      extractable: false,
      algorithm: { name: 'AES-GCM', length: bytes * 8 },
    })
  })

  test('key material, salts and infos of any length give what the other implementations give', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 200 }),
        fc.uint8Array({ maxLength: 200 }),
        fc.uint8Array({ maxLength: 3000 }),
        fc.integer({ min: 1, max: 300 }),
        fc.constantFrom('SHA-256' as const, 'SHA-512' as const),
        async (ikm, salt, info, length, hash) => {
          const given = { salt: new Uint8Array(salt), info: new Uint8Array(info), length, hash }
          const all = await Promise.all(
            PLATFORMS.map(async ([, one]) =>
              one.deriveBytes(await one.importHkdfKey(new Uint8Array(ikm)), given),
            ),
          )
          const mine = await deriveBytes(await importHkdfKey(new Uint8Array(ikm)), given)
          for (const bytes of all) expect(bytes).toEqual(mine)
          expect(mine.constructor).toBe(Uint8Array)
        },
      ),
      { numRuns: 30 },
    )
  })

  test('more than 255 blocks are refused', async () => {
    const ikm = await importHkdfKey(rising(0, 32))
    const info = utf8('info')
    for (const [hash, blocks] of [
      ['SHA-256', 32],
      ['SHA-512', 64],
    ] as const) {
      expect(await deriveBytes(ikm, { info, hash, length: 255 * blocks })).toHaveLength(
        255 * blocks,
      )
      await expect(deriveBytes(ikm, { info, hash, length: 255 * blocks + 1 })).rejects.toThrow(/./)
    }
  })

  test('expansion ends at 255 blocks, and shorter outputs are beginnings of longer ones', async () => {
    expect(MAX_EXPAND_BYTES).toBe(255 * HASH_BYTES)
    const key = await importExpandKey(rising(0, 32))
    const info = utf8('info')
    const longest = await expand(key, { info, length: MAX_EXPAND_BYTES })
    expect(longest).toHaveLength(8160)
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 300 }), async (length) => {
        expect(await expand(key, { info, length })).toEqual(longest.slice(0, length))
      }),
      { numRuns: 30 },
    )
  })

  test('[K5] key material is overwritten by its import', async () => {
    for (const importKey of [importHkdfKey, importExpandKey]) {
      const material = rising(1, 32)
      await importKey(material)
      expect(material).toEqual(new Uint8Array(32))
    }
  })
})
