import { expect, test } from 'vitest'
import { findCopies } from '../checks/copies.ts'

const LINES = ['one()', 'two()', 'three()', 'four()', 'five()', 'six()']
const at = (path: string, ...lines: readonly string[]): { path: string; text: string } => ({
  path: `packages/${path}`,
  text: lines.join('\n'),
})

test('six equal lines of two files are a copy, reported once and where it begins', () => {
  const first = at('a/src/x.ts', 'begin()', ...LINES, 'seven()', 'end()')
  const second = at('b/src/y.ts', 'start()', ...LINES, 'seven()')
  expect(findCopies([first, second])).toEqual([
    'packages/b/src/y.ts:2: the next 7 lines stand in packages/a/src/x.ts:2 too',
  ])
})

test('five are none', () => {
  const five = LINES.slice(1)
  expect(findCopies([at('a/src/x.ts', ...five), at('b/src/y.ts', ...five)])).toEqual([])
})

test('white space, comments, imports, blank lines and lone punctuation make no difference', () => {
  const dressed = at(
    'b/src/y.ts',
    `import { z } from './z.ts'`,
    ...LINES.flatMap((line) => [`  ${line}`, '', '// why', '/* a', ' * b */', '}', '})']),
  )
  expect(findCopies([at('a/src/x.ts', ...LINES), dressed])).toEqual([
    'packages/b/src/y.ts:2: the next 6 lines stand in packages/a/src/x.ts:1 too',
  ])
})

test('equal imports and re-exports are no copy', () => {
  const names = LINES.map((_, index) => `import { a${index} } from './a.ts'`)
  const again = LINES.map((_, index) => `export { a${index} } from './a.ts'`)
  const list = ['export type {', ...LINES.map((_, index) => `  b${index},`), `} from './b.ts'`]
  const text = [...names, ...again, ...list]
  expect(findCopies([at('a/src/x.ts', ...text), at('b/src/y.ts', ...text)])).toEqual([])
})

test('a copy inside one file is one, and a run does not overlap itself', () => {
  expect(findCopies([at('a/src/x.ts', ...LINES, 'other()', ...LINES)])).toEqual([
    'packages/a/src/x.ts:8: the next 6 lines stand in packages/a/src/x.ts:1 too',
  ])
  const repeated = Array.from({ length: 7 }, () => 'one()')
  expect(findCopies([at('a/src/x.ts', ...repeated)])).toEqual([])
})

test('a method that hands subscriptions on is boilerplate', () => {
  const on = [
    '  on<T extends keyof Events>(',
    '    type: T,',
    '    handler: (event: Events[T]) => void,',
    '  ): () => void {',
    '    return this.#events.on(type, handler)',
    '  }',
  ]
  const text = [...on, ...LINES.slice(3)]
  expect(findCopies([at('a/src/x.ts', ...text), at('b/src/y.ts', ...text)])).toEqual([])
})

test('a port may be declared where neither side may import the other', () => {
  const members = LINES.map((_, index) => `  readonly a${index}: number`)
  const port = (name: string): string[] => [`export interface ${name} {`, ...members, '}']
  const [p2p, e2ee] = [at('p2p/src/x.ts', ...port('Port')), at('e2ee/src/y.ts', ...port('Port'))]
  expect(findCopies([p2p, e2ee])).toEqual([])
  expect(findCopies([p2p, at('e2ee/src/y.ts', ...port('Other'))])).toHaveLength(1)
  expect(findCopies([p2p, at('client/src/y.ts', ...port('Port'))])).toHaveLength(1)
  expect(findCopies([p2p, at('p2p/src/y.ts', ...port('Port'))])).toHaveLength(1)
  expect(findCopies([p2p, at('e2ee/src/y.ts', ...members)])).toHaveLength(1)
})
