/**
 * A folder says what several files have in common: a folder of `src` has more than one file.
 *
 * @module
 */
import { globSync } from 'node:fs'
import { dirname } from 'node:path'
import { root } from '../prepare.mjs'

/** The folders below every `src` that hold a single file, one sentence each. */
export function checkFolders(at: string = root): string[] {
  const counts = new Map<string, number>()
  for (const file of globSync('{packages,apps}/*/src/*/**/*.*', { cwd: at })) {
    const folder = file.split('/').slice(0, 4).join('/')
    counts.set(folder, (counts.get(folder) ?? 0) + 1)
  }
  return [...counts]
    .filter(([, count]) => count === 1)
    .map(([folder]) => `${folder}: has one file, which belongs into ${dirname(folder)}`)
    .toSorted()
}
