/**
 * The arrows between packages, a second time and by other means than the linter: what a source file
 * imports, statically or not, stands in its package's manifest, and the manifest names nothing of
 * ours that the arrows forbid.
 *
 * @module
 */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { root } from '../prepare.mjs'

/** What each folder may depend on of ours. A server is never given what holds keys. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  'packages/base': [],
  'packages/crypto': ['base'],
  'packages/wire': ['base'],
  'packages/e2ee': ['base', 'crypto', 'wire'],
  'packages/vault': ['base', 'crypto', 'wire', 'e2ee'],
  'packages/adapters': ['base', 'wire', 'e2ee'],
  'packages/media': ['base', 'crypto', 'wire', 'e2ee'],
  'packages/p2p': ['base', 'wire'],
  'packages/client': ['base', 'crypto', 'wire', 'e2ee', 'media', 'p2p'],
  'packages/server': ['base', 'crypto', 'wire'],
  'apps/meet': ['client'],
}

/** What is wrong with manifests and imports, one sentence each. */
export function checkImports(): string[] {
  const problems: string[] = []
  for (const folder of globSync('{packages,apps}/*', { cwd: root })) {
    if (!existsSync(join(root, folder, 'package.json'))) continue
    const allowed = ARROWS[folder]
    if (allowed === undefined) problems.push(`${folder}: tools/checks/imports.ts does not know it`)
    const declared = readDependencies(folder)
    for (const name of declared) {
      if (
        name.startsWith('@conclave/') &&
        allowed?.includes(name.slice('@conclave/'.length)) !== true
      ) {
        problems.push(`${folder}/package.json: may not depend on ${name}`)
      }
    }
    for (const file of globSync(`${folder}/src/**/*.{ts,tsx}`, { cwd: root })) {
      for (const name of importedPackages(readFileSync(join(root, file), 'utf8'))) {
        if (!isBuiltin(name) && !declared.includes(name)) {
          problems.push(`${file}: imports ${name}, which its package does not declare`)
        }
      }
    }
  }
  return problems
}

/** Names of the packages that a source text imports; relative imports and comments left out. */
export function importedPackages(source: string): string[] {
  const code = source.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
  const names = new Set<string>()
  for (const [, specifier = ''] of code.matchAll(
    /(?:\bfrom|\bimport|\bimport\()\s*['"](@?\w[\w:./-]*)['"]/g,
  )) {
    const parts = specifier.split('/')
    names.add(specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? ''))
  }
  return [...names]
}

const readDependencies = (folder: string): string[] => {
  const manifest: {
    name: string
    dependencies?: Record<string, string>
    devDependencies?: Record<string, string>
  } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
  return [
    ...Object.keys(manifest.dependencies ?? {}),
    ...Object.keys(manifest.devDependencies ?? {}),
  ]
}
