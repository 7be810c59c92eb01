import { AdapterError, isAdapterError } from '@conclave/adapters/errors'
import { expect, test } from 'vitest'

test('[T15] errors are recognized by name and code, also those of another copy', () => {
  const error = new AdapterError('ERR_ADAPTER_TOO_LARGE', { byteLength: 2, maxBytes: 1 })
  expect(isAdapterError(error)).toBe(true)
  expect(isAdapterError({ name: 'AdapterError', code: 'ERR_ADAPTER_CLOSED' })).toBe(true)
  for (const other of [
    undefined,
    null,
    'ERR_ADAPTER_CLOSED',
    new Error('x'),
    { name: 'AdapterError', code: 'toString' },
  ]) {
    expect(isAdapterError(other)).toBe(false)
  }
  expect(error).toMatchObject({ name: 'AdapterError', details: { byteLength: 2, maxBytes: 1 } })
})
