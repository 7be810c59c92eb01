/** The table of the toolchains in the documentation is that of the last run, and complete. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { APPS } from '../bundlers/apps.ts'

const rows = readFileSync(new URL('../../docs/bundlers.md', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| app '))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, name, mode, worker, needs, ...sees]) => ({ app: { name, mode, worker, needs }, sees }))

test('the table has every app', () => {
  expect(rows.map(({ app }) => app)).toEqual(
    APPS.map(({ name, mode, worker, needs }) => ({ name, mode, worker, needs })),
  )
})

test('in every app the browsers saw each other', () => {
  for (const { app, sees } of rows) expect(sees, app.name).toEqual(['yes', 'yes', ''])
})
