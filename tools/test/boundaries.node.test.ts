/** Every boundary between the packages fires when it is crossed. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { root } from '../prepare.mjs'
import { allowed, crossings } from './crossings.ts'

let folder = ''
let crossed: readonly Finding[] = []
let clean: readonly Finding[] = []

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'boundaries-'))
  crossed = lint(join(folder, 'crossed'), {
    ...Object.fromEntries(crossings.map(({ file, code }, index) => [place(file, index), code])),
    'packages/wire/src/y.ts': `import { used } from './cycle.ts'\nexport const other: unknown = () => used\n`,
    'packages/wire/src/type-y.ts': `import type { Used } from './type-cycle.ts'\nexport type Other = Used | 2\n`,
  })
  clean = lint(join(folder, 'clean'), allowed)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test.each(crossings.map((crossing, index) => ({ ...crossing, index })))(
  '$rule fires in $file: $code',
  ({ file, rule, says, index }) => {
    const here = crossed.filter(({ filename }) => filename === place(file, index))
    const texts = here
      .filter(({ code }) => code === rule)
      .map(({ message, help }) => `${message} ${help}`)
    expect(texts.join('\n').toLowerCase()).toContain(says.toLowerCase())
  },
)

test.each(Object.keys(allowed))('nothing fires in %s', (file) => {
  expect(clean.filter(({ filename }) => filename === file)).toEqual([])
})

interface Finding {
  readonly filename: string
  readonly code: string
  readonly message: string
  readonly help?: string
}

/** Writes files beside a copy of the real configuration and returns all that the linter finds. */
function lint(at: string, files: Readonly<Record<string, string>>): Finding[] {
  mkdirSync(at)
  cpSync(join(root, '.oxlintrc.json'), join(at, '.oxlintrc.json'))
  const compilerOptions = {
    strict: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    types: [],
  }
  writeFileSync(join(at, 'tsconfig.json'), JSON.stringify({ compilerOptions }))
  for (const [file, code] of Object.entries(files)) {
    mkdirSync(dirname(join(at, file)), { recursive: true })
    writeFileSync(join(at, file), code)
  }
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/oxlint/bin/oxlint'), '--type-aware', '--format', 'json'],
    { cwd: at, encoding: 'utf8' },
  )
  if (!stdout.includes('{')) throw new Error(`the linter said: ${stdout} ${stderr}`)
  const { diagnostics }: { diagnostics: Finding[] } = JSON.parse(stdout.slice(stdout.indexOf('{')))
  return diagnostics
}

/** Each crossing gets its own file, except where a boundary knows the file by name. */
function place(file: string, index: number): string {
  return file.replace(/\/x\.(test\.)?ts$/, `/x${index}.$1ts`)
}
