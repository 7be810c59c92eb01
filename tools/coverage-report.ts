/**
 * The coverage of each package, added up from the report of all files.
 *
 * @module
 */
import { relative } from 'node:path'

/** The part of Istanbul's `coverage-summary.json` that is read: counts by absolute path, and their `total`. */
export type CoverageJson = Readonly<
  Record<string, { readonly lines: CoverageCount; readonly branches: CoverageCount }>
>

interface CoverageCount {
  readonly total: number
  readonly covered: number
}

/** A table with a line for each package and app, and one for all. */
export function summarizeCoverage(json: CoverageJson, root: string): string[] {
  const rows = new Map<string, { lines: CoverageCount; branches: CoverageCount }>()
  for (const [path, { lines, branches }] of Object.entries(json)) {
    const name =
      path === 'total' ? 'all' : relative(root, path).split(/[\\/]/).slice(0, 2).join('/')
    const row = rows.get(name)
    rows.set(name, { lines: add(lines, row?.lines), branches: add(branches, row?.branches) })
  }
  const names = [...rows.keys()].toSorted((a, b) =>
    a === 'all' ? 1 : b === 'all' ? -1 : a < b ? -1 : 1,
  )
  return [
    ' lines  branches',
    ...names.map((name) => {
      const row = rows.get(name)
      return `${percent(row?.lines)}   ${percent(row?.branches)}  ${name}`
    }),
  ]
}

const add = (a: CoverageCount, b: CoverageCount = { total: 0, covered: 0 }): CoverageCount => ({
  total: a.total + b.total,
  covered: a.covered + b.covered,
})

const percent = ({ total, covered }: CoverageCount = { total: 0, covered: 0 }): string =>
  `${(total === 0 ? 100 : (100 * covered) / total).toFixed(1).padStart(5)}%`
