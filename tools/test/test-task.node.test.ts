/** `npm run test:unit -- --node` needs neither a build nor a browser. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runCommand } from '../command.ts'
import { root } from '../prepare.mjs'

const run = (...args: readonly string[]): ReturnType<typeof runCommand> =>
  runCommand(process.execPath, [join(root, 'tools/tasks/test.ts'), 'unit', ...args], {
    print: 'keep',
    env: { CHROMIUM: '/nowhere/chromium', FIREFOX: '/nowhere/firefox' },
  })

test('runs one file only in Node', async () => {
  const { code, output } = await run('--node', 'packages/wire/test/ids.test.ts')
  expect({ code, output }).toMatchObject({ code: 0 })
  expect(output.trim()).toMatch(/\n[1-9]\d* passed, 0 failed, 0 skipped$/)
  expect(output).not.toContain('Building')
  expect(output).not.toContain('chromium')
})

test('a path without a test fails', async () => {
  expect(await run('--node', 'no/such/path')).toMatchObject({ code: 1 })
})
