import {
  agree,
  checkAgreementPair,
  generateAgreementPair,
  importAgreementSeed,
  randomBytes,
} from '@conclave/crypto'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { bytesToHex, hexToBytes, refuseAlgorithm, rising } from './fixtures.ts'
import { SMALL_ORDER } from './reference/curve25519.ts'

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

/** RFC 7748 §6.1 */
const ALICE = {
  seed: '77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a',
  publicKey: '8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a',
}
const BOB = {
  seed: '5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb',
  publicKey: 'de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f',
}
const SHARED = '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742'

describe('RFC 7748', () => {
  test('[E3] both sides agree', async () => {
    const [alice, bob] = [
      await importAgreementSeed(hexToBytes(ALICE.seed)),
      await importAgreementSeed(hexToBytes(BOB.seed)),
    ]
    expect(bytesToHex(alice.publicKey)).toBe(ALICE.publicKey)
    expect(bytesToHex(bob.publicKey)).toBe(BOB.publicKey)
    for (const shared of [
      await agree(alice.privateKey, bob.publicKey),
      await agree(bob.privateKey, alice.publicKey),
    ]) {
      expect(shared && bytesToHex(shared)).toBe(SHARED)
    }
  })
})

describe('agreement keys', () => {
  test('[E3, K5] cannot be exported, and their seed is overwritten', async () => {
    const seed = randomBytes(32)
    const { privateKey } = await importAgreementSeed(seed)
    expect(seed).toEqual(new Uint8Array(32))
    expect(privateKey).toMatchObject({ extractable: false, usages: ['deriveBits'] })
    await expect(crypto.subtle.exportKey('jwk', privateKey)).rejects.toMatchObject({
      name: 'InvalidAccessError',
    })
  })

  test('[E3] generated keys agree, and each pair is another one', async () => {
    const [one, other] = [await generateAgreementPair(), await generateAgreementPair()]
    expect(one.privateKey.extractable).toBe(false)
    expect(one.publicKey).not.toEqual(other.publicKey)
    expect(await agree(one.privateKey, other.publicKey)).toEqual(
      await agree(other.privateKey, one.publicKey),
    )
  })

  test('[E3] halves that do not belong together are noticed', async () => {
    const [one, other] = [await generateAgreementPair(), await generateAgreementPair()]
    await checkAgreementPair(one)
    await expect(checkAgreementPair({ ...one, publicKey: other.publicKey })).rejects.toThrow(
      'no pair',
    )
  })

  test('[E4] with a key of small order, or no key, there is no agreement', async () => {
    const { privateKey, publicKey } = await generateAgreementPair()
    for (const hex of SMALL_ORDER.X25519) {
      for (const sign of [0, 0x80]) {
        const point = hexToBytes(hex).reverse()
        point[31] = (point[31] ?? 0) | sign
        expect(await agree(privateKey, point)).toBeUndefined()
      }
    }
    for (const length of [0, 31, 33]) {
      expect(await agree(privateKey, new Uint8Array(length).fill(9))).toBeUndefined()
    }
    expect(await agree(privateKey, publicKey)).toBeDefined()
  })

  test('[E4] an all-zero secret is refused, even where the engine gives one', async () => {
    const { privateKey, publicKey } = await generateAgreementPair()
    vi.spyOn(crypto.subtle, 'deriveBits').mockResolvedValue(new ArrayBuffer(32))
    expect(await agree(privateKey, publicKey)).toBeUndefined()
  })
})

describe('platforms', () => {
  test('[E3] without X25519 the error has its code, and the seed is overwritten', async () => {
    refuseAlgorithm('X25519')
    const seed = rising(1, 32)
    const expected = { code: 'ERR_CRYPTO_UNSUPPORTED', details: { feature: 'X25519' } }
    await expect(importAgreementSeed(seed)).rejects.toMatchObject(expected)
    await expect(generateAgreementPair()).rejects.toMatchObject(expected)
    expect(seed).toEqual(new Uint8Array(32))
  })

  test('[E3] without WebCrypto the error has its code, and the seed is overwritten', async () => {
    const { privateKey, publicKey } = await generateAgreementPair()
    vi.stubGlobal('crypto', {})
    const seed = rising(1, 32)
    const expected = { code: 'ERR_CRYPTO_UNSUPPORTED', details: { feature: 'WebCrypto' } }
    await expect(importAgreementSeed(seed)).rejects.toMatchObject(expected)
    await expect(generateAgreementPair()).rejects.toMatchObject(expected)
    await expect(agree(privateKey, publicKey)).rejects.toMatchObject(expected)
    expect(seed).toEqual(new Uint8Array(32))
  })
})
