import { expect, test } from 'vitest'
import { findModuleState } from '../checks/module-state.ts'

test.each([
  ['let count = 0', 'a let'],
  ['export let count = 0', 'a let'],
  ['const cache = new Map()', 'cache, a new Map that is not read-only,'],
  ['const seen: Set<string> = new Set()', 'seen, a new Set that is not read-only,'],
  ['export const rooms = new WeakMap<object, string>()', 'rooms, a new WeakMap'],
  ['const events = new Emitter()', 'events, a new Emitter'],
  [
    'const list: string[] = []\nexport const add = (a: string) => list.push(a)',
    'list, which this file changes',
  ],
  [
    'const scratch = new Uint8Array(8)\nexport const f = () => { scratch[0] = 1 }',
    'scratch, which',
  ],
  ['const scratch = new Uint8Array(8)\nexport const f = () => scratch.fill(1)', 'scratch, which'],
  ['const counts = { a: 0 }\nexport const f = () => counts.a++', 'counts, which this file changes'],
  ['const table: Record<string, 1> = {}\nexport const f = () => delete table.a', 'table, which'],
  ['export class A {\n  static count = 0\n}', 'the static field count'],
  ['export class A {\n  static readonly #all = new Map()\n}', 'the static field #all, a new Map'],
])('%s', (source, says) => {
  expect(findModuleState('x.ts', source).join('\n')).toContain(says)
})

test.each([
  'const LIMIT = 3',
  'declare const brand: unique symbol',
  'const KINDS: ReadonlySet<string> = new Set(["a"])',
  'const BY_NAME: ReadonlyMap<string, 1> = new Map()',
  'const encoder = new TextEncoder()',
  'const NONE = new Uint8Array()\nexport const f = () => NONE.slice()',
  'const KINDS = ["a", "b"] as const\nexport const f = () => KINDS.map(String)',
  'export class A {\n  static readonly limit = 3\n  #count = 0\n}',
  'export const f = () => {\n  let count = 0\n  const all = new Map()\n  return [count++, all]\n}',
  '/** Module state: collected with its keys. */\nconst states = new WeakMap<object, string>()',
])('nothing is wrong with %s', (source) => {
  expect(findModuleState('x.ts', source)).toEqual([])
})

test('names the line', () => {
  expect(findModuleState('a/x.ts', '/** A. */\nconst A = 1\nlet b = A\n')).toEqual([
    'a/x.ts:3: a let at the top of a module',
  ])
})
