import { runInNewContext } from 'node:vm'
import { copyBytes, decodeBytes, isBytes, isCodedError } from '@conclave/base'
import { expect, test } from 'vitest'

test('bytes of another realm are bytes', () => {
  const bytes: unknown = runInNewContext('Uint8Array.of(1, 2)')
  expect(bytes).not.toBeInstanceOf(Uint8Array)
  expect(isBytes(bytes)).toBe(true)
  expect(copyBytes('key', bytes, 2)).toEqual(Uint8Array.of(1, 2))
  expect(decodeBytes(bytes, { min: 1, max: 2 })).toEqual(Uint8Array.of(1, 2))
  expect(isBytes(Buffer.of(1))).toBe(true)
})

test('an error of another realm is known by its code', () => {
  const error: unknown = runInNewContext(
    `Object.assign(new Error('x'), { name: 'TestError', code: 'ERR_TEST' })`,
  )
  expect(error).not.toBeInstanceOf(Error)
  expect(isCodedError(error, 'TestError', { ERR_TEST: '' })).toBe(true)
})
