/**
 * Looks at the packages as a stranger gets them: packed, read, installed into a bare application, imported, bundled,
 * compiled against, and used as their READMEs say.
 *
 * @module
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCommand } from '../command.ts'
import { installPackages, root } from '../prepare.mjs'
import { findUnnoticedChanges } from './api-changes.ts'
import { API_TOOLS, findApiFaults } from './api-reports.ts'
import { findEntries, installApplication, readManifest, type Entry } from './application.ts'
import { BUNDLERS, findBundleFaults } from './bundles.ts'
import { findCallFaults } from './call.ts'
import { findContentFaults, findWorkerFaults } from './contents.ts'
import { COMPILERS, findDeclarationFaults } from './declarations.ts'
import { findExampleFaults } from './examples.ts'
import { importAll, type Imported } from './exported-names.ts'
import { findPageFaults } from './pages.ts'
import { packAll } from './pack.ts'
import { installReaders, listReaders } from './readers.ts'
import { findServiceWorkerFaults } from './service-worker.ts'
import { findTestRunnerFaults } from './test-runners.ts'

/** One look at the packages: what was looked at, what is wrong, and how long it took. */
export interface Look {
  readonly name: string
  readonly faults: readonly string[]
  readonly ms: number
}

/** Prints a look as one line, and its faults below. */
export function printLook({ name, faults, ms }: Look): void {
  const verdict = faults.length === 0 ? 'ok' : 'FAILED'
  console.log(`${verdict.padEnd(6)} ${(ms / 1000).toFixed(1).padStart(6)} s  packages: ${name}`)
  for (const fault of faults) console.log(fault.replaceAll(/^/gm, '         '))
}

/** Installs the tools of `tools/consumers` and `tools/api`; ends the process when npm fails. */
export function installConsumers(): void {
  installPackages(join(root, 'tools/consumers'))
  installPackages(API_TOOLS)
}

/** Looks at all packages, which must be compiled, and reports each look as it ends. Consumers must be installed. */
export async function lookAtPackages(onLook: (look: Look) => void): Promise<readonly Look[]> {
  const looks: Look[] = []
  const look = async (name: string, find: () => Promise<string[]>): Promise<boolean> => {
    const started = performance.now()
    const faults = await find().catch((error: unknown) => [String(error)])
    const done = { name, faults, ms: performance.now() - started }
    looks.push(done)
    onLook(done)
    return faults.length === 0
  }
  const temporary = mkdtempSync(join(tmpdir(), 'conclave-packages-'))
  try {
    const folder = join(temporary, 'application')
    let tarballs: Awaited<ReturnType<typeof packAll>> = []
    const isInstalled = await look('install', async () => {
      tarballs = await packAll(temporary)
      return installApplication(folder, tarballs)
    })
    if (!isInstalled) return looks
    const entries = findEntries(folder, tarballs)
    const specifiers = entries.map(({ specifier }) => specifier)
    const imported = await importAll(folder, specifiers)
    await look('contents', async () => [
      ...tarballs
        .filter(({ name }) => name.startsWith('@conclave/'))
        .flatMap(({ name, files }) =>
          findContentFaults(
            files.map(({ path }) => path),
            readManifest(join(folder, 'node_modules', name)),
          ).map((fault) => `${name}: ${fault}`),
        ),
      ...entries
        .filter(({ isWorker }) => isWorker)
        .flatMap(({ specifier, output }) =>
          findWorkerFaults(readFileSync(output, 'utf8')).map((fault) => `${specifier}: ${fault}`),
        ),
    ])
    for (const node of findNodes()) {
      for (const by of ['import', 'require', 'import with a half window'] as const) {
        await look(`${by} in ${await versionOf(node)}`, async () =>
          findImportFaults(entries, await importAll(folder, specifiers, { by, node })),
        )
      }
    }
    const readers = listReaders(join(temporary, 'readers'), tarballs)
    const areReady = await look('install with pnpm what each README says', () =>
      installReaders(join(temporary, 'readers'), { readers, tarballs }),
    )
    const tasks = [
      async () => {
        for (const bundler of BUNDLERS) {
          await look(`bundle with ${bundler}`, () =>
            findBundleFaults(bundler, { folder, entries, imported }),
          )
        }
        await look('bundles in a page', () => findPageFaults(folder))
        await look('a service worker', () => findServiceWorkerFaults(folder))
      },
      async () => {
        await look('API reports', () => findApiFaults({ isWriting: false }))
        await look('API reports notice changes', findUnnoticedChanges)
      },
      ...COMPILERS.map(
        (compiler) => () =>
          look(`declarations in TypeScript ${compiler.version}`, () =>
            findDeclarationFaults(compiler, { folder, entries }),
          ),
      ),
      () => look('tests with jest and vitest', () => findTestRunnerFaults(folder)),
      async () => {
        if (areReady) await look('examples of the READMEs', () => findExampleFaults(readers))
      },
    ].values()
    // Two cores: two tasks run at a time, the longest first.
    const work = async (): Promise<void> => {
      for (const task of tasks) await task()
    }
    await Promise.all([work(), work()])
    const call = readers.find(({ name }) => name === 'call')
    if (areReady && call !== undefined)
      await look('a call in two pages by the READMEs', () => findCallFaults(call.folder))
    return looks
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}

/** The Node that runs this, and the one that started npm: the user's, often older. */
const findNodes = (): ReadonlySet<string> =>
  new Set([process.execPath, process.env['npm_node_execpath'] ?? process.execPath])

const versionOf = async (node: string): Promise<string> =>
  `Node ${(await runCommand(node, ['--version'], { print: 'keep' })).output.trim().slice(1)}`

/** A worker needs a worker's globals: it is bundled, and not imported. */
function findImportFaults(entries: readonly Entry[], imported: readonly Imported[]): string[] {
  return entries.flatMap(({ specifier, isWorker }, index) => {
    const result = imported[index]
    if (isWorker || result === undefined) return []
    if ('error' in result) return [`${specifier}: ${result.error}`]
    return result.names.length === 0 ? [`${specifier}: exports nothing`] : []
  })
}
