/**
 * Turns the rows of the table into overrides of the linter, one for each folder and glob.
 *
 * @module
 */
import { GLOBALS, PROPERTIES, ROWS, STRICTEST, type Row } from './table.ts'

/** An entry of `overrides` in `.oxlintrc.json`. */
export interface Override {
  readonly files: readonly string[]
  readonly plugins?: readonly string[]
  readonly rules: Readonly<Record<string, unknown>>
}

/** The boundaries of all folders: the strictest first, so that a folder's own row takes its place. */
export function boundaries(): Override[] {
  const anywhere = '{packages,apps}/*'
  const strictest = rulesOf(anywhere, STRICTEST)
  return [
    { files: [`${anywhere}/src/**`], rules: strictest },
    ...Object.entries(ROWS).flatMap(([folder, { files = {}, ...given }]) => {
      const own = { ...STRICTEST, ...given }
      const rules = rulesOf(folder, own)
      return [
        { files: [`${folder}/src/**`], rules: changes(strictest, rules) },
        ...Object.entries(files).map(([glob, row]) => {
          const may = [...(own.may ?? []), ...(row.may ?? [])]
          const inner = rulesOf(folder, { ...own, ...row, may })
          return { files: [`${folder}/src/${glob}`], rules: changes(rules, inner) }
        }),
      ]
    }),
  ]
}

/** The pattern that keeps every package, its tests included, from the files of another. */
export const ENTRIES_ONLY = {
  regex: '^@conclave/[^/]+/(src|dist)(/|$)',
  message: 'A5: import another package by its entry points, never its files.',
}

/** Keeps everything but its example from the entry that encrypts nothing. */
export const NOTHING_PLAIN = {
  regex: '^@conclave/p2p/plain$',
  message: 'A12: nothing but an example of it goes without encryption.',
}

type Rules = Override['rules']

/** The rules whose options differ; the others hold already. */
const changes = (before: Rules, after: Rules): Rules =>
  Object.fromEntries(
    Object.entries(after).filter(
      ([rule, options]) => JSON.stringify(options) !== JSON.stringify(before[rule]),
    ),
  )

/** The linter does not merge the options of two overrides: each rule is complete. */
const rulesOf = (folder: string, row: Row): Rules => {
  const may = new Set<string>(row.may)
  const globals = Object.entries(GLOBALS).flatMap(([group, [message, names]]) =>
    may.has(group) ? [] : names.split(' ').map((name) => ({ name, message })),
  )
  const properties = Object.entries(PROPERTIES).flatMap(([group, list]) =>
    may.has(group)
      ? []
      : list.map(([object, property, message]) => ({ object, property, message })),
  )
  const patterns = [
    ENTRIES_ONLY,
    {
      regex: String.raw`^\.\.?/(.*/)?(src|dist|packages|apps)/`,
      message: 'A5: import another package by its name.',
    },
    // Before what lets in whole packages.
    NOTHING_PLAIN,
    layers(folder, row),
    ...(row.never ?? []).map((part) => wall(folder, part)),
    ...(may.has('node') ? [] : [NODE_MODULES]),
  ]
  return {
    'no-restricted-imports': ['error', { paths: may.has('retry') ? [] : [RETRIES], patterns }],
    'no-restricted-globals': ['error', { checkGlobalObject: true, globals }],
    'no-restricted-properties': ['error', ...properties],
  }
}

/** Lets in the packages of a row, and no other package of ours. */
const layers = (folder: string, { imports = [] }: Row): object => ({
  group: [
    '@conclave/*',
    '@conclave/*/**',
    ...imports.flatMap((name) =>
      name.includes('/') ? [`!@conclave/${name}`] : [`!@conclave/${name}`, `!@conclave/${name}/**`],
    ),
  ],
  message: `A1: ${nameOf(folder)} imports ${imports.join(', ') || 'nothing'} of ours.`,
})

/** Keeps files from a folder or a file beside their own. */
const wall = (folder: string, part: string): object => ({
  regex: part.includes('.')
    ? String.raw`^\.\.?/(.*/)?${part.replace('.', String.raw`\.`)}$`
    : String.raw`^\.\.?/(.*/)?${part}/`,
  message: `A7: these files of ${nameOf(folder)} never import ${part}.`,
})

const nameOf = (folder: string): string =>
  folder.endsWith('*') ? 'a folder without a row' : (folder.split('/')[1] ?? folder)

const NODE_MODULES = {
  regex:
    '^(node:|(assert|buffer|child_process|cluster|crypto|dgram|dns|events|fs|http|http2|https|net|os|path|' +
    'process|stream|timers|tls|url|util|vm|worker_threads|zlib)(/|$))',
  message: "A3: Node's modules only in the files that are made for Node.",
}

const RETRIES = {
  name: '@conclave/base',
  importNames: ['backoffMs'],
  message: 'A9: one layer owns each retry; this one hears that the attempt failed.',
}
