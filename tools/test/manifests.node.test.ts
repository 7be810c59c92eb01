/** A package that a stranger could not install, read or build with is found before it is packed. */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { checkManifests } from '../checks/manifests.ts'

const at = mkdtempSync(join(tmpdir(), 'manifests-'))
afterAll(() => rmSync(at, { recursive: true, force: true }))

const write = (file: string, content: string | object): void => {
  mkdirSync(dirname(join(at, file)), { recursive: true })
  writeFileSync(join(at, file), typeof content === 'string' ? content : JSON.stringify(content))
}

const entry = (name: string): object => ({
  '@conclave/source': `./src/${name}.ts`,
  types: `./dist/${name}.d.ts`,
  default: `./dist/${name}.js`,
})

const GOOD = {
  name: '@conclave/scratch',
  description: 'A package for this test.',
  keywords: ['a', 'b', 'c'],
  license: 'Apache-2.0',
  type: 'module',
  sideEffects: ['./src/worker.ts', './dist/worker.js'],
  engines: { node: '>=22.13' },
  exports: {
    '.': entry('index'),
    './worker': entry('worker'),
    './errors': entry('errors'),
    './package.json': './package.json',
  },
  files: ['dist', 'src', 'CHANGELOG.md', '!dist/.tsbuildinfo'],
  publishConfig: { access: 'public' },
}

beforeEach(() => {
  rmSync(join(at, 'packages'), { recursive: true, force: true })
  write('package.json', { license: 'Apache-2.0', engines: { node: '>=22.13' } })
  write('LICENSE', 'the licence\n')
  write('packages/scratch/package.json', GOOD)
  write('packages/scratch/src/index.ts', `export const one = 1\n`)
  write(
    'packages/scratch/src/worker.ts',
    `import { one } from './index.ts'\nself.onmessage = one\n`,
  )
  write('packages/scratch/src/errors.ts', `export class ScratchError<C> extends Error {}\n`)
  write(
    'packages/scratch/README.md',
    [
      'See [the site](https://conclave.example) and [below](#below).',
      '```sh',
      'npm install @conclave/scratch valibot',
      '```',
      '```ts',
      `import { one } from '@conclave/scratch'`,
      `import * as v from 'valibot'`,
      `import { join } from 'node:path'`,
      '```',
    ].join('\n'),
  )
  copyFileSync(join(at, 'LICENSE'), join(at, 'packages/scratch/LICENSE'))
})

test('a package that says everything has no fault', () => {
  expect(checkManifests(at)).toEqual([])
})

test.each([
  ['keywords', { keywords: ['a', 'a', 'b'] }, 'expected three different keywords at least'],
  ['a description', { description: undefined }, 'has no description'],
  ['access', { publishConfig: undefined }, '"publishConfig" expected {"access":"public"}'],
  ['the licence', { license: 'MIT' }, '"license" expected "Apache-2.0", got "MIT"'],
  ['the engines', { engines: { node: '>=18' } }, '"engines" expected {"node":">=22.13"}'],
  [
    'build leftovers',
    { files: ['dist', 'src'] },
    '"files" expected ["dist","src","CHANGELOG.md","!dist/',
  ],
  ['a worker that bundlers drop', { sideEffects: false }, '"sideEffects" expected ["./src/worker'],
  ['CommonJS', { type: undefined }, '"type" expected "module", got undefined'],
  ['an entry in one file only', { exports: { '.': './src/index.ts' } }, '. expected conditions'],
  ['no entry for errors', { exports: { '.': entry('index') } }, 'does not export ./errors'],
  ['an entry without a file', { exports: { './gone': entry('gone') } }, './src/gone.ts does not'],
  [
    'conditions in another order',
    { exports: { '.': { default: './dist/index.js', types: './dist/index.d.ts' } } },
    '. expected the conditions @conclave/source, types, default, in this order',
  ],
])('a manifest is held to %s', (_, change, fault) => {
  write('packages/scratch/package.json', { ...GOOD, ...change })
  expect(checkManifests(at).join('\n')).toContain(fault)
})

test('every package names the repository as soon as the root does', () => {
  const repository = { type: 'git', url: 'git+https://git.example/conclave.git' }
  const { license, engines } = GOOD
  write('package.json', { license, engines, repository })
  expect(checkManifests(at)).toEqual([
    expect.stringContaining('"repository" expected {"type":"git","url":"git+https://git.example/'),
  ])
  write('packages/scratch/package.json', {
    ...GOOD,
    repository: { ...repository, directory: 'packages/scratch' },
  })
  expect(checkManifests(at)).toEqual([])
})

test('a README links to no file outside its tarball and installs what its examples import', () => {
  write(
    'packages/scratch/README.md',
    [
      'See [the rules](../../spec/scratch.md).',
      '```sh',
      'npm install @conclave/scratch',
      '```',
      '```ts browser',
      `import { two } from '@conclave/other/deep'`,
      '```',
    ].join('\n'),
  )
  expect(checkManifests(at)).toEqual([
    'packages/scratch/README.md: the link ../../spec/scratch.md leads nowhere in a tarball; name the file as text',
    'packages/scratch/README.md: an example imports @conclave/other/deep, which "npm install" does not name',
  ])
})

test('each package has the licence and its own README', () => {
  write('packages/scratch/LICENSE', 'another\n')
  rmSync(join(at, 'packages/scratch/README.md'))
  expect(checkManifests(at)).toEqual([
    'packages/scratch/LICENSE: expected a copy of the LICENSE at the root',
    'packages/scratch/README.md: does not exist',
  ])
})
