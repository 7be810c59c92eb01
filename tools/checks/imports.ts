/**
 * Checks the arrows between packages a second time, by other means than the linter and from the same table. A source
 * file imports only packages that its manifest names; the manifest names no others, and none of ours that the table
 * forbids; no import leaves `src` by a path; no file exports anything of `internal/`.
 *
 * @module
 */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join, posix } from 'node:path'
import { ROWS, STRICTEST } from '../lint/table.ts'
import { root } from '../prepare.mjs'

/** Lists the faults of manifests and imports below a folder, one sentence each. */
export function checkImports(at: string = root): string[] {
  const problems: string[] = []
  const compiled = readReferences(at, '.')
  for (const folder of globSync('{packages,apps}/*', { cwd: at })) {
    if (!existsSync(join(at, folder, 'package.json'))) continue
    if (!compiled.includes(folder)) problems.push(`tsconfig.json: does not reference ${folder}`)
    const { dependencies, declared, entries } = readManifest(join(at, folder, 'package.json'))
    const ours = declared.filter((name) => name.startsWith('@conclave/'))
    const { imports = [] } = { ...STRICTEST, ...ROWS[folder] }
    const allowed = [...new Set(imports.map((name) => `@conclave/${name.split('/')[0]}`))]
    for (const name of ours) {
      if (!allowed.includes(name))
        problems.push(`${folder}/package.json: may not depend on ${name}`)
    }
    const referenced = readReferences(at, folder)
    for (const name of ours) {
      if (!referenced.includes(name.replace('@conclave', 'packages')))
        problems.push(`${folder}/tsconfig.json: does not reference ${name}, on which it depends`)
    }
    for (const entry of entries) {
      if (entry.includes('/internal/')) problems.push(`${folder}/package.json: exports ${entry}`)
    }
    const sources = globSync(`${folder}/src/**/*.{ts,tsx}`, { cwd: at })
      .toSorted()
      .map((file) => ({ file, source: readFileSync(join(at, file), 'utf8') }))
    const imported = new Set(sources.flatMap(({ source }) => importedPackages(source)))
    for (const name of dependencies) {
      if (!imported.has(name))
        problems.push(`${folder}/package.json: depends on ${name}, which its src does not import`)
    }
    for (const { file, source } of sources) {
      for (const name of importedPackages(source)) {
        if (!isBuiltin(name) && !declared.includes(name)) {
          problems.push(`${file}: imports ${name}, which its package does not declare`)
        }
      }
      for (const path of pathsOut(file, source)) problems.push(`${file}: ${path}`)
    }
  }
  return problems
}

/** Names of the packages that a source text imports; relative imports and comments left out. */
export function importedPackages(source: string): string[] {
  const names = new Set<string>()
  for (const [, specifier = ''] of withoutComments(source).matchAll(
    /(?:\bfrom|\bimport|\bimport\()\s*['"](@?\w[\w:./-]*)['"]/g,
  )) {
    const parts = specifier.split('/')
    names.add(specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? ''))
  }
  return [...names]
}

/** Lists the relative imports of a file that leave `src`, and the internals that it exports. */
function pathsOut(file: string, source: string): string[] {
  const depth = file.split('/src/')[1]?.split('/').length ?? 1
  const code = withoutComments(source)
  const problems: string[] = []
  for (const [, specifier = ''] of code.matchAll(
    /\b(?:from|import|import\()\s*['"](\.[^'"]+)['"]/g,
  )) {
    const up = specifier.split('/').filter((part) => part === '..').length
    if (up >= depth) problems.push(`imports ${specifier}, which is not of its package's src`)
  }
  for (const [, specifier = ''] of code.matchAll(
    /^export (?:type )?(?:\*(?: as \w+)?|\{[^}]*\}) from ['"](\.[^'"]+)['"]/gm,
  )) {
    if (/(?:^|\/)internal\//.test(specifier))
      problems.push(`exports ${specifier}, which is internal`)
  }
  return problems
}

const withoutComments = (source: string): string =>
  source.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')

interface Manifest {
  readonly dependencies: readonly string[]
  readonly declared: readonly string[]
  readonly entries: readonly string[]
}

const readManifest = (file: string): Manifest => {
  const manifest: {
    dependencies?: Record<string, string>
    devDependencies?: Record<string, string>
    exports?: Record<string, string | Record<string, string>>
  } = JSON.parse(readFileSync(file, 'utf8'))
  return {
    dependencies: Object.keys(manifest.dependencies ?? {}),
    declared: Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }),
    entries: Object.values(manifest.exports ?? {}).flatMap((entry) =>
      typeof entry === 'string' ? [entry] : Object.values(entry),
    ),
  }
}

/** The folders that the compiler's configuration of a folder references. */
const readReferences = (at: string, folder: string): string[] => {
  const file = join(at, folder, 'tsconfig.json')
  if (!existsSync(file)) return []
  const { references = [] }: { references?: { path: string }[] } = JSON.parse(
    readFileSync(file, 'utf8'),
  )
  return references.map(({ path }) => posix.join(folder, path))
}
