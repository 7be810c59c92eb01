import { importSigningSeed, signBytes } from '@conclave/crypto'
import { importVerifyKey, verifyBytes, verifySignature } from '@conclave/crypto/verify'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { flipBit, hexToBytes, refuseAlgorithm, rising, utf8 } from '../fixtures.ts'
import { SMALL_ORDER } from '../reference/curve25519.ts'

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

const { publicKey, privateKey } = await importSigningSeed(rising(0, 32))
const message = utf8('message')
const signature = await signBytes(privateKey, message)

describe('signatures', () => {
  test('[P53] verify under their key and for their message only', async () => {
    expect(await verifySignature(publicKey, signature, message)).toBe(true)
    for (let at = 0; at < 64; at += 1) {
      expect(await verifySignature(publicKey, flipBit(signature, at), message)).toBe(false)
    }
    expect(await verifySignature(publicKey, signature, utf8('messagf'))).toBe(false)
    const { publicKey: other } = await importSigningSeed(rising(1, 32))
    expect(await verifySignature(other, signature, message)).toBe(false)
  })

  test('[P53] of another length are none', async () => {
    const key = await importVerifyKey(publicKey)
    if (key === undefined) throw new Error('expected a key')
    for (const length of [0, 63, 65]) {
      expect(await verifyBytes(key, new Uint8Array(length), message)).toBe(false)
    }
  })

  test('[P53] a key that cannot verify verifies nothing, and nothing throws', async () => {
    expect(await verifyBytes(privateKey, signature, message)).toBe(false)
  })
})

describe('keys', () => {
  test('[P53] are taken as they are, and left so', async () => {
    const given = new Uint8Array(publicKey)
    expect(await importVerifyKey(given)).toMatchObject({ type: 'public', usages: ['verify'] })
    expect(given).toEqual(publicKey)
  })

  test('[P53] of another length are none', async () => {
    for (const length of [0, 31, 33]) {
      expect(await importVerifyKey(new Uint8Array(length).fill(9))).toBeUndefined()
    }
  })

  test.each(SMALL_ORDER.Ed25519)('[P53] anybody could sign for the point %s', async (hex) => {
    // S = 0 and R = the neutral element fit every message where the engine does not look at the key.
    const forged = new Uint8Array(64)
    forged[0] = 1
    for (const sign of [0, 0x80]) {
      const point = hexToBytes(hex).reverse()
      point[31] = (point[31] ?? 0) | sign
      expect(await importVerifyKey(point)).toBeUndefined()
      for (const text of ['a', 'b', 'c', 'd']) {
        expect(await verifySignature(point, forged, utf8(text))).toBe(false)
      }
    }
  })
})

describe('platforms', () => {
  test('[K4] without Ed25519 the code says so', async () => {
    refuseAlgorithm('Ed25519')
    await expect(importVerifyKey(publicKey)).rejects.toMatchObject({
      code: 'ERR_CRYPTO_UNSUPPORTED',
      details: { feature: 'Ed25519' },
    })
  })

  test('[K4] without WebCrypto the code says so', async () => {
    vi.stubGlobal('crypto', {})
    await expect(verifySignature(publicKey, signature, message)).rejects.toMatchObject({
      code: 'ERR_CRYPTO_UNSUPPORTED',
      details: { feature: 'WebCrypto' },
    })
  })

  test('[P53] bytes that the engine refuses are no key', async () => {
    vi.spyOn(crypto.subtle, 'importKey').mockRejectedValue(new DOMException('no', 'DataError'))
    expect(await importVerifyKey(publicKey)).toBeUndefined()
  })
})
