import { CodedError, isCodedError } from '@conclave/base'
import type { CodedErrorOptions, ErrorMessages } from '@conclave/base'
import { describe, expect, test } from 'vitest'

interface Details {
  readonly ERR_TEST_CLOSED: undefined
  readonly ERR_TEST_EPOCH: { readonly epoch: bigint; readonly name: string }
}

const MESSAGES: ErrorMessages<Details> = {
  ERR_TEST_CLOSED: 'closed',
  ERR_TEST_EPOCH: 'no such epoch',
}

class TestError<C extends keyof Details> extends CodedError<Details, C> {
  override readonly name = 'TestError'

  constructor(code: C, details: Details[C], options?: CodedErrorOptions) {
    super(code, details, { message: MESSAGES[code], ...options })
  }
}

const is = (value: unknown): boolean => isCodedError(value, 'TestError', MESSAGES)
const epochError = new TestError('ERR_TEST_EPOCH', { epoch: 7n, name: 'x' })

describe('an error with a code', () => {
  test('has a name, a code, details and the message of its code', () => {
    expect(epochError).toBeInstanceOf(Error)
    expect(String(epochError)).toBe('TestError: no such epoch')
    expect(epochError).toMatchObject({ code: 'ERR_TEST_EPOCH', details: { epoch: 7n, name: 'x' } })
    expect('cause' in epochError).toBe(false)
  })

  test('may have another message, and a cause, undefined too', () => {
    const cause = new Error('below')
    const error = new TestError('ERR_TEST_CLOSED', undefined, { message: 'closed here', cause })
    expect([error.message, error.cause]).toEqual(['closed here', cause])
    const without = new TestError('ERR_TEST_CLOSED', undefined, { cause: undefined })
    expect('cause' in without).toBe(true)
  })

  test('becomes JSON, bigints included, without stack and cause', () => {
    const cause = new Error('secret')
    const error = new TestError('ERR_TEST_EPOCH', { epoch: 7n, name: 'x' }, { cause })
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      name: 'TestError',
      code: 'ERR_TEST_EPOCH',
      message: 'no such epoch',
      details: { epoch: '7', name: 'x' },
    })
    const closed: unknown = JSON.parse(JSON.stringify(new TestError('ERR_TEST_CLOSED', undefined)))
    expect(closed).not.toHaveProperty('details')
  })
})

describe('the predicate', () => {
  test('knows errors of this copy, of another one, and after JSON', () => {
    const copy = Object.assign(new Error('x'), { name: 'TestError', code: 'ERR_TEST_CLOSED' })
    for (const error of [epochError, copy, JSON.parse(JSON.stringify(epochError)) as unknown]) {
      expect(is(error)).toBe(true)
    }
  })

  test('knows nothing else, and never throws', () => {
    const trap = (name: string): unknown =>
      Object.defineProperty({ name: 'TestError', code: 'ERR_TEST_CLOSED' }, name, {
        get: () => {
          throw new Error('looked at')
        },
      })
    const others = [
      ...[undefined, null, 7, 'TestError', {}, () => {}, new Error('ERR_TEST_CLOSED')],
      ...[{ name: 'TestError' }, { code: 'ERR_TEST_CLOSED' }, trap('name'), trap('code')],
      ...['toString', 'constructor', '__proto__', 'ERR_TEST_OTHER', 7, undefined].map((code) => ({
        name: 'TestError',
        code,
      })),
      { name: 'OtherError', code: 'ERR_TEST_CLOSED' },
      new Proxy(
        {},
        {
          get: () => {
            throw new Error('looked at')
          },
        },
      ),
    ]
    for (const value of others) expect(is(value)).toBe(false)
  })
})
