/**
 * Every rule of `spec/` has a test that names it, and nothing names a rule that does not exist.
 *
 * A rule is a line `**W1.** text` in a chapter. A test names it at the beginning of its title:
 * `[W1] a truncated frame is malformed`, or `[W1, W2] ...`. Sources cite it as `spec W1`.
 *
 * @module
 */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../prepare.mjs'

const TESTS = [
  'packages/*/test/**/*.ts',
  'packages/*/src/testing/**/*.ts',
  'apps/*/{test,e2e}/**/*.ts',
  'tools/test/**/*.ts',
]
const SOURCES = ['packages/*/src/**/*.ts', 'apps/*/src/**/*.{ts,tsx}']

/** A text with the path that complaints name. */
export interface RuleText {
  readonly path: string
  readonly text: string
}

/** Lists the rules without a test, and the tests and sources that name no rule, one sentence each. */
export function findRuleProblems(texts: {
  readonly chapters: readonly RuleText[]
  readonly tests: readonly RuleText[]
  readonly sources: readonly RuleText[]
}): string[] {
  const problems: string[] = []
  const chapterByRule = new Map<string, string>()
  for (const { path, text } of texts.chapters) {
    for (const [, rule = ''] of text.matchAll(/^\s*(?:[-*] )?\*\*([A-Z]{1,3}\d+[a-z]?)\.\*\*/gm)) {
      const other = chapterByRule.get(rule)
      if (other !== undefined) problems.push(`${path}: rule ${rule} stands in ${other} already`)
      chapterByRule.set(rule, path)
    }
  }
  const tested = new Set<string>()
  for (const { path, text } of texts.tests) {
    for (const rule of rulesInTitles(text)) {
      tested.add(rule)
      if (!chapterByRule.has(rule)) problems.push(`${path}: no chapter has the rule ${rule}`)
    }
  }
  for (const [rule, path] of chapterByRule) {
    if (!tested.has(rule)) problems.push(`${path}: no test names the rule ${rule}`)
  }
  for (const { path, text } of texts.sources) {
    for (const [, rule = ''] of text.matchAll(/\bspec ([A-Z]{1,3}\d+[a-z]?)\b/g)) {
      if (!chapterByRule.has(rule))
        problems.push(`${path}: cites the rule ${rule}, which no chapter has`)
    }
  }
  return problems
}

/** The problems of this repository. */
export function checkRules(): string[] {
  return findRuleProblems({
    chapters: readAll(['spec/*.md']),
    tests: readAll(TESTS),
    sources: readAll(SOURCES),
  })
}

const rulesInTitles = (text: string): string[] => {
  const rules: string[] = []
  for (const [, list = ''] of text.matchAll(
    /['"`]\[([A-Z]{1,3}\d+[a-z]?(?:,\s*[A-Z]{1,3}\d+[a-z]?)*)\]\s/g,
  )) {
    rules.push(...list.split(/,\s*/))
  }
  return rules
}

const readAll = (patterns: readonly string[]): RuleText[] =>
  globSync(patterns, { cwd: root })
    .toSorted()
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
