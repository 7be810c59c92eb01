/**
 * The examples of the documents are programs: every block fenced as `ts` is complete and runs. One
 * fenced as `ts browser` needs a page, and the end-to-end tests run it there.
 *
 * @module
 */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './prepare.mjs'

/** Where readers find examples. */
const DOCUMENTS = ['README.md', 'packages/*/README.md', 'docs/**/*.md']

/** One fenced block, with the place where a reader finds it. */
export interface Example {
  readonly path: string
  readonly line: number
  readonly runs: 'node' | 'browser'
  readonly code: string
}

/** The examples of all documents of the repository. */
export function findExamples(): Example[] {
  return globSync(DOCUMENTS, { cwd: root, exclude: ['**/node_modules/**'] })
    .toSorted()
    .flatMap((path) => examplesIn(path, readFileSync(join(root, path), 'utf8')))
}

/** The examples of one text. Blocks in other languages are no examples. */
export function examplesIn(path: string, markdown: string): Example[] {
  const examples: Example[] = []
  const lines = markdown.split('\n')
  for (const [index, line] of lines.entries()) {
    const fence = /^```ts(?: (browser))?$/.exec(line.trimEnd())
    if (fence === null) continue
    const end = lines.indexOf('```', index + 1)
    examples.push({
      path,
      line: index + 1,
      runs: fence[1] === undefined ? 'node' : 'browser',
      code: lines.slice(index + 1, end === -1 ? undefined : end).join('\n'),
    })
  }
  return examples
}
