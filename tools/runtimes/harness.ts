/**
 * As much of Vitest as the tests of vectors use, for runtimes that Vitest does not run in. Any other use is an error,
 * not a passed test.
 *
 * @module
 */
import {
  deepStrictEqual,
  notDeepStrictEqual,
  notStrictEqual,
  ok,
  rejects,
  strictEqual,
} from 'node:assert/strict'

/** The results of all tests. */
export interface RunResult {
  readonly passed: number
  /** Names and messages. */
  readonly failed: readonly string[]
}

/** A row that is an array gives the arguments, any other one is the argument, as in Vitest. */
type Body<T> = (...values: T extends readonly unknown[] ? T : [T]) => unknown

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

type Collect = (name: string, body: () => never) => void

const each =
  (collect: Collect) =>
  <T>(rows: readonly T[]) =>
  (name: string, body: Body<T>): void => {
    for (const [index, row] of rows.entries()) {
      const values: readonly unknown[] = Array.isArray(row) ? row : [row]
      collect(`${name} (${index})`, () => Reflect.apply(body, undefined, values) as never)
    }
  }
test.each = each(test)
test.for =
  <T>(rows: readonly T[]) =>
  (name: string, body: (row: T) => unknown): void => {
    for (const [index, row] of rows.entries()) test(`${name} (${index})`, () => body(row))
  }
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
    not: {
      toBe: (expected) => notStrictEqual(actual, expected),
      toContain: (part) => strictEqual((actual as string).includes(part), false),
      toEqual: (expected) => notDeepStrictEqual(plain(actual), plain(expected)),
    },
    rejects: {
      toMatchObject: async (expected) => {
        const outcome = await (actual as Promise<unknown>).then(
          () => 'resolved',
          (error: unknown) => error,
        )
        deepStrictEqual(partOf(plain(outcome), expected), plain(expected))
      },
      toThrow: (part) => rejects(actual as Promise<unknown>, saying(part)),
    },
    toBe: (expected) => strictEqual(actual, expected),
    toBeDefined: () => notStrictEqual(actual, undefined),
    toBeLessThanOrEqual: (most) =>
      ok((actual as number) <= most, `${String(actual)} is above ${most}`),
    toBeUndefined: () => strictEqual(actual, undefined),
    toEqual: (expected) => deepStrictEqual(plain(actual), plain(expected)),
    toHaveLength: (length) => strictEqual((actual as ArrayLike<unknown>).length, length),
    toMatchObject: (expected) => deepStrictEqual(partOf(plain(actual), expected), plain(expected)),
  }
}

interface Expectation {
  readonly not: {
    toBe(expected: unknown): void
    toContain(part: string): void
    toEqual(expected: unknown): void
  }
  readonly rejects: {
    toMatchObject(expected: unknown): Promise<void>
    toThrow(part: string): Promise<void>
  }
  toBe(expected: unknown): void
  toBeDefined(): void
  toBeLessThanOrEqual(most: number): void
  toBeUndefined(): void
  toEqual(expected: unknown): void
  toHaveLength(length: number): void
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
