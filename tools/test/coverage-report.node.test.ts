import { expect, test } from 'vitest'
import { summarizeCoverage } from '../coverage-report.ts'

test('adds the files of each package up', () => {
  const count = (covered: number, total: number): { covered: number; total: number } => ({
    covered,
    total,
  })
  expect(
    summarizeCoverage(
      {
        total: { lines: count(35, 50), branches: count(1, 4) },
        '/r/packages/wire/src/a.ts': { lines: count(10, 10), branches: count(0, 0) },
        '/r/packages/wire/src/b/c.ts': { lines: count(5, 10), branches: count(1, 4) },
        '/r/apps/meet/src/main.tsx': { lines: count(20, 30), branches: count(0, 0) },
      },
      '/r',
    ),
  ).toEqual([
    ' lines  branches',
    ' 66.7%   100.0%  apps/meet',
    ' 75.0%    25.0%  packages/wire',
    ' 70.0%    25.0%  all',
  ])
})
