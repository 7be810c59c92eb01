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
    .flatMap((name) => {
      const { exports } = readInstalledManifest(folder, name)
      return Object.entries(exports).flatMap(([path, target]) => {
        if (typeof target === 'string') return []
        const specifier = name + path.slice(1)
        const file = join(folder, 'node_modules', name, target['types'] ?? '')
        const isWorker = !/^export (?!\{\};)/m.test(readFileSync(file, 'utf8'))
        return [{ specifier, isWorker, isForNode: FOR_NODE.includes(specifier) }]
      })
    })
}

/** The manifest of a package as it was installed. */
export function readInstalledManifest(
  folder: string,
  name: string,
): {
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  readonly bin?: Readonly<Record<string, string>>
} {
  return JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8'))
}
