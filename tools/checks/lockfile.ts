/**
 * A lock file names packages by version and hash, never by an address, so that it works with any
 * registry; and every dependency is pinned to one version.
 *
 * @module
 */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../prepare.mjs'

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/** Lists the faults of all lock files and manifests, one sentence each. */
export function checkLockfile(): string[] {
  const problems: string[] = []
  for (const file of ['package-lock.json', ...globSync('tools/*/package-lock.json', { cwd: root })])
    problems.push(...findLockFaults(file))
  for (const file of [
    'package.json',
    ...globSync('{packages,apps,tools}/*/package.json', { cwd: root }),
  ]) {
    const manifest: Manifest = JSON.parse(readFileSync(join(root, file), 'utf8'))
    const all = {
      ...manifest.dependencies,
      ...manifest.devDependencies,
      ...manifest.optionalDependencies,
    }
    for (const [name, version] of Object.entries(all)) {
      if (!/^(?:npm:[\w@/-]+@)?\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version)) {
        problems.push(`${file}: ${name} is not pinned to one version: ${version}`)
      }
    }
  }
  return problems
}

function findLockFaults(file: string): string[] {
  const problems: string[] = []
  const lock: {
    packages: Record<string, { resolved?: string; integrity?: string; link?: boolean }>
  } = JSON.parse(readFileSync(join(root, file), 'utf8'))
  for (const [path, { resolved, integrity, link }] of Object.entries(lock.packages)) {
    if (!path.includes('node_modules/') || link === true) continue
    if (resolved !== undefined) problems.push(`${file}: ${path} names an address`)
    if (integrity === undefined) problems.push(`${file}: ${path} has no hash`)
  }
  return problems
}
