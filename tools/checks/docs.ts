/**
 * Every export of every package entry has a docstring, and every entry file says what it is with
 * `@module`. Reads the declarations that the compiler wrote, whose shape is regular.
 *
 * @module
 */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { root } from '../prepare.mjs'

interface Entry {
  readonly source: string
  readonly declarations: string
}

/** The undocumented exports and entries, one sentence each. The packages must be compiled. */
export function checkDocs(): string[] {
  const problems: string[] = []
  for (const { source, declarations } of findEntries()) {
    if (!existsSync(source) || !existsSync(declarations)) {
      problems.push(`${show(source)}: an entry of package.json that does not exist`)
      continue
    }
    if (!/^\/\*\*(?:(?!\*\/)[\s\S])*@module/.test(readFileSync(source, 'utf8'))) {
      problems.push(`${show(source)}: an entry file begins with a docstring that has @module`)
    }
    const found = exportsOf(declarations, new Set())
    for (const [name, { file, documented }] of found) {
      if (!documented) problems.push(`${show(file)}: the export ${name} has no docstring`)
    }
  }
  return [...new Set(problems)]
}

interface Declaration {
  readonly file: string
  readonly documented: boolean
}

/** Follows re-exports to the declaration files that hold the declarations themselves. */
const exportsOf = (file: string, seen: Set<string>): Map<string, Declaration> => {
  const found = new Map<string, Declaration>()
  if (seen.has(file) || !existsSync(file)) return found
  seen.add(file)
  const text = readFileSync(file, 'utf8')
  for (const [, star, list = '', from] of text.matchAll(
    /^export (?:type )?(?:(\*)|\{([^}]*)\})(?: from ['"]([^'"]+)['"])?;?/gm,
  )) {
    if (from !== undefined && !from.startsWith('.')) continue
    const target =
      from === undefined ? file : resolve(dirname(file), from.replace(/\.[jt]s$/, '.d.ts'))
    const inner = target === file ? declarationsIn(file, text) : exportsOf(target, new Set(seen))
    if (star !== undefined) for (const [name, value] of inner) found.set(name, value)
    for (const item of list.split(',')) {
      const [name = '', alias = name] = item
        .trim()
        .replace(/^type /, '')
        .split(/ as /)
      if (name !== '') found.set(alias, inner.get(name) ?? { file: target, documented: false })
    }
  }
  for (const [name, value] of declarationsIn(file, text)) if (value.exported) found.set(name, value)
  return found
}

const DECLARATION =
  /^(export )?(?:declare )?(?:abstract )?(?:async )?(?:function|class|interface|type|const|let|var) ([\w$]+)/

const declarationsIn = (
  file: string,
  text: string,
): Map<string, Declaration & { exported: boolean }> => {
  const found = new Map<string, Declaration & { exported: boolean }>()
  const lines = text.split('\n')
  for (const [index, line] of lines.entries()) {
    const match = DECLARATION.exec(line)
    const name = match?.[2]
    if (name === undefined) continue
    const documented =
      lines[index - 1]?.trimEnd().endsWith('*/') === true && !isModuleDoc(lines, index - 1)
    // One docstring serves all overloads, and an interface beside the constant of its name.
    if (found.get(name)?.documented !== true) {
      found.set(name, { file, documented, exported: match?.[1] !== undefined })
    }
  }
  return found
}

const isModuleDoc = (lines: readonly string[], end: number): boolean => {
  for (let index = end; index >= 0; index--) {
    const line = lines[index] ?? ''
    if (line.includes('@module')) return true
    if (line.trimStart().startsWith('/**')) return false
  }
  return false
}

const findEntries = (): Entry[] => {
  const entries: Entry[] = []
  for (const manifestPath of globSync('packages/*/package.json', { cwd: root })) {
    const folder = join(root, dirname(manifestPath))
    const { exports }: { exports: Record<string, string | Record<string, string>> } = JSON.parse(
      readFileSync(join(root, manifestPath), 'utf8'),
    )
    for (const target of Object.values(exports)) {
      if (typeof target === 'string') continue
      const source = target['@conclave/source'] ?? ''
      entries.push({
        source: join(folder, source),
        declarations: join(folder, target['types'] ?? ''),
      })
    }
  }
  return entries
}

const show = (file: string): string => relative(root, file)
