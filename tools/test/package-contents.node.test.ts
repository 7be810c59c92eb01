/** A tarball is read file by file before anybody installs it. */
import { expect, test } from 'vitest'
import { findContentFaults, findWorkerFaults } from '../packages/contents.ts'

const compiled = (name: string): string[] => [
  `src/${name}.ts`,
  ...['.js', '.js.map', '.d.ts', '.d.ts.map'].map((suffix) => `dist/${name}${suffix}`),
]
const manifest = {
  exports: {
    '.': { types: './dist/index.d.ts', default: './dist/index.js' },
    './package.json': './package.json',
  },
  bin: { tool: './dist/cli.js' },
}
const whole = [
  ...['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'],
  ...compiled('index'),
  ...compiled('cli'),
  ...compiled('inner/part'),
]

test('sources with what was compiled from them are the whole of a tarball', () => {
  expect(findContentFaults(whole, manifest)).toEqual([])
})

test.each(whole.filter((file) => !file.startsWith('src/')))('%s is missed', (gone) => {
  expect(
    findContentFaults(
      whole.filter((file) => file !== gone),
      manifest,
    ),
  ).toContain(`${gone} is missing`)
})

test.each(['dist/.tsbuildinfo', 'dist/gone.js', 'test/a.test.ts', '.env', 'src/notes.md'])(
  '%s is a leftover',
  (file) => {
    expect(findContentFaults([...whole, file], manifest)).toEqual([
      `${file} is in the tarball and comes from no source file`,
    ])
  },
)

test('files for operators belong to a tarball whose manifest names their folder', () => {
  const files = [...whole, 'deploy/hub.service']
  expect(findContentFaults(files, { ...manifest, files: ['deploy', 'dist'] })).toEqual([])
  expect(findContentFaults(files, manifest)).toHaveLength(1)
})

test('every file that the manifest names is there', () => {
  const exports = { ...manifest.exports, './more': { default: './dist/more.js' } }
  expect(findContentFaults(whole, { ...manifest, exports })).toEqual([
    'dist/more.js is named by the manifest and is missing',
  ])
})

test('[M40] a worker is a script that loads nothing', () => {
  const whole = '(function () { self.onmessage = () => {} })()'
  expect(findWorkerFaults(whole)).toEqual([])
  for (const code of ["import './a.js'", 'export {}', "import('./a.js')", "importScripts('a.js')"])
    expect(findWorkerFaults(code), code).not.toEqual([])
  expect(findWorkerFaults(whole.padEnd(50_000))).toEqual(['has 50000 bytes'])
})
