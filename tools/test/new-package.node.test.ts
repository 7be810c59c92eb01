/** A package is held to the rules on its first day, before anybody lists it anywhere. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { checkFolders } from '../checks/folders.ts'
import { checkImports } from '../checks/imports.ts'

const at = mkdtempSync(join(tmpdir(), 'new-package-'))
afterAll(() => rmSync(at, { recursive: true, force: true }))

const write = (file: string, content: string | object): void => {
  mkdirSync(dirname(join(at, file)), { recursive: true })
  writeFileSync(join(at, file), typeof content === 'string' ? content : JSON.stringify(content))
}

/** `crossings.ts` covers the linter. */
test('the other checks find the violations of a package without a row', () => {
  write('tsconfig.json', { references: [] })
  write('packages/scratch/package.json', {
    name: '@conclave/scratch',
    exports: { '.': './src/index.ts', './inner': { default: './src/internal/x.ts' } },
    dependencies: { '@conclave/base': '0.1.0', '@conclave/e2ee': '0.1.0', 'left-over': '1.0.0' },
  })
  write('packages/scratch/tsconfig.json', { references: [{ path: '../base' }] })
  write(
    'packages/scratch/src/index.ts',
    [
      `import { TaskQueue } from '@conclave/base'`,
      `import type { Sealer } from '@conclave/e2ee'`,
      `import * as v from 'valibot'`,
      `export {`,
      `  secret,`,
      `} from './internal/x.ts'`,
      `export * from '../../wire/src/index.ts'`,
    ].join('\n'),
  )
  write('packages/scratch/src/internal/x.ts', `export const secret = 1\n`)
  expect(checkImports(at)).toEqual([
    'tsconfig.json: does not reference packages/scratch',
    'packages/scratch/package.json: may not depend on @conclave/e2ee',
    'packages/scratch/tsconfig.json: does not reference @conclave/e2ee, on which it depends',
    'packages/scratch/package.json: exports ./src/internal/x.ts',
    'packages/scratch/package.json: depends on left-over, which its src does not import',
    `packages/scratch/src/index.ts: imports valibot, which its package does not declare`,
    "packages/scratch/src/index.ts: imports ../../wire/src/index.ts, which is not of its package's src",
    'packages/scratch/src/index.ts: exports ./internal/x.ts, which is internal',
  ])
  expect(checkFolders(at)).toEqual([
    'packages/scratch/src/internal: has one file, which belongs into packages/scratch/src',
  ])
})

test('a package that keeps the rules needs no row', () => {
  rmSync(join(at, 'packages'), { recursive: true })
  write('tsconfig.json', { references: [{ path: 'packages/scratch' }] })
  write('packages/scratch/package.json', {
    name: '@conclave/scratch',
    exports: { '.': './src/index.ts' },
    dependencies: { '@conclave/base': '0.1.0' },
  })
  write('packages/scratch/tsconfig.json', { references: [{ path: '../base' }] })
  write('packages/scratch/src/index.ts', `export { Emitter } from './x.ts'\n`)
  write(
    'packages/scratch/src/x.ts',
    `import { Emitter } from '@conclave/base'\nexport { Emitter }\n`,
  )
  expect(checkImports(at)).toEqual([])
})
