import { importAndWipe, NONCE_BYTES, randomBytes, TAG_BYTES } from '@conclave/crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytesToHex, flipBit, hexToBytes, rising, utf8 } from './fixtures.ts'
import { PLATFORMS } from './platforms.ts'

/** McGrew and Viega, "The Galois/Counter Mode of Operation", test cases 4 and 16. */
const KEY = 'feffe9928665731c6d6a8f9467308308'
const NONCE = 'cafebabefacedbaddecaf888'
const ADDITIONAL_DATA = 'feedfacedeadbeeffeedfacedeadbeefabaddad2'
const PLAINTEXT =
  'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72' +
  '1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39'
const SEALED = {
  128:
    '42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e' +
    '21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091' +
    '5bc94fbc3221a5db94fae95ae7121a47',
  256:
    '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa' +
    '8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662' +
    '76fc6ece0f4e1768cddf8853bb2d551b',
}

describe.each(PLATFORMS)('AES-GCM by %s', (_, platform) => {
  const { importAesGcmKey: importKey, encryptAesGcm, decryptAesGcm } = platform

  test.each([128, 256] as const)('the published case with a key of %i bits', async (bits) => {
    const key = await importKey(hexToBytes(KEY.repeat(bits / 128)))
    const context = { nonce: hexToBytes(NONCE), additionalData: hexToBytes(ADDITIONAL_DATA) }
    const sealed = await encryptAesGcm(key, context, hexToBytes(PLAINTEXT))
    expect(bytesToHex(sealed)).toBe(SEALED[bits])
    const plaintext = await decryptAesGcm(key, context, sealed)
    expect(plaintext && bytesToHex(plaintext)).toBe(PLAINTEXT)
  })

  test('any bytes come back', async () => {
    const key = await importKey(randomBytes(16))
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 60 }),
        fc.option(fc.uint8Array({ maxLength: 20 }), { nil: undefined }),
        fc.constantFrom(undefined, 4, 8, 12, 16),
        async (plaintext, additionalData, tagBytes) => {
          const context = {
            nonce: randomBytes(NONCE_BYTES),
            ...(additionalData && { additionalData: new Uint8Array(additionalData) }),
            ...(tagBytes && { tagBytes }),
          }
          const sealed = await encryptAesGcm(key, context, new Uint8Array(plaintext))
          expect(sealed).toHaveLength(plaintext.length + (tagBytes ?? TAG_BYTES))
          expect(await decryptAesGcm(key, context, sealed)).toEqual(new Uint8Array(plaintext))
        },
      ),
      { numRuns: 60 },
    )
  })

  test('[P30] anything that does not authenticate is undefined, for one reason', async () => {
    const key = await importKey(randomBytes(32))
    const context = { nonce: new Uint8Array(NONCE_BYTES), additionalData: utf8('context') }
    const sealed = await encryptAesGcm(key, context, utf8('plaintext'))
    for (let at = 0; at < sealed.length; at += 1) {
      expect(await decryptAesGcm(key, context, flipBit(sealed, at))).toBeUndefined()
    }
    for (let length = 0; length < sealed.length; length += 1) {
      expect(await decryptAesGcm(key, context, sealed.slice(0, length))).toBeUndefined()
    }
    const others = [
      { ...context, nonce: flipBit(context.nonce, 11) },
      { ...context, additionalData: utf8('contexu') },
      { nonce: context.nonce },
      { ...context, tagBytes: 8 },
    ]
    for (const other of others) expect(await decryptAesGcm(key, other, sealed)).toBeUndefined()
    const otherKey = await importKey(randomBytes(32))
    expect(await decryptAesGcm(otherKey, context, sealed)).toBeUndefined()
  })

  test('arguments are read before the call returns', async () => {
    const key = await importKey(randomBytes(32))
    const context = { nonce: new Uint8Array(NONCE_BYTES), additionalData: utf8('context') }
    const given = { nonce: new Uint8Array(NONCE_BYTES), additionalData: utf8('context') }
    const wipe = (...all: Uint8Array[]): void => all.forEach((bytes) => bytes.fill(9))
    const plaintext = utf8('plaintext')
    const sealing = encryptAesGcm(key, given, plaintext)
    wipe(given.nonce, given.additionalData, plaintext)
    const sealed = await sealing
    const copy = new Uint8Array(sealed)
    const opening = decryptAesGcm(key, context, copy)
    wipe(copy)
    expect(await opening).toEqual(utf8('plaintext'))
  })

  test('no result is a Buffer, or shares memory', async () => {
    const key = await importKey(randomBytes(32))
    const context = { nonce: new Uint8Array(NONCE_BYTES) }
    const sealed = await encryptAesGcm(key, context, utf8('plaintext'))
    const plaintext = await decryptAesGcm(key, context, sealed)
    for (const bytes of [sealed, plaintext ?? sealed.subarray(1)]) {
      expect(bytes.constructor).toBe(Uint8Array)
      expect(bytes.buffer.byteLength).toBe(bytes.length)
    }
    expect(await decryptAesGcm(key, context, await encryptAesGcm(key, context, utf8('')))).toEqual(
      utf8(''),
    )
  })

  test('[K5] key material is overwritten by its import, also when it is no key', async () => {
    const material = rising(1, 32)
    const importing = importKey(material)
    await importing
    expect(material).toEqual(new Uint8Array(32))
    for (const length of [0, 1, 15, 17, 31, 33]) {
      const wrong = rising(1, length)
      await expect(importKey(wrong)).rejects.toMatchObject({ name: 'DataError' })
      expect(wrong).toEqual(new Uint8Array(length))
    }
  })

  test('tags of a wrong length are rejected when sealing, and undefined when opening', async () => {
    const key = await importKey(randomBytes(32))
    const good = { nonce: new Uint8Array(NONCE_BYTES) }
    const sealed = await encryptAesGcm(key, good, utf8('plaintext'))
    for (const tagBytes of [0, 1, 5, 17, -1]) {
      const context = { ...good, tagBytes }
      await expect(encryptAesGcm(key, context, utf8('plaintext'))).rejects.toThrow(/./)
      expect(await decryptAesGcm(key, context, sealed)).toBeUndefined()
    }
  })

  test('a CryptoKey of an application stays one, with its usages', async () => {
    const context = { nonce: new Uint8Array(NONCE_BYTES) }
    const raw = rising(1, 32)
    const sealed = await encryptAesGcm(await importKey(rising(1, 32)), context, utf8('x'))
    const opening = await importAndWipe(raw, 'AES-GCM', ['decrypt'])
    expect(await decryptAesGcm(opening, context, sealed)).toEqual(utf8('x'))
    await expect(encryptAesGcm(opening, context, utf8('x'))).rejects.toMatchObject({
      name: 'InvalidAccessError',
    })
  })
})

test.each(PLATFORMS)(
  'a result of %s begins with the bytes that it is told',
  async (_, { importAesGcmKey, encryptAesGcm }) => {
    const key = await importAesGcmKey(rising(1, 32))
    const context = { nonce: new Uint8Array(NONCE_BYTES), additionalData: utf8('context') }
    const sealed = await encryptAesGcm(key, context, utf8('plaintext'))
    for (const lead of [rising(5, 0), rising(5, 1), rising(5, 40)]) {
      expect(await encryptAesGcm(key, { ...context, lead }, utf8('plaintext'))).toEqual(
        Uint8Array.of(...lead, ...sealed),
      )
    }
  },
)

test('every implementation opens the bytes that another one sealed', async () => {
  for (const [, one] of PLATFORMS) {
    for (const [, other] of PLATFORMS) {
      const [here, there] = [rising(7, 32), rising(7, 32)]
      const context = { nonce: rising(0, NONCE_BYTES), additionalData: utf8('context') }
      const sealed = await one.encryptAesGcm(await one.importAesGcmKey(here), context, utf8('text'))
      const key = await other.importAesGcmKey(there)
      expect(await other.decryptAesGcm(key, context, sealed)).toEqual(utf8('text'))
      expect(
        await one.decryptAesGcm(
          await importAndWipe(rising(7, 32), 'AES-GCM', ['decrypt']),
          context,
          sealed,
        ),
      ).toEqual(utf8('text'))
    }
  }
})
