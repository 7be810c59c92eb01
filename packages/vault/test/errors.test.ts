import { isVaultError, VaultError } from '@conclave/vault/errors'
import type { AnyVaultError } from '@conclave/vault/errors'
import { expect, test } from 'vitest'

const tooLarge = new VaultError('ERR_VAULT_TOO_LARGE', { limit: 'slots', max: 16 })

test('[V14] an error has a name, a code, details and a cause, and becomes JSON without the cause', () => {
  const cause = new Error('below')
  const error = new VaultError('ERR_VAULT_STORAGE_FAILED', undefined, { cause })
  expect(error).toBeInstanceOf(Error)
  expect([error.name, error.code, error.cause]).toEqual([
    'VaultError',
    'ERR_VAULT_STORAGE_FAILED',
    cause,
  ])
  expect(JSON.stringify(error)).not.toContain('below')
  expect(JSON.parse(JSON.stringify(tooLarge))).toEqual({
    name: 'VaultError',
    code: 'ERR_VAULT_TOO_LARGE',
    message: 'the vault cannot hold as much',
    details: { limit: 'slots', max: 16 },
  })
})

test('the code narrows the details', () => {
  const error: AnyVaultError = tooLarge
  expect(error.code === 'ERR_VAULT_TOO_LARGE' ? error.details.max : undefined).toBe(16)
})

test('isVaultError recognises errors of other copies of this package, and nothing else', () => {
  expect(isVaultError(tooLarge)).toBe(true)
  expect(isVaultError({ name: 'VaultError', code: 'ERR_VAULT_CLOSED' })).toBe(true)
  const others = [
    ...[undefined, null, 7, 'VaultError', {}, new Error('ERR_VAULT_CLOSED')],
    ...[{ name: 'VaultError' }, { name: 'VaultError', code: 'toString' }],
    { name: 'Error', code: 'ERR_VAULT_CLOSED' },
  ]
  for (const value of others) expect(isVaultError(value)).toBe(false)
})
