import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { checkFolders } from '../checks/folders.ts'

const at = mkdtempSync(join(tmpdir(), 'folders-'))
afterAll(() => rmSync(at, { recursive: true, force: true }))

test('a folder of src with one file is none', () => {
  for (const file of [
    'a/src/index.ts',
    'a/src/one/x.ts',
    'a/src/two/x.ts',
    'a/src/two/y.ts',
    'a/test/one/x.ts',
  ]) {
    mkdirSync(dirname(join(at, 'packages', file)), { recursive: true })
    writeFileSync(join(at, 'packages', file), '')
  }
  expect(checkFolders(at)).toEqual([
    'packages/a/src/one: has one file, which belongs into packages/a/src',
  ])
})
