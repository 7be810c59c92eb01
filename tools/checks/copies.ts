/**
 * A helper exists once (A10): no six lines in a row stand in two places. Lines are compared with their white space
 * folded, and those that say nothing are passed over: blank ones, comments, imports, re-exports and lone punctuation.
 * So is a method `on` that only hands the subscription to the object's emitter: interfaces ask for it, class by class.
 *
 * An interface may be declared in two packages of which neither may import the other: it is a port, and the compiler
 * compares its two sides where an application brings them together.
 *
 * @module
 */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROWS, STRICTEST } from '../lint/table.ts'
import { root } from '../prepare.mjs'

/** How many equal lines make a copy. */
const COPY_LINES = 6

/** A source text with the path that complaints name. */
export interface SourceText {
  readonly path: string
  readonly text: string
}

/** The copies of this repository, one sentence each. */
export function checkCopies(): string[] {
  const files = globSync('{packages,apps}/*/src/**/*.{ts,tsx}', { cwd: root }).toSorted()
  return findCopies(files.map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') })))
}

/** Every longest run of equal lines in two places, once. */
export function findCopies(sources: readonly SourceText[]): string[] {
  const files = sources.map(({ path, text }) => ({ path, lines: significantLines(text) }))
  const placesByWindow = new Map<string, Place[]>()
  const problems: string[] = []
  for (const file of files) {
    for (let start = 0; start + COPY_LINES <= file.lines.length; start++) {
      const window = textOf(file, start, COPY_LINES)
      const earlier = placesByWindow.get(window) ?? []
      for (const other of earlier) {
        const overlaps = other.file === file && other.start + COPY_LINES > start
        if (overlaps || continues(other, file, start)) continue
        const length = lengthOfRun(other, file, start)
        if (isPort(other, { file, start }, length)) continue
        problems.push(
          `${show(file, start)}: the next ${length} lines stand in ${show(other.file, other.start)} too`,
        )
      }
      placesByWindow.set(window, [...earlier, { file, start }])
    }
  }
  return problems
}

interface File {
  readonly path: string
  readonly lines: readonly Line[]
}

interface Line {
  readonly number: number
  readonly text: string
  /** The name of the interface around the line. */
  readonly inside: string | undefined
}

interface Place {
  readonly file: File
  readonly start: number
}

const significantLines = (text: string): Line[] => {
  const lines: Line[] = []
  let inside: string | undefined
  // Comments and imports may span lines: they become blank ones, so that numbers stay right.
  const blanked = text.replaceAll(PASSED_OVER, (match) => match.replaceAll(/[^\n]/g, ''))
  for (const [index, line] of blanked.split('\n').entries()) {
    inside = /^(?:export )?interface (\w+)/.exec(line)?.[1] ?? inside
    if (/\w/.test(line)) {
      lines.push({ number: index + 1, text: line.trim().replaceAll(/\s+/g, ' '), inside })
    } else if (line === '}') inside = undefined
  }
  return lines
}

const PASSED_OVER = new RegExp(
  [
    String.raw`\/\*[\s\S]*?\*\/`,
    String.raw`^\s*\/\/.*$`,
    String.raw`^import\b[^'"]*['"][^'"]*['"]$`,
    String.raw`^export (?:type )?(?:\*|\{)[^'"]*['"][^'"]*['"]$`,
    String.raw`^ {2}on<[^{}]*\{\s*return this\.#\w+\.on\(type, handler\)\s*\}$`,
  ].join('|'),
  'gm',
)

const textOf = ({ lines }: File, start: number, length: number): string =>
  lines
    .slice(start, start + length)
    .map(({ text }) => text)
    .join('\n')

/** Whether the run began a line earlier, and is reported already. */
const continues = (other: Place, file: File, start: number): boolean =>
  start > 0 && other.start > 0 && isSame(other.file.lines[other.start - 1], file.lines[start - 1])

const lengthOfRun = (other: Place, file: File, start: number): number => {
  let length = COPY_LINES
  while (isSame(other.file.lines[other.start + length], file.lines[start + length])) length++
  return length
}

const isPort = (a: Place, b: Place, length: number): boolean => {
  const [one, two] = [a.file.path, b.file.path].map((path) => path.split('/').slice(0, 2).join('/'))
  if (one === undefined || two === undefined || mayImport(one, two) || mayImport(two, one))
    return false
  const names = [a, b].flatMap(({ file, start }) =>
    file.lines.slice(start, start + length).map(({ inside }) => inside),
  )
  return names[0] !== undefined && names.every((name) => name === names[0])
}

const mayImport = (folder: string, other: string): boolean => {
  const { imports = [] } = { ...STRICTEST, ...ROWS[folder] }
  return folder === other || imports.includes(other.replace('packages/', ''))
}

const isSame = (a: Line | undefined, b: Line | undefined): boolean =>
  a !== undefined && a.text === b?.text

const show = ({ path, lines }: File, start: number): string => `${path}:${lines[start]?.number}`
