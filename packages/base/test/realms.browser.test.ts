import { copyBytes, decodeBytes, isBytes, isCodedError } from '@conclave/base'
import { afterEach, expect, test } from 'vitest'

const frames: HTMLIFrameElement[] = []

/** The globals of another realm. */
function otherRealm(): typeof globalThis {
  const frame = document.createElement('iframe')
  frames.push(frame)
  document.body.append(frame)
  return frame.contentWindow as unknown as typeof globalThis
}

afterEach(() => {
  for (const frame of frames.splice(0)) frame.remove()
})

test('bytes of another realm are bytes', () => {
  const bytes = otherRealm().Uint8Array.of(1, 2)
  expect(bytes).not.toBeInstanceOf(Uint8Array)
  expect(isBytes(bytes)).toBe(true)
  expect(copyBytes('key', bytes, 2)).toEqual(Uint8Array.of(1, 2))
  expect(decodeBytes(bytes, { min: 1, max: 2 })).toEqual(Uint8Array.of(1, 2))
})

test('an error of another realm is known by its code', () => {
  const RealmError = otherRealm().Error
  const error = Object.assign(new RealmError('x'), { name: 'TestError', code: 'ERR_TEST' })
  expect(error).not.toBeInstanceOf(Error)
  expect(isCodedError(error, 'TestError', { ERR_TEST: '' })).toBe(true)
})
