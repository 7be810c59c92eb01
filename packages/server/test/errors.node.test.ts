import vm from 'node:vm'
import { isServerError } from '@conclave/server'
import { expect, test } from 'vitest'

test('an error that another realm made is recognised', () => {
  const error: unknown = vm.runInNewContext(
    `Object.assign(new Error('x'), { name: 'ServerError', code: 'ERR_SERVER_APP', details: undefined })`,
  )
  expect(error).not.toBeInstanceOf(Error)
  expect(isServerError(error)).toBe(true)
})
