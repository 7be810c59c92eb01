import { expect, test } from 'vitest'
import { findExceptions } from '../checks/exceptions.ts'

/** Put together here, so that the check and the linter do not take this file for one with exceptions. */
const disable = (rest: string): string => `// oxlint-${'disable'}${rest}`

test.each([
  disable('-next-line no-console'),
  disable('-next-line -- because'),
  disable('-next-line no-console --'),
  disable(''),
  disable(' max-lines'),
])('lacks a rule or a reason: %s', (line) => {
  expect(findExceptions('x.ts', `${line}\nf()`)).toHaveLength(1)
})

test.each([
  disable('-next-line no-console -- it is a program'),
  disable(' max-lines -- one table, which nobody reads in parts'),
  `f() ${disable('-line typescript/only-throw-error, no-console -- the reason is the caller’s')}`,
])('is explained: %s', (line) => {
  expect(findExceptions('x.ts', `${line}\nf()`)).toEqual([])
})

test('an exception for a whole file stands in its first line', () => {
  expect(findExceptions('x.ts', `f()\n${disable(' max-lines -- a table')}`)).toHaveLength(1)
})
