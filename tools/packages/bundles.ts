/**
 * Bundles every entry with the bundlers that applications use and compares each bundle with its entry.
 *
 * @module
 */
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand } from '../command.ts'
import { root } from '../prepare.mjs'
import type { Entry } from './application.ts'
import { parseComplaints } from './complaints.ts'
import { importAll, type Imported } from './exported-names.ts'

/** Rolldown is inside Vite. */
export const BUNDLERS = ['vite', 'esbuild', 'rollup', 'webpack'] as const

/** A worker that lost its code leaves an empty file; one that kept it is about 15 kB. */
const MIN_WORKER_BYTES = 1000

/** Lists the names that one bundler loses, and its complaints. `imported` is what each entry exports in Node. */
export async function findBundleFaults(
  bundler: (typeof BUNDLERS)[number],
  {
    folder,
    entries,
    imported,
  }: {
    readonly folder: string
    readonly entries: readonly Entry[]
    readonly imported: readonly Imported[]
  },
): Promise<string[]> {
  const out = join(folder, 'bundles', bundler)
  mkdirSync(out, { recursive: true })
  const jobs = entries.map(({ specifier, isForNode, isWorker }) => {
    const name = specifier.replace('@conclave/', '').replaceAll('/', '-')
    const [entry, output] = [join(folder, `${name}.entry.mjs`), join(out, `${name}.mjs`)]
    writeFileSync(entry, isWorker ? `import '${specifier}'\n` : `export * from '${specifier}'\n`)
    return { entry, output, isForNode }
  })
  const jobsFile = join(out, 'jobs.json')
  writeFileSync(jobsFile, JSON.stringify({ folder, jobs }))
  const { output } = await runCommand(
    process.execPath,
    [join(root, 'tools/consumers/bundle.mjs'), bundler, jobsFile],
    { print: 'keep', cwd: folder },
  )
  const faults = parseComplaints(output)
  const files = jobs.map((job) => job.output)
  const bundled = await importAll(
    folder,
    files.filter((_, index) => entries[index]?.isWorker === false),
  )
  const results = bundled.values()
  for (const [index, { specifier, isWorker }] of entries.entries()) {
    const file = files[index] ?? ''
    const fault = isWorker
      ? findWorkerFault(file)
      : compareNames(results.next().value, imported[index])
    if (fault !== undefined) faults.push(`${specifier}: ${fault}`)
  }
  return faults
}

const findWorkerFault = (file: string): string | undefined => {
  const bytes = existsSync(file) ? statSync(file).size : 0
  return bytes < MIN_WORKER_BYTES ? `its bundle has ${bytes} bytes` : undefined
}

const compareNames = (
  bundled: Imported | undefined,
  entry: Imported | undefined,
): string | undefined => {
  if (bundled === undefined || entry === undefined || 'error' in entry) return 'was not imported'
  if ('error' in bundled) return `its bundle does not run: ${bundled.error}`
  const missing = entry.names.filter((name) => !bundled.names.includes(name))
  return missing.length === 0 ? undefined : `its bundle lacks ${missing.join(', ')}`
}
