/**
 * `npm test`: every test there is, in Node and in real browsers, and `npm run packages`, then one line that
 * counts them all.
 * `npm run test:unit` and `npm run test:e2e` run one half; anything after `--` goes to that half's runner.
 * `npm run test:unit -- --node PATH` builds nothing and starts no browser; `--changed` or `--changed=REV` runs the
 * unit tests of what changed.
 *
 * A skipped test fails the run, except those that need files which only the project itself has.
 *
 * @module
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from '../build.ts'
import { runPackage } from '../command.ts'
import { installBrowsers } from '../install-browsers.ts'
import { installServers } from '../install-servers.ts'
import { installConsumers, lookAtPackages, printLook } from '../packages/run.ts'
import { root } from '../prepare.mjs'
import { parseTestOptions, TEST_HELP } from '../test-options.ts'
import {
  mergeReports,
  readPlaywright,
  readVitest,
  summarize,
  type PlaywrightJson,
  type TestReport,
  type VitestJson,
} from '../test-report.ts'

/** Official test vectors are not ours to copy; who has them keeps them beside the repository. */
const VECTORS = join(root, '../shared/vectors')
const NEEDS_VECTORS = /\.vectors\.node\.test\.ts: /

const parsed = parseTestOptions(process.argv.slice(2))
if (parsed.type === 'help') {
  console.log(TEST_HELP)
  process.exit(0)
}
if (parsed.type === 'invalid') fail(parsed.message)
const { only, isNodeOnly, changedSince, rest } = parsed.options
if (only !== 'e2e') {
  const trouble = await installServers()
  if (trouble !== undefined) fail(trouble)
}
if (!isNodeOnly) {
  const trouble = await installBrowsers()
  if (trouble !== undefined) fail(trouble)
  if (!(await build())) process.exit(1)
}
if (only === undefined) installConsumers()
mkdirSync(join(root, '.cache'), { recursive: true })

const reports: TestReport[] = []
const isPart = changedSince !== undefined || rest.length > 0
// Firefox waits for much of its time: packages are looked at beside it. Calls of end-to-end tests need the whole machine.
const firefox: Promise<TestReport>[] = []
if (only !== 'e2e') {
  reports.push(await runVitest(isNodeOnly ? ['node'] : isPart ? [] : ['node', 'chromium']))
  if (!isNodeOnly && !isPart) firefox.push(runVitest(['firefox']))
}
if (only === undefined) reports.push(await runPackages())
reports.push(...(await Promise.all(firefox)))
if (only !== 'unit') reports.push(await runPlaywright())
const report = mergeReports(reports)

const mustRun = existsSync(VECTORS)
  ? report.skipped
  : report.skipped.filter((name) => !NEEDS_VECTORS.test(name))
for (const name of report.failed) console.log(`failed: ${name}`)
for (const name of mustRun) console.log(`skipped, but should run: ${name}`)
console.log(summarize(report))
const isEmpty = report.passed === 0 && changedSince === undefined
process.exitCode = report.failed.length > 0 || mustRun.length > 0 || isEmpty ? 1 : 0

async function runVitest(projects: readonly string[]): Promise<TestReport> {
  const runner = ['vitest', ...projects].join('-')
  const file = freshFile(`${runner}.json`)
  const { code } = await runPackage(
    'vitest/vitest.mjs',
    [
      'run',
      ...['--reporter=default', '--reporter=json', `--outputFile.json=${file}`],
      ...projects.map((project) => `--project=${project}`),
      ...(changedSince === undefined ? [] : [`--changed=${changedSince}`]),
      ...rest,
    ],
    { print: 'show' },
  )
  const report = endedWith(code, runner, () => readVitest(readJson<VitestJson>(file)))
  return { ...report, failed: report.failed.map((name) => `${runner}: ${name}`) }
}

async function runPackages(): Promise<TestReport> {
  const looks = await lookAtPackages(printLook)
  const failed = looks.filter(({ faults }) => faults.length > 0)
  return {
    passed: looks.length - failed.length,
    failed: failed.map(({ name }) => `packages: ${name}`),
    skipped: [],
  }
}

async function runPlaywright(): Promise<TestReport> {
  const file = freshFile('playwright.json')
  const { code } = await runPackage(
    '@playwright/test/cli.js',
    ['test', '--config', 'apps/meet', '--reporter', 'list,json', ...rest],
    { print: 'show', env: { PLAYWRIGHT_JSON_OUTPUT_NAME: file } },
  )
  return endedWith(code, 'playwright', () => readPlaywright(readJson<PlaywrightJson>(file)))
}

/** A runner that fails without a failed test, or runs none, or writes no report, has failed once. */
function endedWith(code: number, runner: string, read: () => TestReport): TestReport {
  let report: TestReport = { passed: 0, failed: [], skipped: [] }
  try {
    report = read()
  } catch (error) {
    console.error(error)
  }
  const mayBeEmpty = code === 0 && changedSince !== undefined
  const silent = report.failed.length === 0 && (code !== 0 || report.passed === 0) && !mayBeEmpty
  return silent
    ? { ...report, failed: [`${runner} ended with ${code} after ${report.passed} passed tests`] }
    : report
}

function fail(message: string): never {
  console.error(message)
  process.exit(1)
}

function freshFile(name: string): string {
  const file = join(root, '.cache', name)
  rmSync(file, { force: true })
  return file
}

function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(file, 'utf8'))
}
