/** The examples of the documents run, as a reader would run them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { runCommand } from '../command.ts'
import { blocksIn, examplesIn, findExamples, installsIn } from '../doctest.ts'
import { root } from '../prepare.mjs'

// Inside the repository, so that the examples find the packages by name.
const cache = join(root, '.cache')
mkdirSync(cache, { recursive: true })
const folder = mkdtempSync(join(cache, 'doctest-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const examples = findExamples()

test('the README has an example to run', () => {
  expect(examples.filter(({ path }) => path === 'README.md')).not.toEqual([])
})

test.each(examples.filter(({ runs }) => runs === 'node'))(
  '$path, line $line',
  async ({ path, line, code }) => {
    const file = join(folder, `${path.replaceAll(/\W/g, '-')}-${line}.ts`)
    writeFileSync(file, code)
    const { code: exit, output } = await runCommand(
      process.execPath,
      ['--conditions=@conclave/source', file],
      { print: 'keep' },
    )
    expect({ exit, output }).toMatchObject({ exit: 0 })
  },
  30_000,
)

test('finds blocks by their language, with the line that a reader sees', () => {
  const fence = '```'
  const text = `# A\n\n${fence}ts\nlet a = 1\n${fence}\n\n${fence}sh\nnpm start\n${fence}\n${fence}ts browser\nlet b\n${fence}\n`
  expect(examplesIn('A.md', text)).toEqual([
    { path: 'A.md', line: 3, runs: 'node', code: 'let a = 1' },
    { path: 'A.md', line: 10, runs: 'browser', code: 'let b' },
  ])
})

test('a block of any language has its place, and the install lines name packages', () => {
  const fence = '```'
  const text = `${fence}sh\nnpm install a @b/c\n${fence}\n${fence}js\n${fence}\n${fence}sh\nnpm install --save-dev d\nnpm start`
  expect(blocksIn(text)).toEqual([
    { language: 'sh', line: 1, code: 'npm install a @b/c' },
    { language: 'js', line: 4, code: '' },
    { language: 'sh', line: 6, code: 'npm install --save-dev d\nnpm start' },
  ])
  expect(installsIn(text)).toEqual(['a', '@b/c', 'd'])
})
