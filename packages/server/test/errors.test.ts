import { isServerError, ServerError } from '@conclave/server'
import { isServerError as isSame } from '@conclave/server/errors'
import { expect, test } from 'vitest'

test('an error carries its code, its details and a message', () => {
  const error = new ServerError('ERR_SERVER_PORT_TAKEN', { port: 80 }, { message: 'taken' })
  expect(error).toMatchObject({ name: 'ServerError', code: 'ERR_SERVER_PORT_TAKEN' })
  expect(error).toMatchObject({ message: 'taken', details: { port: 80 } })
  expect(new ServerError('ERR_SERVER_APP', undefined).message).toMatch(/^[a-z].+[^.]$/)
  expect([isServerError(error), isSame(error)]).toEqual([true, true])
})

test('an error of another copy or realm is recognised by its name and code', () => {
  const foreign = { name: 'ServerError', code: 'ERR_SERVER_APP', message: '', details: undefined }
  expect(isServerError(foreign)).toBe(true)
})

test.each([
  ['an unknown code', { code: 'ERR_SERVER_NONSENSE' }],
  ['a code that every object has', { code: 'toString' }],
  ['a code of another type', { code: 1 }],
  ['another name', { name: 'ClientError' }],
])('%s makes no error of this package', (_what, changes) => {
  const error = Object.assign(new Error('x'), { name: 'ServerError', code: 'ERR_SERVER_APP' })
  expect(isServerError(error)).toBe(true)
  expect(isServerError(Object.assign(error, changes))).toBe(false)
})
