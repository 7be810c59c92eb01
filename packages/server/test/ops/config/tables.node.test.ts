import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ALL_SETTINGS } from '../../../src/ops/config/given-texts.ts'
import { settingsTable } from '../../../src/ops/config/help.ts'

const read = (path: string): string =>
  readFileSync(new URL(`../../../../../${path}`, import.meta.url), 'utf8')

test.each(['settings', 'limits'] as const)(
  '[H46] the table of %s in the guide is that of the code',
  (of) => {
    const guide = read('docs/guide/run-a-hub.md')
    const [, table] = new RegExp(`<!-- ${of} -->\n([^]*?)<!-- end -->`).exec(guide) ?? []
    expect(table?.trim()).toBe(settingsTable(of))
  },
)

test('[H46] the README names settings that exist', () => {
  const all = Array.from(ALL_SETTINGS.values())
  const names = new Set(all.flatMap(({ env, flag }) => [env, `--${flag}`]))
  const rows = read('packages/server/README.md').matchAll(
    /^\| (`[A-Z_`, ]+) \| (`--[a-z`,. -]+) \|/gm,
  )
  const found = Array.from(rows).flatMap(([, variables = '', options = '']) =>
    Array.from(`${variables} ${options}`.matchAll(/`([^`]+)`/g), ([, name]) => name),
  )
  expect(found.length).toBeGreaterThan(15)
  for (const name of found) expect(names).toContain(name)
})
