/**
 * `npm run consumers`: a call between Chromium and Firefox in every toolchain, from the packed packages; see
 * `tools/bundlers/run.ts`. Writes the table of `docs/bundlers.md`. `-- NAME` runs the apps whose names contain it and writes nothing.
 *
 * @module
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runApps, type Row } from '../bundlers/run.ts'
import { build } from '../build.ts'
import { installBrowsers } from '../install-browsers.ts'
import { root } from '../prepare.mjs'

const DOCUMENT = join(root, 'docs/bundlers.md')
const [BEGIN, END] = ['<!-- written by npm run consumers -->', '<!-- end -->']

const wanted = process.argv.slice(2).join(' ')
const trouble = await installBrowsers()
if (trouble !== undefined) {
  console.error(trouble)
  process.exit(1)
}
if (!(await build())) process.exit(1)
const rows = await runApps(wanted, print)
if (wanted === '') writeTable(rows)
process.exitCode = rows.every(isWorking) ? 0 : 1

function print(row: Row): void {
  const { app, chromiumSees, firefoxSees, ms } = row
  const verdict = isWorking(row) ? 'ok' : 'FAILED'
  const name = [app.name, app.mode, app.worker, app.needs].filter((text) => text !== '').join(', ')
  console.log(`${verdict.padEnd(6)} ${(ms / 1000).toFixed(1).padStart(6)} s  consumers: ${name}`)
  if (isWorking(row)) return
  console.log(`         Chromium sees Firefox: ${chromiumSees}`)
  console.log(`         Firefox sees Chromium: ${firefoxSees}`)
}

function isWorking({ chromiumSees, firefoxSees }: Row): boolean {
  return chromiumSees === 'yes' && firefoxSees === 'yes'
}

function writeTable(all: readonly Row[]): void {
  const text = readFileSync(DOCUMENT, 'utf8')
  const [before = ''] = text.split(BEGIN)
  const [, after = ''] = text.split(END)
  const lines = all.map(({ app, chromiumSees, firefoxSees }) => {
    const sees = [chromiumSees, firefoxSees].map((said) => (said === 'yes' ? 'yes' : 'no'))
    return `| ${[app.name, app.mode, app.worker, app.needs, ...sees].join(' | ')} |`
  })
  const head = [
    'app',
    'mode',
    'the worker starts',
    'needs',
    'Chromium sees Firefox',
    'Firefox sees Chromium',
  ]
  const table = [`| ${head.join(' | ')} |`, `|${'---|'.repeat(head.length)}`, ...lines].join('\n')
  writeFileSync(DOCUMENT, `${before}${BEGIN}\n${table}\n${END}${after}`)
}
