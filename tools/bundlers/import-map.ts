/**
 * An import map for the packages as they are installed, for a page without a bundler.
 *
 * @module
 */
import { readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

type Targets = string | Readonly<Record<string, string>>

/** Addresses below `base` of everything that an entry of ours imports, directly or not. */
export function createImportMap(
  modules: string,
  { base, entries }: { readonly base: string; readonly entries: readonly string[] },
): string {
  const imports: Record<string, string> = {}
  const waiting = entries.map((specifier) => ({ specifier, from: modules }))
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { specifier, from } = next
    const file = specifier.startsWith('.')
      ? join(dirname(from), specifier)
      : findFile(next, modules)
    const address = `${base}/${relative(modules, file)}`
    const key = specifier.startsWith('.') ? address : specifier
    if (imports[key] !== undefined) continue
    imports[key] = address
    const code = readFileSync(file, 'utf8')
    for (const [, imported = ''] of code.matchAll(/\b(?:from|import)\s*\(?\s*["']([^"']+)["']/g))
      waiting.push({ specifier: imported, from: file })
  }
  const bare = Object.entries(imports).filter(([key]) => !key.startsWith(base))
  return JSON.stringify({ imports: Object.fromEntries(bare) })
}

/** The file of a package's entry, or of a name that a package gives its own files. */
function findFile(
  { specifier, from }: { readonly specifier: string; readonly from: string },
  modules: string,
): string {
  const own = relative(modules, from).split('/').slice(0, 2).join('/')
  const [, name = own, path = ''] =
    /^((?:@[^/]+\/)?[^/#]+)(\/.*)?$/.exec(specifier.startsWith('#') ? '' : specifier) ?? []
  const folder = join(modules, name)
  const manifest: {
    readonly exports: Readonly<Record<string, Targets>>
    readonly imports?: Readonly<Record<string, Targets>>
  } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  if (!specifier.startsWith('#')) return join(folder, pick(manifest.exports[`.${path}`]))
  for (const [pattern, targets] of Object.entries(manifest.imports ?? {})) {
    const [start = '', end] = pattern.split('*')
    if (end !== undefined && specifier.startsWith(start))
      return join(folder, pick(targets).replace('*', specifier.slice(start.length)))
  }
  throw new Error(`${from}: ${specifier} leads nowhere`)
}

const pick = (targets: Targets | undefined): string => {
  if (typeof targets === 'string') return targets
  const { browser, import: module, default: other } = targets ?? {}
  const target = browser ?? module ?? other
  if (target === undefined) throw new Error('an entry has no file')
  return typeof target === 'string' ? target : pick(target)
}
