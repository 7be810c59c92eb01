import { CryptoError, isCryptoError, unsupportedError } from '@conclave/crypto'
import * as errors from '@conclave/crypto/errors'
import { expect, test } from 'vitest'

test('a missing feature is named, with its cause if there is one', () => {
  const cause = new Error('below')
  const error = unsupportedError('X25519', cause)
  expect(error).toBeInstanceOf(CryptoError)
  expect(error).toMatchObject({
    name: 'CryptoError',
    code: 'ERR_CRYPTO_UNSUPPORTED',
    details: { feature: 'X25519' },
    message: 'X25519 is missing',
    cause,
  })
  expect('cause' in unsupportedError('Argon2id')).toBe(false)
})

test('the message of a code names the feature', () => {
  const error = new CryptoError('ERR_CRYPTO_UNSUPPORTED', { feature: 'Ed25519' })
  expect(String(error)).toBe('CryptoError: Ed25519 is missing')
})

test('the predicate knows errors of this package, from either entry, and no others', () => {
  expect(errors.isCryptoError).toBe(isCryptoError)
  expect(isCryptoError(unsupportedError('WebCrypto'))).toBe(true)
  expect(isCryptoError({ name: 'CryptoError', code: 'ERR_CRYPTO_UNSUPPORTED' })).toBe(true)
  const others = [new Error('x'), { name: 'CryptoError', code: 'toString' }, undefined]
  for (const value of others) expect(isCryptoError(value)).toBe(false)
})
