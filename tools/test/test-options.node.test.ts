import { expect, test } from 'vitest'
import { parseTestOptions } from '../test-options.ts'

const plain = { only: undefined, isNodeOnly: false, changedSince: undefined, rest: [] }

test.each([
  [[], plain],
  [['unit'], { ...plain, only: 'unit' }],
  [['e2e', '-g', 'canary'], { ...plain, only: 'e2e', rest: ['-g', 'canary'] }],
  [
    ['unit', '--node', 'packages/wire'],
    { ...plain, only: 'unit', isNodeOnly: true, rest: ['packages/wire'] },
  ],
  [['unit', '--changed'], { ...plain, only: 'unit', changedSince: 'main' }],
  [['unit', '--changed=HEAD~2'], { ...plain, only: 'unit', changedSince: 'HEAD~2' }],
])('%j', (args, options) => {
  expect(parseTestOptions(args)).toEqual({ type: 'ok', options })
})

test.each([[['--node']], [['e2e', '--node']], [['--changed']], [['unit', '--changed=']]])(
  'makes no sense: %j',
  (args) => {
    expect(parseTestOptions(args).type).toBe('invalid')
  },
)

test.each([[['--help']], [['unit', '--help']], [['e2e', '-h']]])('asks for help: %j', (args) => {
  expect(parseTestOptions(args)).toEqual({ type: 'help' })
})
