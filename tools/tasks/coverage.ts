/**
 * `npm run coverage`: how much of each package the unit tests run, as a table here and line by line in
 * `.cache/coverage/index.html`. A report, never a gate. `-- --node` leaves the browser out, and paths choose tests, as
 * in `npm run test:unit`.
 *
 * @module
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runPackage } from '../command.ts'
import { summarizeCoverage, type CoverageJson } from '../coverage-report.ts'
import { installBrowsers } from '../install-browsers.ts'
import { installServers } from '../install-servers.ts'
import { root } from '../prepare.mjs'
import { parseTestOptions, TEST_HELP } from '../test-options.ts'

const FOLDER = '.cache/coverage'

const parsed = parseTestOptions(['unit', ...process.argv.slice(2)])
if (parsed.type === 'help') {
  console.log(TEST_HELP)
  process.exit(0)
}
if (parsed.type === 'invalid') fail(parsed.message)
const { isNodeOnly, rest } = parsed.options
const trouble = (await installServers()) ?? (isNodeOnly ? undefined : await installBrowsers())
if (trouble !== undefined) fail(trouble)

const { code } = await runPackage(
  'vitest/vitest.mjs',
  [
    'run',
    '--project=node',
    ...(isNodeOnly ? [] : ['--project=chromium']),
    ...['--reporter=dot', '--coverage.enabled', '--coverage.provider=v8'],
    ...['--coverage.reporter=html', '--coverage.reporter=json-summary'],
    `--coverage.reportsDirectory=${FOLDER}`,
    '--coverage.include={packages,apps}/*/src/**/*.{ts,tsx}',
    '--coverage.exclude=**/testing/**',
    ...rest,
  ],
  { print: 'show' },
)
const json: CoverageJson = JSON.parse(
  readFileSync(join(root, FOLDER, 'coverage-summary.json'), 'utf8'),
)
for (const line of summarizeCoverage(json, root)) console.log(line)
console.log(`Line by line: ${FOLDER}/index.html`)
process.exitCode = code

function fail(message: string): never {
  console.error(message)
  process.exit(1)
}
