/**
 * The exact shape of JSON objects from outside: each member by a guard, and no member besides.
 *
 * @module
 */

/** Guards of the members of an object that has exactly these. */
export type Shape<T> = { readonly [Member in keyof T]-?: (value: unknown) => boolean }

/** Whether a value of `JSON.parse` is an object with exactly the members of a shape, each as its guard says. */
export function hasShape<T>(value: unknown, shape: Shape<T>): value is T {
  return hasMembers(value, shape) && Object.keys(Object(value)).length === Object.keys(shape).length
}

/** Whether a value of `JSON.parse` is an object with the members of a shape, each as its guard says, whatever others it has. */
export function hasMembers<T>(value: unknown, shape: Shape<T>): value is T {
  if (!isRecord(value)) return false
  return Object.entries<(value: unknown) => boolean>(shape).every(
    ([member, fits]) => Object.hasOwn(value, member) && fits(value[member]),
  )
}

/** Whether a value is an object, and no array. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether a value is an integer from 0 to `most`. */
export function isIntegerUpTo(most: number, value: unknown): value is number {
  // JSON has −0, and an answer that repeats it would have 0.
  return (
    Number.isInteger(value) && !Object.is(value, -0) && Number(value) >= 0 && Number(value) <= most
  )
}
