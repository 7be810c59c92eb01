/** The implementation that each runtime gets; both have the same functions. */
import { KeyObject } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { importAesGcmKey, importExpandKey, importHkdfKey } from '@conclave/crypto'
import { expect, test } from 'vitest'
import { rising } from './fixtures.ts'

type Targets = { readonly [condition: string]: string | Targets }

const folder = join(import.meta.dirname, '..')
const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
  readonly imports: Readonly<Record<string, Targets>>
}

/** The target that a resolver with these conditions takes. */
function resolve(targets: Targets, conditions: readonly string[]): string | undefined {
  for (const [condition, target] of Object.entries(targets)) {
    if (condition !== 'default' && !conditions.includes(condition)) continue
    const found = typeof target === 'string' ? target : resolve(target, conditions)
    if (found !== undefined) return found
  }
  return undefined
}

test.each([
  ['Node', ['node', 'import'], 'node'],
  ['a bundler for Node', ['node', 'import', 'module', 'production'], 'node'],
  ['Deno', ['deno', 'node', 'import'], 'web'],
  ['Bun', ['bun', 'node', 'import'], 'web'],
  ['a bundler for browsers', ['browser', 'import', 'module', 'production'], 'web'],
  ['jest with jsdom, whose page is in Node', ['browser', 'node', 'import'], 'web'],
  ['an edge worker', ['workerd', 'worker', 'import'], 'web'],
  ['anything else', ['import'], 'web'],
])('[K48] %s', (_, conditions, expected) => {
  const targets = manifest.imports['#platform/*'] ?? {}
  expect(resolve(targets, conditions)).toBe(`./dist/${expected}/*.js`)
  expect(resolve(targets, ['@conclave/source', ...conditions])).toBe(`./src/${expected}/*.ts`)
})

test('[K48] both implementations have the same modules, with the same functions', async () => {
  const names = globSync('src/web/*.ts', { cwd: folder }).map((file) =>
    file.slice('src/web/'.length),
  )
  expect(names.length).toBeGreaterThan(0)
  for (const name of names) {
    const [web, node] = await Promise.all([
      import(join(folder, 'src/web', name)) as Promise<object>,
      import(join(folder, 'src/node', name)) as Promise<object>,
    ])
    expect(Object.keys(node).toSorted()).toEqual(Object.keys(web).toSorted())
  }
})

test('[K5, K48] in Node a key made of bytes is a key object, and the bytes are overwritten', async () => {
  for (const importKey of [importAesGcmKey, importExpandKey, importHkdfKey]) {
    const material = rising(1, 32)
    const key = await importKey(material)
    expect(key).toBeInstanceOf(KeyObject)
    expect(material).toEqual(new Uint8Array(32))
    expect(JSON.stringify(key)).toBe('{}')
    expect((key as unknown as KeyObject).equals((await importKey(rising(1, 32))) as never)).toBe(
      true,
    )
  }
})
