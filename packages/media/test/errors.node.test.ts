import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { isMediaError, MediaError } from '@conclave/media/errors'

const foreign = (code: string): unknown =>
  runInNewContext(
    `Object.assign(new Error('x'), { name: 'MediaError', code: ${JSON.stringify(code)} })`,
  )

test('an error of another realm or of another copy of the package is recognised by its code', () => {
  expect(foreign('ERR_MEDIA_CLOSED')).not.toBeInstanceOf(Error)
  expect(isMediaError(foreign('ERR_MEDIA_CLOSED'))).toBe(true)
  expect(isMediaError(new MediaError('ERR_MEDIA_CLOSED', undefined))).toBe(true)
})

test('codes that are not in the table, and other classes, are not', () => {
  for (const code of ['ERR_MEDIA_NONSENSE', 'toString', 'ERR_E2EE_CLOSED', '']) {
    expect(isMediaError(foreign(code))).toBe(false)
    const own = Object.assign(new Error('x'), { name: 'MediaError', code })
    expect(isMediaError(own)).toBe(false)
  }
  const other = Object.assign(new Error('x'), { name: 'OtherError', code: 'ERR_MEDIA_CLOSED' })
  expect(isMediaError(other)).toBe(false)
  expect(isMediaError(undefined)).toBe(false)
})

test('an error has the message of its code, or one that says more', () => {
  expect(new MediaError('ERR_MEDIA_CLOSED', undefined)).toMatchObject({
    name: 'MediaError',
    message: 'frame encryption was closed',
  })
  const cause = new Error('cause')
  const error = new MediaError('ERR_MEDIA_NO_KEY', { epoch: 3n }, { message: 'no key', cause })
  expect(error).toMatchObject({ message: 'no key', cause, details: { epoch: 3n } })
  expect(JSON.stringify(error)).not.toContain('cause')
})
