/**
 * How benchmarks print: a table for people, and with `--json` one object, last.
 *
 * @module
 */

/** One line: what was measured, ours against each peer, and how far the rounds lay apart. */
export interface BenchRow {
  readonly case: string
  readonly metric: string
  readonly unit: string
  readonly ours: number
  readonly peers: Readonly<Record<string, number>>
  readonly better: 'lower' | 'higher'
  /** Smallest and largest of our rounds. */
  readonly spread: readonly [number, number]
}

/** Prints the result of a benchmark. */
export function printResult(name: string, rows: readonly BenchRow[]): void {
  const peers = [...new Set(rows.flatMap((row) => Object.keys(row.peers)))]
  const head = [
    'case',
    'metric',
    'unit',
    'ours',
    'spread',
    ...peers.flatMap((peer) => [peer, 'ours/peer']),
  ]
  const lines = rows.map((row) => [
    row.case,
    row.metric,
    row.unit,
    show(row.ours),
    row.spread.map(show).join(' to '),
    ...peers.flatMap((peer) => {
      const value = row.peers[peer]
      return value === undefined ? ['', ''] : [show(value), show(row.ours / value)]
    }),
  ])
  const widths = head.map((_, at) =>
    Math.max(...[head, ...lines].map((line) => line[at]?.length ?? 0)),
  )
  for (const line of [head, ...lines]) {
    console.log(
      line
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
  }
  if (process.argv.includes('--json')) console.log(JSON.stringify({ name, rows }))
}

/** The middle of the values, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  return (percentile(values, 0.5) + percentile(values, 0.5, Math.floor)) / 2
}

/** The value below which a share of the values lies (nearest rank). */
export function percentile(
  values: readonly number[],
  share: number,
  round: (rank: number) => number = Math.ceil,
): number {
  const sorted = values.toSorted((left, right) => left - right)
  const rank = share * (sorted.length - 1)
  return sorted[round(rank)] ?? Number.NaN
}

/** Smallest and largest. */
export function spread(values: readonly number[]): [number, number] {
  return [Math.min(...values), Math.max(...values)]
}

const show = (value: number): string =>
  Number.isFinite(value) ? String(Math.round(value * 100) / 100) : '-'
