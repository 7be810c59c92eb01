/**
 * The things that a page or process holds, counted after garbage was collected.
 *
 * @module
 */

/** Counts by name; those of a page and of a process have different names. */
export interface Held {
  readonly heapMb: number
  readonly [name: string]: number
}

/** The most that the heap may grow in 1,000 joins: a session remembers those whom it met. */
const MAX_GROWTH_MB = 10

/** Texts about all that grew and may not. */
export function leaksOf(name: string, [before, after]: readonly [Held, Held]): readonly string[] {
  return Object.keys(before).flatMap((kind) => {
    const grown = (after[kind] ?? 0) - (before[kind] ?? 0)
    const most = kind === 'heapMb' ? MAX_GROWTH_MB : 0
    return grown > most ? [`${name}: ${grown} more ${kind}`] : []
  })
}
