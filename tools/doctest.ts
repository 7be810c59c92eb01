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

/** One fenced block of any language, `sh` or `ts browser`, with the line that a reader sees. */
export interface Block {
  readonly language: string
  readonly line: number
  readonly code: string
}

/** The fenced blocks of one text. */
export function blocksIn(markdown: string): Block[] {
  const blocks: Block[] = []
  const lines = markdown.split('\n')
  for (let index = 0; index < lines.length; index++) {
    const language = /^```(\w.*)$/.exec(lines[index]?.trimEnd() ?? '')?.[1]
    if (language === undefined) continue
    const end = lines.indexOf('```', index + 1)
    const code = lines.slice(index + 1, end === -1 ? undefined : end).join('\n')
    blocks.push({ language, line: index + 1, code })
    if (end === -1) break
    index = end
  }
  return blocks
}

/** The examples of one text. Blocks in other languages are no examples. */
export function examplesIn(path: string, markdown: string): Example[] {
  return blocksIn(markdown).flatMap(({ language, line, code }) => {
    if (language !== 'ts' && language !== 'ts browser') return []
    return [
      { path, line, runs: language === 'ts' ? ('node' as const) : ('browser' as const), code },
    ]
  })
}

/** The names of the packages that a text tells its reader to install with npm. */
export function installsIn(markdown: string): string[] {
  return [...markdown.matchAll(/^npm install (.+)$/gm)].flatMap(([, names = '']) =>
    names.split(/\s+/).filter((name) => name !== '' && !name.startsWith('-')),
  )
}
