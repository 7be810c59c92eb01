/**
 * One count over all test runners, read from what they wrote about themselves.
 *
 * @module
 */

/** The tests of a run: how many passed, and the full names of all others, of the failed ones with the first lines of why. */
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
    readonly assertionResults: readonly {
      readonly fullName: string
      readonly status: string
      readonly failureMessages?: readonly string[]
    }[]
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
    readonly tests: readonly {
      readonly status: string
      readonly results?: readonly { readonly error?: { readonly message?: string } }[]
    }[]
  }[]
}

/** Reads Vitest's report. A file that could not be loaded counts as one failed test. */
export function readVitest({ testResults }: VitestJson): TestReport {
  const tests = testResults.flatMap(({ name, status, message, assertionResults }) =>
    status === 'failed' && !assertionResults.some((test) => test.status === 'failed')
      ? [{ name, status: 'failed', why: message }]
      : assertionResults.map((test) => ({
          name: `${name}: ${test.fullName}`,
          status: test.status,
          why: test.failureMessages?.[0],
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

interface Test {
  readonly name: string
  readonly status: string
  readonly why?: string | undefined
}

const flatten = (suite: PlaywrightSuite, path = ''): Test[] => {
  const here = path === '' ? suite.title : `${path} › ${suite.title}`
  return [
    ...suite.specs.flatMap(({ title, tests }) =>
      tests.map(({ status, results = [] }) => ({
        name: `${here} › ${title}`,
        status,
        why: results.find(({ error }) => error !== undefined)?.error?.message,
      })),
    ),
    ...(suite.suites ?? []).flatMap((inner) => flatten(inner, here)),
  ]
}

const sort = (
  tests: readonly Test[],
  by: { passed: readonly string[]; failed: readonly string[] },
): TestReport => ({
  passed: tests.filter(({ status }) => by.passed.includes(status)).length,
  failed: tests.filter(({ status }) => by.failed.includes(status)).map(withReason),
  skipped: tests
    .filter(({ status }) => !by.passed.includes(status) && !by.failed.includes(status))
    .map(({ name }) => name),
})

const withReason = ({ name, why }: Test): string =>
  why === undefined ? name : [name, ...why.split('\n').slice(0, LINES_OF_WHY)].join('\n    ')

/** Enough for a message and the difference that it shows. */
const LINES_OF_WHY = 15
