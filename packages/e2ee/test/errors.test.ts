import { E2eeError, isE2eeError } from '@conclave/e2ee/errors'
import type { AnyE2eeError } from '@conclave/e2ee/errors'
import { expect, test } from 'vitest'

const unknownEpoch = new E2eeError(
  'ERR_E2EE_UNKNOWN_EPOCH',
  { epoch: 7n },
  { message: 'no key for epoch 7' },
)

test('an error has a name, a code, details and a cause', () => {
  const cause = new Error('below')
  const error = new E2eeError('ERR_E2EE_STORAGE', { reason: 'damaged' }, { cause })
  expect(error).toBeInstanceOf(Error)
  expect(error.name).toBe('E2eeError')
  expect(error.code).toBe('ERR_E2EE_STORAGE')
  expect(error.details).toEqual({ reason: 'damaged' })
  expect(error.message).not.toBe('')
  expect(error.cause).toBe(cause)
  expect('cause' in unknownEpoch).toBe(false)
  expect(String(unknownEpoch)).toBe('E2eeError: no key for epoch 7')
})

test('the code narrows the details', () => {
  const error: AnyE2eeError = unknownEpoch
  const epoch = error.code === 'ERR_E2EE_UNKNOWN_EPOCH' ? error.details.epoch : undefined
  expect(epoch).toBe(7n)
})

test('isE2eeError recognises errors of other copies of this package, and nothing else', () => {
  expect(isE2eeError(unknownEpoch)).toBe(true)
  expect(isE2eeError({ name: 'E2eeError', code: 'ERR_E2EE_CLOSED' })).toBe(true)
  const others = [
    ...[undefined, null, 7, 'E2eeError', {}, new Error('ERR_E2EE_CLOSED')],
    ...[{ name: 'E2eeError' }, { name: 'E2eeError', code: 7 }, { code: 'ERR_E2EE_CLOSED' }],
    ...[
      { name: 'E2eeError', code: 'toString' },
      { name: 'E2eeError', code: 'ERR_OTHER' },
    ],
  ]
  for (const value of others) expect(isE2eeError(value)).toBe(false)
})

test('an error becomes JSON, bigints included, without stack and cause', () => {
  expect(JSON.parse(JSON.stringify(unknownEpoch))).toEqual({
    name: 'E2eeError',
    code: 'ERR_E2EE_UNKNOWN_EPOCH',
    message: 'no key for epoch 7',
    details: { epoch: '7' },
  })
  const closed = new E2eeError('ERR_E2EE_CLOSED', undefined, { message: 'closed' })
  expect(JSON.parse(JSON.stringify(closed))).not.toHaveProperty('details')
})
