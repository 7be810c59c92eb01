/**
 * Every exported function under every broken ground: it works, or it ends with the code that its documentation names.
 * spec K43
 */
import '../web-platform.ts'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest'
import { root } from '../prepare.mjs'
import { entries, importEntry } from './entries.ts'
import { adapterRows } from './ground/adapter-rows.ts'
import { clientRows } from './ground/client-rows.ts'
import { cryptoRows } from './ground/crypto-rows.ts'
import { e2eeEntryRows } from './ground/e2ee-entry-rows.ts'
import { e2eeRows } from './ground/e2ee-rows.ts'
import { fileRows } from './ground/file-rows.ts'
import { makeGiven } from './ground/given.ts'
import { NO_GROUND } from './ground/no-ground.ts'
import { exportOf } from './ground/row.ts'
import type { Need } from './ground/row.ts'
import { serverClientRows } from './ground/server-client-rows.ts'
import { vaultRows } from './ground/vault-rows.ts'

const given = await makeGiven()
const rows = [
  cryptoRows,
  e2eeRows,
  e2eeEntryRows,
  fileRows,
  vaultRows,
  adapterRows,
  clientRows,
  serverClientRows,
].flatMap((make) => make(given))

const DECLARATION = /\/\*\*((?:(?!\*\/)[^])*)\*\/\nexport (?:async )?(function|class) (\w+)/g

const { crypto: whole } = globalThis
const getRandomValues = whole.getRandomValues.bind(whole)

/** WebCrypto as an engine has it that does not know a curve. */
const without = (curve: string): Crypto => {
  const subtle = new Proxy(whole.subtle, {
    get: (target, name) => {
      const method = Reflect.get(target, name) as ((...args: unknown[]) => unknown) | undefined
      if (typeof method !== 'function') return method
      return async (...args: unknown[]) => {
        if (!args.some((argument) => nameOf(argument) === curve)) return method.apply(target, args)
        throw new DOMException('Unrecognized name.', 'NotSupportedError')
      }
    },
  })
  return { getRandomValues, subtle } as unknown as Crypto
}

const nameOf = (argument: unknown): unknown =>
  typeof argument === 'string' ? argument : (argument as { readonly name?: unknown } | null)?.name

/** By what a platform lacks: the needs that are not met, and how it is made so. */
const grounds: Readonly<Record<string, readonly [lacks: readonly Need[], breakIt: () => void]>> = {
  'whole ground': [[], () => {}],
  'no global crypto': [
    ['random', 'subtle', 'Ed25519', 'X25519'],
    () => vi.stubGlobal('crypto', undefined),
  ],
  'no secure context': [
    ['subtle', 'Ed25519', 'X25519'],
    () => vi.stubGlobal('crypto', { getRandomValues }),
  ],
  'no Ed25519': [['Ed25519'], () => vi.stubGlobal('crypto', without('Ed25519'))],
  'no X25519': [['X25519'], () => vi.stubGlobal('crypto', without('X25519'))],
  'no WebAssembly': [['WebAssembly'], () => vi.stubGlobal('WebAssembly', undefined)],
}

afterEach(() => vi.unstubAllGlobals())
afterAll(() => given.vault.close())

/** `works`, or the code of the error, or what was thrown in its place. */
const outcomeOf = async (run: () => unknown): Promise<string> => {
  try {
    await run()
    return 'works'
  } catch (error) {
    const { code, name, message } = error as Error & { readonly code?: unknown }
    return typeof code === 'string' ? code : `${name}: ${message}`
  }
}

describe('[K43] under each broken ground', () => {
  test.each(rows)('$name', async ({ needs, otherwise, run }) => {
    const expected: Record<string, string> = {}
    const outcomes: Record<string, string> = {}
    for (const [ground, [lacks, breakIt]] of Object.entries(grounds)) {
      const isBroken = needs.some((need) => lacks.includes(need))
      expected[ground] = isBroken ? 'ERR_CRYPTO_UNSUPPORTED' : otherwise
      breakIt()
      outcomes[ground] = await outcomeOf(run)
      vi.unstubAllGlobals()
    }
    expect(outcomes).toEqual(expected)
  })
})

/** Classes of errors and their predicates are held to the same by `error-predicates.node.test.ts`. */
const isListed = ([name, value]: [string, unknown]): boolean =>
  typeof value === 'function' && !(value.prototype instanceof Error) && !/^is\w+Error$/.test(name)

const listed = entries.filter(({ name }) => !NO_GROUND.some((pattern) => pattern.test(name)))

test.each(listed)('[K43] the table has every exported function of $name', async (entry) => {
  const functions = Object.entries(await importEntry(entry)).filter(isListed)
  const known = new Set(rows.map(exportOf))
  const missing = functions.filter(([name]) => !known.has(`${entry.name} ${name}`))
  expect(missing.map(([name]) => name)).toEqual([])
})

test.each(entries)('[K43] $name loads without the global crypto', async (entry) => {
  vi.stubGlobal('crypto', undefined)
  vi.resetModules()
  await expect(importEntry(entry)).resolves.toBeDefined()
})

/** By export: the doc comment of a function; of a class the whole file, as its methods have their own. */
const docs = new Map(
  globSync('packages/*/src/**/*.ts', { cwd: root }).flatMap((path) => {
    const source = readFileSync(join(root, path), 'utf8')
    return [...source.matchAll(DECLARATION)].map(([, doc, kind, name]) => [
      name,
      kind === 'class' ? source : doc,
    ])
  }),
)

test('[K43] the documentation of every function names the code', () => {
  const silent = rows
    .filter(({ name, needs }) => needs.length > 0 && !name.includes(':'))
    .map((row) => exportOf(row).split(' ')[1])
    .filter((name) => !/ERR_CRYPTO_UNSUPPORTED|@throws as /.test(docs.get(name) ?? ''))
  expect(silent).toEqual([])
})
