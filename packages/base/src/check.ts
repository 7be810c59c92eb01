/**
 * Checks of arguments. Every error names the argument, the expectation and the type that arrived, and shows none of
 * its content.
 *
 * @module
 */
import { toByteString } from './text.ts'

/** The type of a value, for messages: `null`, or `type=number`. */
export function describeType(value: unknown): string {
  return value === null ? 'null' : `type=${typeof value}`
}

/**
 * Checks that an argument is text.
 *
 * @throws TypeError that names the argument
 */
export function checkString(name: string, value: unknown): asserts value is string {
  if (typeof value === 'string') return
  throw new TypeError(`"${name}" expected string, got ${describeType(value)}`)
}

/**
 * Checks that an argument is text of `min` to `max` bytes of UTF-8; returns it as a byte string (see `toByteString`).
 *
 * @throws TypeError, RangeError that name the argument
 */
export function checkText(
  name: string,
  value: unknown,
  { min, max }: { readonly min: number; readonly max: number },
): string {
  checkString(name, value)
  // A string is never longer than its UTF-8 encoding.
  const binary = value.length > max ? undefined : toByteString(value)
  if (binary === undefined || binary.length < min || binary.length > max) {
    throw new RangeError(`"${name}" expected ${min} to ${max} bytes of well-formed text`)
  }
  return binary
}

/**
 * Checks that an argument is an object.
 *
 * @throws TypeError that names the argument
 */
export function checkObject(name: string, value: unknown): asserts value is object {
  if (typeof value === 'object' && value !== null) return
  throw new TypeError(`"${name}" expected an object, got ${describeType(value)}`)
}

/**
 * Checks that an argument is a function.
 *
 * @throws TypeError that names the argument
 */
export function checkFunction(name: string, value: unknown): void {
  if (typeof value === 'function') return
  throw new TypeError(`"${name}" expected function, got ${describeType(value)}`)
}

/**
 * Checks that an argument has these methods.
 *
 * @throws TypeError that names the argument
 */
export function checkMethods(name: string, value: unknown, ...methods: readonly string[]): void {
  const given = value as { readonly [name: string]: unknown } | null | undefined
  if (methods.every((method) => typeof given?.[method] === 'function')) return
  throw new TypeError(
    `"${name}" expected an object with ${methods.join(' and ')}, got ${describeType(value)}`,
  )
}

/**
 * Checks that an argument is an object of a class, by the name and a method of the class: another copy of the package and
 * another realm have the same ones, but another class.
 *
 * @throws TypeError that names the argument and the class
 */
export function checkInstance<T extends object>(
  name: string,
  value: unknown,
  { of, method }: { readonly of: string; readonly method: keyof T & string },
): asserts value is T {
  const given = value as Readonly<Record<string | symbol, unknown>> | null | undefined
  if (given?.[Symbol.toStringTag] === of && typeof given[method] === 'function') return
  throw new TypeError(`"${name}" expected ${of}, got ${describeType(value)}`)
}

/**
 * Checks that an argument is an integer from `min` to `max`; returns it.
 *
 * @throws TypeError, RangeError that name the argument
 */
export function checkInteger(
  name: string,
  value: unknown,
  { min, max }: { readonly min: number; readonly max: number },
): number {
  if (typeof value !== 'number') {
    throw new TypeError(`"${name}" expected number, got ${describeType(value)}`)
  }
  if (Number.isInteger(value) && value >= min && value <= max) return value
  throw new RangeError(`"${name}" expected an integer from ${min} to ${max}, got ${value}`)
}
