/**
 * One count over all test runners, read from what they wrote about themselves.
 *
 * @module
 */

/** The tests of a run: how many passed, and the full names of all others. */
export interface TestReport {
  readonly passed: number
  readonly failed: readonly string[]
  readonly skipped: readonly string[]
}

/** The part of Vitest's JSON report that is read. */
export interface VitestJson {
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly message?: string
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[]
  }[]
}

/** The part of Playwright's JSON report that is read. */
export interface PlaywrightJson {
  readonly suites: readonly PlaywrightSuite[]
  readonly errors: readonly { readonly message?: string }[]
}

interface PlaywrightSuite {
  readonly title: string
  readonly file: string
  readonly suites?: readonly PlaywrightSuite[]
  readonly specs: readonly {
    readonly title: string
    readonly tests: readonly { readonly status: string }[]
  }[]
}

/** Reads Vitest's report. A file that could not be loaded counts as one failed test. */
export function readVitest({ testResults }: VitestJson): TestReport {
  const tests = testResults.flatMap(({ name, status, assertionResults }) =>
    status === 'failed' && !assertionResults.some((test) => test.status === 'failed')
      ? [{ name, status: 'failed' }]
      : assertionResults.map((test) => ({
          name: `${name}: ${test.fullName}`,
          status: test.status,
        })),
  )
  return sort(tests, { passed: ['passed'], failed: ['failed'] })
}

/** Reads Playwright's report. An error outside of any test counts as one failed test. */
export function readPlaywright({ suites, errors }: PlaywrightJson): TestReport {
  const tests = suites.flatMap((suite) => flatten(suite))
  const outside = errors.map(({ message = 'an error outside of any test' }) => ({
    name: message,
    status: 'unexpected',
  }))
  // A test that passed only when tried again is a failed test here.
  return sort([...tests, ...outside], { passed: ['expected'], failed: ['unexpected', 'flaky'] })
}

/** Adds reports up. */
export function mergeReports(reports: readonly TestReport[]): TestReport {
  return {
    passed: reports.reduce((sum, { passed }) => sum + passed, 0),
    failed: reports.flatMap(({ failed }) => failed),
    skipped: reports.flatMap(({ skipped }) => skipped),
  }
}

/** The one line that ends a run. */
export function summarize({ passed, failed, skipped }: TestReport): string {
  return `${passed} passed, ${failed.length} failed, ${skipped.length} skipped`
}

const flatten = (suite: PlaywrightSuite, path = ''): { name: string; status: string }[] => {
  const here = path === '' ? suite.title : `${path} › ${suite.title}`
  return [
    ...suite.specs.flatMap(({ title, tests }) =>
      tests.map(({ status }) => ({ name: `${here} › ${title}`, status })),
    ),
    ...(suite.suites ?? []).flatMap((inner) => flatten(inner, here)),
  ]
}

const sort = (
  tests: readonly { name: string; status: string }[],
  by: { passed: readonly string[]; failed: readonly string[] },
): TestReport => ({
  passed: tests.filter(({ status }) => by.passed.includes(status)).length,
  failed: tests.filter(({ status }) => by.failed.includes(status)).map(({ name }) => name),
  skipped: tests
    .filter(({ status }) => !by.passed.includes(status) && !by.failed.includes(status))
    .map(({ name }) => name),
})
