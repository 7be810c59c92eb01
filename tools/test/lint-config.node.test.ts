import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { printConfig } from '../lint/config.ts'
import { root } from '../prepare.mjs'

const read = (file: string): string => readFileSync(join(root, file), 'utf8')

test('the configuration equals the output of the table, and its first line says so', () => {
  const text = read('.oxlintrc.json')
  expect(text).toBe(printConfig())
  const [first = '', ...rest] = text.split('\n')
  expect(first).toContain('tools/lint/table.ts')
  const [, command = ''] = /`npm run ([\w:]+)`/.exec(first) ?? []
  expect(JSON.parse(read('package.json')).scripts).toHaveProperty([command])
  expect(() => JSON.parse(rest.join('\n'))).not.toThrow()
})

test('the table can be read in one sitting', () => {
  expect(read('tools/lint/table.ts').trimEnd().split('\n').length).toBeLessThanOrEqual(180)
})
