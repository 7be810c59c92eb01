/**
 * Plain English, as far as a machine can tell (`docs/style.md`): no doc comment or test title begins with a relative
 * clause that stands for a noun, and no text uses the words that `PHRASES` lists.
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
const TEXTS = ['*.md', '{spec,docs}/**/*.md', '{packages,apps}/*/README.md']

const HEADLESS = /^(?:what|whatever|who|whoever|whose|which)\b/i

/** Each phrase with its replacement. The list is short, so that it finds no fault in plain English. */
const PHRASES: readonly (readonly [RegExp, string])[] = [
  [/\bany more\b/i, '"no longer"'],
  [/\bof (?:its|their|your|my|our|his|her|one[’']s) own\b/i, '"its own x", not "an x of its own"'],
  [/\bof (?:the|a|an) \w+[’']s(?=[,.;:)]|$)/i, '"the caller’s x", not "an x of the caller’s"'],
  [/\b(?:be|none|is) such(?=[,.;:)]|$)/i, 'the property itself'],
  [/(?<!\b(?:leaves?|let|lets|left|leaving)\b.{0,12})\balone\b/i, '"only"'],
  [/\bno \w+ (?:is|are|does)(?=[,.;:)]|$)/i, 'the subject first'],
  [/\byours (?:stays?|remains?)\b/i, '"zero your copy"'],
  [/\b(?:it|them) no more\b/i, '"no longer"'],
  [/\banew\b/i, '"again" or "new"'],
  [/\baloud\b/i, 'the event or the call'],
  [/\bbearable\b/i, '"within bounds"'],
  [/\bnobody[’']s\b/i, 'the subject that has or does it'],
]

/** A piece of prose and the line on which it begins. */
interface Prose {
  readonly line: number
  readonly text: string
  readonly isSentence: boolean
}

/** Lists the texts of this repository that are not in plain English, one sentence each. */
export function checkLanguage(): string[] {
  const exclude = ['**/node_modules/**', '**/dist/**']
  return [...globSync(SOURCES, { cwd: root, exclude }), ...globSync(TEXTS, { cwd: root, exclude })]
    .toSorted()
    .flatMap((path) => findPhrases(path, readFileSync(join(root, path), 'utf8')))
}

/** Lists the faults of one file, one sentence each. Text in backticks is code, and never a fault. */
export function findPhrases(path: string, source: string): string[] {
  const pieces = path.endsWith('.md') ? paragraphsOf(source) : proseOf(source)
  return pieces.flatMap(({ line, text, isSentence }) => {
    const place = `${path}:${line}`
    const prose = text.replaceAll(/`[^`]*`/g, '``')
    const problems = PHRASES.flatMap(([phrase, plain]) => {
      const found = phrase.exec(prose)
      return found === null ? [] : [`${place}: "${found[0]}": write ${plain}`]
    })
    if (isSentence && HEADLESS.test(prose))
      problems.push(`${place}: begins with "${prose.split(' ', 1)[0]}": say what it is or does`)
    return problems
  })
}

/** Doc comments, other comments, the titles of tests and the messages of errors. */
const proseOf = (source: string): Prose[] => {
  const lineAt = (index: number): number => source.slice(0, index).split('\n').length
  const comments = [...source.matchAll(/\/\*\*[\s\S]*?\*\/|(?:^[ \t]*\/\/.*\n)+|(?<=\s)\/\/ .*/gm)]
  const titles = source.matchAll(/\b(?:test|it|describe)(?:\.\w+)*\(\s*(['"`])(.*?)\1,/g)
  const errors = source.matchAll(/Error\(\s*(['"`])([^\n]*?)\1[,)\s]/g)
  return [
    ...comments.map(({ 0: raw, index }) => ({
      line: lineAt(index),
      text: raw
        .replaceAll(/^\s*(?:\/\*\*|\*\/|\*|\/\/)|\*\/$/gm, '')
        .replaceAll(/\s+/g, ' ')
        .trim(),
      isSentence: raw.startsWith('/**'),
    })),
    ...[...titles].map(({ 2: title = '', index }) => ({
      line: lineAt(index),
      text: title.replace(/^(?:\[[^\]]*\] ?)+/, ''),
      isSentence: true,
    })),
    ...[...errors].map(({ 2: text = '', index }) => ({
      line: lineAt(index),
      text,
      isSentence: false,
    })),
  ]
}

const paragraphsOf = (source: string): Prose[] => {
  const found: Prose[] = []
  let line = 1
  for (const block of source.replaceAll(/^```[\s\S]*?^```/gm, blank).split(/\n\n/)) {
    found.push({ line, text: block.replaceAll(/\s+/g, ' '), isSentence: false })
    line += block.split('\n').length + 1
  }
  return found
}

const blank = (block: string): string => block.replaceAll(/[^\n]/g, '')
