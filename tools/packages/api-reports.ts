/**
 * The API of each entry as one committed file, `packages/NAME/api/ENTRY.api.md`: a reviewer sees in it how a change changes
 * the API, and a change that nobody meant fails.
 *
 * @module
 */
import { globSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { runCommand } from '../command.ts'
import { root } from '../prepare.mjs'
import { entriesOf } from './application.ts'
import { parseComplaints } from './complaints.ts'

/** The tools that describe the API; `installPackages` installs them on demand. */
export const API_TOOLS = join(root, 'tools/api')

/** The page to open first. */
export const API_PAGES = join(root, '.cache/api-pages/index.html')

/** Compares the reports with the compiled packages, or writes them. Lists the faults, one sentence each. */
export async function findApiFaults({
  isWriting,
}: {
  readonly isWriting: boolean
}): Promise<string[]> {
  const entries = describedEntries()
  const faults: string[] = []
  const expected = new Set(entries.map(({ report }) => report))
  for (const file of globSync('packages/*/api/*', { cwd: root })) {
    if (expected.has(join(root, file))) continue
    if (isWriting) rmSync(join(root, file))
    else faults.push(`${file} describes no entry`)
  }
  for (const { report } of entries) mkdirSync(dirname(report), { recursive: true })
  const complaints = await runApiTool('report.mjs', { folder: root, isWriting, entries })
  return [...faults, ...complaints.map((fault) => fault.replace(`${root}/`, ''))]
}

/** Makes pages about the API out of the sources. Lists the faults, links that lead nowhere among them. */
export function makeApiPages(): Promise<string[]> {
  const folder = dirname(API_PAGES)
  rmSync(folder, { recursive: true, force: true })
  return runApiTool('pages.mjs', { folder, entries: describedEntries() })
}

/** Runs a program of `tools/api` with a job and returns its complaints. */
export async function runApiTool(tool: 'pages.mjs' | 'report.mjs', job: object): Promise<string[]> {
  const jobs = join(root, '.cache/api/jobs.json')
  mkdirSync(dirname(jobs), { recursive: true })
  writeFileSync(jobs, JSON.stringify(job))
  const { output } = await runCommand(process.execPath, [join(API_TOOLS, tool), jobs], {
    print: 'keep',
  })
  return parseComplaints(output)
}

/** The entries of all packages that export something, with their reports. */
const describedEntries = () =>
  globSync('packages/*/package.json', { cwd: root })
    .toSorted()
    .map((file) => join(root, dirname(file)))
    .flatMap((directory) =>
      entriesOf(directory)
        .filter(({ isWorker }) => !isWorker)
        .map((entry) => ({ ...entry, directory, report: reportOf(directory, entry.specifier) })),
    )

/** The report of an entry: `@conclave/e2ee/files` is described by `files.api.md`, `@conclave/e2ee` by `e2ee.api.md`. */
function reportOf(directory: string, specifier: string): string {
  const name = specifier.split('/').slice(2).join('-') || basename(directory)
  return join(directory, 'api', `${name}.api.md`)
}
