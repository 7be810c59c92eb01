import { ClientError, isClientError } from '@conclave/client/errors'
import type { AnyClientError } from '@conclave/client/errors'
import { expect, test } from 'vitest'

const missing = new ClientError('ERR_CLIENT_UNSUPPORTED', { missing: ['webrtc'] })

test('an error has a name, a code, details and a cause', () => {
  const cause = new Error('below')
  const error = new ClientError('ERR_CLIENT_CLOSED', undefined, { cause })
  expect(error).toBeInstanceOf(Error)
  expect(error).toMatchObject({ name: 'ClientError', code: 'ERR_CLIENT_CLOSED', cause })
  expect('cause' in missing).toBe(false)
  expect(String(missing)).toBe(
    'ClientError: this browser lacks a feature that encrypted calls need',
  )
})

test('the code narrows the details', () => {
  const error: AnyClientError = missing
  const found = error.code === 'ERR_CLIENT_UNSUPPORTED' ? error.details.missing : []
  expect(found).toEqual(['webrtc'])
})

test('isClientError recognises errors of other realms and copies of the package, and nothing else', () => {
  expect(isClientError(missing)).toBe(true)
  expect(isClientError({ name: 'ClientError', code: 'ERR_CLIENT_CLOSED' })).toBe(true)
  const others = [
    ...[undefined, null, 7, 'ClientError', {}, new Error('ERR_CLIENT_CLOSED')],
    ...[{ name: 'ClientError' }, { name: 'ClientError', code: 7 }, { code: 'ERR_CLIENT_CLOSED' }],
    ...[
      { name: 'ClientError', code: 'toString' },
      { name: 'ClientError', code: 'ERR_CLIENT_NONSENSE' },
    ],
  ]
  for (const other of others) expect(isClientError(other)).toBe(false)
})
