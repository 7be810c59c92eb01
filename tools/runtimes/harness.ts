/**
 * As much of Vitest as the tests of vectors use, for runtimes that Vitest does not run in. Any other use is an error,
 * not a passed test.
 *
 * @module
 */
import { deepStrictEqual, notStrictEqual, rejects, strictEqual } from 'node:assert/strict'

/** The results of all tests. */
export interface RunResult {
  readonly passed: number
  /** Names and messages. */
  readonly failed: readonly string[]
}

type Body<T> = (value: T) => unknown

const collected: { readonly name: string; readonly body: () => unknown }[] = []
const titles: string[] = []

/** Collects a test. */
export function test(name: string, body: () => unknown): void {
  collected.push({ name: [...titles, name].join(' › '), body })
}

/** Names what it holds. */
export function describe(name: string, body: () => void): void {
  titles.push(name)
  body()
  titles.pop()
}

const each =
  (collect: (name: string, body: () => never) => void) =>
  <T>(values: readonly T[]) =>
  (name: string, body: Body<T>): void => {
    for (const [index, value] of values.entries()) {
      collect(`${name} (${index})`, (() => body(value)) as () => never)
    }
  }
test.each = each(test)
test.for = each(test)
describe.each = each(describe)

/** Runs what was collected, one after the other. */
export async function run(): Promise<RunResult> {
  const failed: string[] = []
  for (const { name, body } of collected) {
    try {
      await body()
    } catch (error) {
      failed.push(`${name}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return { passed: collected.length - failed.length, failed }
}

/** Replaces a method until it is restored. */
export const vi = {
  spyOn<T extends object, K extends keyof T>(target: T, name: K): Spy<T[K]> {
    const original = target[name]
    const spy: Spy<T[K]> = {
      mockImplementation(implementation) {
        target[name] = implementation
        return spy
      },
      mockRestore: () => void (target[name] = original),
    }
    return spy
  },
}

/** A method that a test replaced. */
interface Spy<T> {
  mockImplementation(implementation: T): Spy<T>
  mockRestore(): void
}

/** The matchers that the tests use. */
export function expect(actual: unknown): Expectation {
  return {
    not: { toBe: (expected) => notStrictEqual(actual, expected) },
    rejects: { toThrow: (part) => rejects(actual as Promise<unknown>, saying(part)) },
    toBe: (expected) => strictEqual(actual, expected),
    toBeUndefined: () => strictEqual(actual, undefined),
    toEqual: (expected) => deepStrictEqual(plain(actual), plain(expected)),
    toMatchObject: (expected) => deepStrictEqual(partOf(plain(actual), expected), plain(expected)),
  }
}

interface Expectation {
  readonly not: { toBe(expected: unknown): void }
  readonly rejects: { toThrow(part: string): Promise<void> }
  toBe(expected: unknown): void
  toBeUndefined(): void
  toEqual(expected: unknown): void
  toMatchObject(expected: unknown): void
}

const saying = (part: string) => (error: unknown) =>
  error instanceof Error && error.message.includes(part)

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)

/** Without properties that are undefined and without prototypes, as Vitest compares. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (ArrayBuffer.isView(value)) return Array.from(value as Uint8Array)
  if (!isRecord(value)) return value
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  return Object.fromEntries(entries.map(([name, item]) => [name, plain(item)]))
}

/** The members of an object that the expected one names. */
function partOf(actual: unknown, expected: unknown): unknown {
  if (!isRecord(actual) || !isRecord(expected) || Array.isArray(expected)) return actual
  const names = Object.keys(expected).filter((name) => actual[name] !== undefined)
  return Object.fromEntries(names.map((name) => [name, partOf(actual[name], expected[name])]))
}
