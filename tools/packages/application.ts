/**
 * Installs every package from its tarball into a bare application outside this repository.
 *
 * @module
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runNpm, type Tarball } from './pack.ts'

/** One entry of one package, as an application imports it. */
export interface Entry {
  /** `@conclave/media/worker`. */
  readonly specifier: string
  /** Whether it needs Node's modules. */
  readonly isForNode: boolean
  /** Whether it exports nothing and acts by being imported, in a worker. */
  readonly isWorker: boolean
  /** The paths of its source, of its file and of its declaration file. */
  readonly source: string
  readonly output: string
  readonly declarations: string
}

/** Entries that import Node's modules; all others run in a page too. */
const FOR_NODE = ['@conclave/adapters/testing', '@conclave/server/node', '@conclave/vault/node']

/** Installs the tarballs beside it into `folder`. The network is off, and so is npm's cache. */
export async function installApplication(
  folder: string,
  tarballs: readonly Tarball[],
): Promise<string[]> {
  mkdirSync(folder, { recursive: true })
  const dependencies = Object.fromEntries(
    tarballs.map(({ name, filename }) => [name, `file:../${filename}`]),
  )
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'application', private: true, type: 'module', dependencies }),
  )
  const { code, output } = await runNpm(
    ['install', '--offline', '--ignore-scripts', '--no-package-lock', '--no-audit', '--no-fund'],
    { cwd: folder, env: { npm_config_cache: join(folder, '../cache') } },
  )
  return code === 0 ? [] : [output.trim()]
}

/** The entries of all packages, read from the installed manifests. */
export function findEntries(folder: string, tarballs: readonly Tarball[]): Entry[] {
  return tarballs
    .map(({ name }) => name)
    .filter((name) => name.startsWith('@conclave/'))
    .flatMap((name) => entriesOf(join(folder, 'node_modules', name)))
}

/** The entries of one compiled package, read from its manifest. */
export function entriesOf(folder: string): Entry[] {
  const { name, exports } = readManifest(folder)
  return Object.entries(exports).flatMap(([path, target]) => {
    if (typeof target === 'string') return []
    const specifier = name + path.slice(1)
    const source = join(folder, target['@conclave/source'] ?? '')
    const output = join(folder, target['default'] ?? '')
    const declarations = join(folder, target['types'] ?? '')
    const isWorker = !/^export (?!\{\};)/m.test(readFileSync(declarations, 'utf8'))
    const isForNode = FOR_NODE.includes(specifier)
    return [{ specifier, isWorker, isForNode, source, output, declarations }]
  })
}

/** The manifest of a package. */
export function readManifest(folder: string): {
  readonly name: string
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  readonly bin?: Readonly<Record<string, string>>
} {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
}
