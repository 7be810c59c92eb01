import { RIGHTS } from '@conclave/wire'
import type { Right } from '@conclave/wire'

/** The rights of a list or a set that has nothing else; `undefined` for other values. */
export function readRights(value: unknown): ReadonlySet<Right> | undefined {
  const isList = Array.isArray(value) || Object.prototype.toString.call(value) === '[object Set]'
  if (!isList) return undefined
  const known: readonly unknown[] = RIGHTS
  const rights = new Set<unknown>(value as Iterable<unknown>)
  return [...rights].every((right) => known.includes(right)) ? (rights as Set<Right>) : undefined
}
