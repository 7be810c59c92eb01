/** `knip.json` finds unused files, exports and dependencies of a package that it does not name. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { root } from '../prepare.mjs'

const at = mkdtempSync(join(tmpdir(), 'unused-'))
afterAll(() => rmSync(at, { recursive: true, force: true }))

test('unused files, exports and dependencies are found; what a type names may be exported', () => {
  const files = {
    'package.json': JSON.stringify({ name: 'x', type: 'module', workspaces: ['packages/*'] }),
    'packages/scratch/package.json': JSON.stringify({
      name: '@conclave/scratch',
      type: 'module',
      exports: { '.': { '@conclave/source': './src/index.ts', default: './dist/index.js' } },
      dependencies: { 'left-over': '1.0.0' },
    }),
    'packages/scratch/src/index.ts': `export { used } from './a.ts'\nexport type { Used } from './a.ts'\n`,
    'packages/scratch/src/a.ts': [
      'export interface Named {\n  readonly a: 1\n}',
      'export interface Used {\n  readonly named: Named\n}',
      'export const used = 1',
      'export const unusedExport = 2',
      'export const tested = 3\n',
    ].join('\n'),
    'packages/scratch/src/unused-file.ts': 'export const b = 1\n',
    'packages/scratch/test/a.test.ts': `import { tested } from '../src/a.ts'\ntested.toFixed()\n`,
  }
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(at, file)), { recursive: true })
    writeFileSync(join(at, file), text)
  }
  cpSync(join(root, 'knip.json'), join(at, 'knip.json'))
  const { stdout, status } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/knip/bin/knip.js'), '--reporter', 'json', '--no-config-hints'],
    { cwd: at, encoding: 'utf8' },
  )
  expect(status).toBe(1)
  expect(stdout).toContain('unusedExport')
  expect(stdout).toContain('unused-file.ts')
  expect(stdout).toContain('left-over')
  expect(stdout).not.toContain('"Named"')
  expect(stdout).not.toContain('"tested"')
})
