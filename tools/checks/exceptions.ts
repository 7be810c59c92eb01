/**
 * Every exception from a rule of the linter says why: `oxlint-disable-next-line rule -- reason`. One for a whole file
 * names its rules and stands in its header, where a reader meets the reason first.
 *
 * @module
 */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../prepare.mjs'

const SOURCES = [
  '{packages,apps}/*/{src,test,e2e}/**/*.{ts,tsx}',
  '{tools,bench,examples}/**/*.{ts,tsx,mjs}',
]

/** Lists the exceptions of this repository that lack a reason or stand in the wrong place, one sentence each. */
export function checkExceptions(): string[] {
  return globSync(SOURCES, { cwd: root, exclude: ['**/node_modules/**', '**/dist/**'] })
    .toSorted()
    .flatMap((path) => findExceptions(path, readFileSync(join(root, path), 'utf8')))
}

/** Lists the faulty exceptions of one text, one sentence each. */
export function findExceptions(path: string, source: string): string[] {
  const problems: string[] = []
  for (const [index, line] of source.split('\n').entries()) {
    const match = /(?:\/\/|\/\*)\s*(?:oxlint|eslint)-disable(-next-line|-line)?\b(.*)/.exec(line)
    if (match === null) continue
    const [, scope, rest = ''] = match
    const isExplained = /^\s[\w/@, -]*[\w]\s+--\s+\S/.test(rest)
    if (!isExplained)
      problems.push(`${path}:${index + 1}: names no rule or gives no reason for its exception`)
    if (scope === undefined && index > 0 && !/^\s+/.test(line))
      problems.push(`${path}:${index + 1}: an exception for a whole file stands in its first line`)
  }
  return problems
}
