/**
 * CPU time and memory of a browser: of a process and everything that it started.
 *
 * @module
 */
import { readFileSync, readdirSync } from 'node:fs'

/** CPU seconds of a process and all its children so far. */
export function cpuSeconds(root: number | undefined): number {
  const ticks = treeOf(root).map(({ fields }) => Number(fields[11]) + Number(fields[12]))
  return ticks.reduce((sum, each) => sum + each, 0) / 100
}

/** Memory of a process and all its children in megabytes; what they share counts once. */
export function memoryMegabytes(root: number | undefined): number {
  const kilobytes = treeOf(root).map(({ pid }) => {
    const text = read(`/proc/${pid}/smaps_rollup`) ?? ''
    return Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0)
  })
  return kilobytes.reduce((sum, each) => sum + each, 0) / 1000
}

interface Process {
  readonly pid: number
  /** The fields of `/proc/PID/stat` behind the name. */
  readonly fields: readonly string[]
}

const treeOf = (root: number | undefined): Process[] => {
  const byPid = new Map<number, Process>()
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    const fields = read(`/proc/${entry}/stat`)?.split(') ').at(-1)?.split(' ')
    if (fields !== undefined) byPid.set(Number(entry), { pid: Number(entry), fields })
  }
  const isOurs = (pid: number): boolean => {
    if (pid === root) return true
    const parent = byPid.get(pid)?.fields[1]
    return parent !== undefined && isOurs(Number(parent))
  }
  return [...byPid.values()].filter(({ pid }) => isOurs(pid))
}

const read = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
