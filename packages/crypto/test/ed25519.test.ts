import {
  checkSigningPair,
  CURVE_KEY_BYTES,
  generateSigningPair,
  importSigningSeed,
  randomBytes,
  SIGNATURE_BYTES,
  signBytes,
} from '@conclave/crypto'
import { verifySignature } from '@conclave/crypto/verify'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { bytesToHex, hexToBytes, refuseAlgorithm, rising, utf8 } from './fixtures.ts'

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

/** RFC 8032 §7.1, tests 1 to 3. */
const cases = [
  {
    seed: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    publicKey: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    message: '',
    signature:
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b' +
      'd25bf5f0595bbe24655141438e7a100b',
  },
  {
    seed: '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    publicKey: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    message: '72',
    signature:
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c' +
      '387b2eaeb4302aeeb00d291612bb0c00',
  },
  {
    seed: 'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
    publicKey: 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    message: 'af82',
    signature:
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659' +
      '4a7c15e9716ed28dc027beceea1ec40a',
  },
]

describe('RFC 8032', () => {
  test.each(cases)('[K4] $publicKey', async ({ seed, publicKey, message, signature }) => {
    const pair = await importSigningSeed(hexToBytes(seed))
    expect(bytesToHex(pair.publicKey)).toBe(publicKey)
    const signed = await signBytes(pair.privateKey, hexToBytes(message))
    expect(bytesToHex(signed)).toBe(signature)
    expect(await verifySignature(pair.publicKey, signed, hexToBytes(message))).toBe(true)
  })
})

describe('signing keys', () => {
  test('[K4, K5] cannot be exported, and their seed is overwritten', async () => {
    const seed = randomBytes(32)
    const { privateKey, publicKey } = await importSigningSeed(seed)
    expect(seed).toEqual(new Uint8Array(32))
    expect(privateKey).toMatchObject({ extractable: false, usages: ['sign'] })
    expect(publicKey).toHaveLength(CURVE_KEY_BYTES)
    expect(await signBytes(privateKey, utf8('x'))).toHaveLength(SIGNATURE_BYTES)
    await expect(crypto.subtle.exportKey('jwk', privateKey)).rejects.toMatchObject({
      name: 'InvalidAccessError',
    })
  })

  test('signing reads the bytes before it returns', async () => {
    const { privateKey, publicKey } = await importSigningSeed(rising(0, 32))
    const bytes = utf8('message')
    const signing = signBytes(privateKey, bytes)
    bytes.fill(9)
    expect(await verifySignature(publicKey, await signing, utf8('message'))).toBe(true)
  })

  test('[C1] new keys sign, cannot be exported and are fresh', async () => {
    const [one, other] = [await generateSigningPair(), await generateSigningPair()]
    expect(one.publicKey).not.toEqual(other.publicKey)
    expect(one.privateKey.extractable).toBe(false)
    const bytes = utf8('message')
    const signature = await signBytes(one.privateKey, bytes)
    expect(await verifySignature(one.publicKey, signature, bytes)).toBe(true)
    expect(await verifySignature(other.publicKey, signature, bytes)).toBe(false)
  })

  test('[K4] halves that do not belong together are noticed', async () => {
    const [one, other] = [
      await importSigningSeed(rising(0, 32)),
      await importSigningSeed(rising(1, 32)),
    ]
    await checkSigningPair(one)
    await expect(checkSigningPair({ ...one, publicKey: other.publicKey })).rejects.toThrow(
      'no pair',
    )
  })
})

describe('platforms', () => {
  test('[K4] without Ed25519 the error has its code, and the seed is overwritten', async () => {
    refuseAlgorithm('Ed25519')
    const seed = rising(1, 32)
    await expect(importSigningSeed(seed)).rejects.toMatchObject({
      code: 'ERR_CRYPTO_UNSUPPORTED',
      details: { feature: 'Ed25519' },
      cause: { name: 'NotSupportedError' },
    })
    expect(seed).toEqual(new Uint8Array(32))
  })

  test('[C1] without Ed25519, or with one that fails the check, there are no new keys', async () => {
    const expected = { code: 'ERR_CRYPTO_UNSUPPORTED', details: { feature: 'Ed25519' } }
    const verify = vi.spyOn(crypto.subtle, 'verify').mockResolvedValue(false)
    await expect(generateSigningPair()).rejects.toMatchObject(expected)
    verify.mockRestore()
    refuseAlgorithm('Ed25519')
    await expect(generateSigningPair()).rejects.toMatchObject(expected)
  })

  test('[K4] without WebCrypto the error has its code, and the seed is overwritten', async () => {
    vi.stubGlobal('crypto', {})
    const seed = rising(1, 32)
    await expect(importSigningSeed(seed)).rejects.toMatchObject({
      code: 'ERR_CRYPTO_UNSUPPORTED',
      details: { feature: 'WebCrypto' },
    })
    expect(seed).toEqual(new Uint8Array(32))
  })

  test.each([undefined, 'A'.repeat(43), 'short', '+'])(
    '[K4] an engine that gives %s as the public half gives no keys',
    async (x) => {
      vi.spyOn(crypto.subtle, 'exportKey').mockResolvedValue(
        (x === undefined ? {} : { x }) as never,
      )
      await expect(importSigningSeed(rising(1, 32))).rejects.toMatchObject({
        code: 'ERR_CRYPTO_UNSUPPORTED',
        details: { feature: 'Ed25519' },
      })
    },
  )
})
