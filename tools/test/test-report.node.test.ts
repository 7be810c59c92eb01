import { expect, test } from 'vitest'
import { mergeReports, readPlaywright, readVitest, summarize } from '../test-report.ts'

test('counts the tests of a Vitest report by their state', () => {
  const report = readVitest({
    testResults: [
      {
        name: 'a.test.ts',
        status: 'failed',
        assertionResults: [
          { fullName: 'one', status: 'passed' },
          { fullName: 'two', status: 'failed', failureMessages: ['expected 1\nat a.test.ts'] },
          { fullName: 'three', status: 'skipped' },
          { fullName: 'four', status: 'todo' },
        ],
      },
    ],
  })
  expect(report).toEqual({
    passed: 1,
    failed: ['a.test.ts: two\n    expected 1\n    at a.test.ts'],
    skipped: ['a.test.ts: three', 'a.test.ts: four'],
  })
})

test('counts a test file that could not be loaded as a failed test', () => {
  const report = readVitest({
    testResults: [
      { name: 'a.test.ts', status: 'failed', message: 'no such module', assertionResults: [] },
    ],
  })
  expect(report.failed).toEqual(['a.test.ts\n    no such module'])
})

test('counts a flaky test and an error outside of tests as failed', () => {
  const report = readPlaywright({
    errors: [{ message: 'no browser' }],
    suites: [
      {
        title: 'call.spec.ts',
        file: 'call.spec.ts',
        specs: [{ title: 'a', tests: [{ status: 'expected' }] }],
        suites: [
          {
            title: 'two people',
            file: 'call.spec.ts',
            specs: [
              {
                title: 'b',
                tests: [{ status: 'flaky', results: [{ error: { message: 'no picture' } }, {}] }],
              },
              { title: 'c', tests: [{ status: 'skipped' }] },
            ],
          },
        ],
      },
    ],
  })
  expect(report).toEqual({
    passed: 1,
    failed: ['call.spec.ts › two people › b\n    no picture', 'no browser'],
    skipped: ['call.spec.ts › two people › c'],
  })
})

test('adds reports up to one line', () => {
  const report = { passed: 2, failed: ['x'], skipped: [] }
  expect(summarize(mergeReports([report, report]))).toBe('4 passed, 2 failed, 0 skipped')
})
