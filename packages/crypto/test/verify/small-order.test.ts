import { importSigningSeed, importAgreementSeed } from '@conclave/crypto'
import { describe, expect, test } from 'vitest'
import { isSmallOrder } from '../../src/verify/small-order.ts'
import { bytesToHex, hexToBytes, rising } from '../fixtures.ts'
import { isKilledBy8, SMALL_ORDER } from '../reference/curve25519.ts'

/** Least significant byte first, as keys are. */
const keyOf = (hex: string, sign = 0): Uint8Array<ArrayBuffer> => {
  const key = hexToBytes(hex).reverse()
  key[31] = (key[31] ?? 0) | sign
  return key
}

const coordinateOf = (key: Uint8Array): bigint =>
  BigInt(`0x${bytesToHex(key.toReversed())}`) & (2n ** 255n - 1n)

describe.each(['Ed25519', 'X25519'] as const)('%s', (curve) => {
  test.each(SMALL_ORDER[curve])('[E4] %s is of small order, whatever its sign', (hex) => {
    expect(isKilledBy8(curve, BigInt(`0x${hex}`))).toBe(true)
    for (const sign of [0, 0x80]) expect(isSmallOrder(curve, keyOf(hex, sign))).toBe(true)
  })

  test('[E4] there are five coordinates, two of them in two encodings', () => {
    expect(new Set(SMALL_ORDER[curve]).size).toBe(7)
  })

  test('[E4] their neighbours are not', () => {
    for (const hex of SMALL_ORDER[curve]) {
      for (const bit of [1, 3, 100, 253]) {
        const key = keyOf(hex)
        key[bit >> 3] = (key[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        expect(isSmallOrder(curve, key)).toBe(isKilledBy8(curve, coordinateOf(key)))
      }
    }
  })
})

test('[E4] keys of seeds are not of small order', async () => {
  for (let from = 0; from < 5; from += 1) {
    const signing = await importSigningSeed(rising(from, 32))
    const agreement = await importAgreementSeed(rising(from, 32))
    expect(isSmallOrder('Ed25519', signing.publicKey)).toBe(false)
    expect(isSmallOrder('X25519', agreement.publicKey)).toBe(false)
  }
})
