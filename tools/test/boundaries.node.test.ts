/** Every boundary between the packages fires when it is crossed. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { root } from '../prepare.mjs'

interface Crossing {
  readonly file: string
  readonly code: string
  readonly rule: string
  readonly says: string
}

const imports = 'eslint(no-restricted-imports)'
const globals = 'eslint(no-restricted-globals)'
const use = (name: string): string => `export const used: unknown = ${name}\n`
const take = (name: string): string =>
  `import * as taken from '${name}'\nexport const used: unknown = taken\n`

const crossings: readonly Crossing[] = [
  ...['e2ee', 'group', 'media', 'client', 'p2p'].map((name) => ({
    file: 'packages/server/src/x.ts',
    code: take(`@conclave/${name}`),
    rule: imports,
    says: 'A1',
  })),
  { file: 'packages/server/src/node.ts', code: take('@conclave/e2ee'), rule: imports, says: 'A1' },
  { file: 'packages/server/src/x.ts', code: take('node:fs'), rule: imports, says: 'A3' },
  { file: 'packages/server/src/x.ts', code: take('net'), rule: imports, says: 'A3' },
  { file: 'packages/wire/src/x.ts', code: take('@conclave/e2ee'), rule: imports, says: 'A1' },
  {
    file: 'packages/e2ee/src/x.ts',
    code: take('@conclave/media/errors'),
    rule: imports,
    says: 'A2',
  },
  { file: 'packages/media/src/x.ts', code: take('@conclave/p2p'), rule: imports, says: 'A3' },
  { file: 'packages/vault/src/x.ts', code: take('@conclave/media'), rule: imports, says: 'A3' },
  { file: 'packages/adapters/src/x.ts', code: take('@conclave/client'), rule: imports, says: 'A3' },
  {
    file: 'packages/adapters/src/testing/x.ts',
    code: take('@conclave/e2ee'),
    rule: imports,
    says: 'A1',
  },
  { file: 'packages/p2p/src/x.ts', code: take('@conclave/e2ee'), rule: imports, says: 'A4' },
  { file: 'packages/p2p/src/x.ts', code: take('@conclave/media'), rule: imports, says: 'A4' },
  { file: 'packages/client/src/x.ts', code: take('@conclave/server'), rule: imports, says: 'A3' },
  { file: 'apps/meet/src/x.ts', code: take('@conclave/server'), rule: imports, says: 'A3' },
  { file: 'apps/meet/src/x.ts', code: take('@conclave/e2ee'), rule: imports, says: 'A3' },
  ...['wire', 'e2ee', 'media', 'p2p', 'client'].map((name) => ({
    file: `packages/${name}/src/x.ts`,
    code: take('node:crypto'),
    rule: imports,
    says: 'A3',
  })),
  {
    file: 'packages/e2ee/src/x.ts',
    code: take('@conclave/wire/src/ids.ts'),
    rule: imports,
    says: 'A5',
  },
  {
    file: 'packages/client/src/x.ts',
    code: take('@conclave/wire/dist/ids.js'),
    rule: imports,
    says: 'A5',
  },
  {
    file: 'packages/p2p/src/x.ts',
    code: take('../../e2ee/src/index.ts'),
    rule: imports,
    says: 'A5',
  },
  {
    file: 'apps/meet/src/state/x.ts',
    code: take('../../../../packages/wire/src/index.ts'),
    rule: imports,
    says: 'A5',
  },
  ...['wire', 'e2ee'].flatMap((name) =>
    [
      'Date',
      'setTimeout',
      'performance',
      'fetch',
      'WebSocket',
      'globalThis.Date',
      'localStorage',
    ].map((global) => ({
      file: `packages/${name}/src/x.ts`,
      code: use(global),
      rule: globals,
      says: 'A2',
    })),
  ),
  ...['wire', 'e2ee', 'server'].flatMap((name) =>
    ['document', 'window', 'RTCPeerConnection', 'MediaStream'].map((global) => ({
      file: `packages/${name}/src/x.ts`,
      code: use(global),
      rule: globals,
      says: 'A3',
    })),
  ),
  ...['document', 'window', 'globalThis.document'].map((global) => ({
    file: 'packages/client/src/x.ts',
    code: use(global),
    rule: globals,
    says: 'A3',
  })),
  ...['wire', 'e2ee', 'media', 'p2p', 'client', 'server'].map((name) => ({
    file: `packages/${name}/src/x.ts`,
    code: use('Math.random()'),
    rule: 'eslint(no-restricted-properties)',
    says: 'WebCrypto',
  })),
  {
    file: 'packages/p2p/src/x.ts',
    code: use('crypto.subtle'),
    rule: 'eslint(no-restricted-properties)',
    says: 'A4',
  },
  {
    file: 'packages/client/src/x.ts',
    code: use(`console.log('secret')`),
    rule: 'eslint(no-console)',
    says: 'console',
  },
  {
    file: 'packages/wire/src/x.ts',
    code: 'async function f(): Promise<void> {}\nexport function g(): void {\n  f()\n}\n',
    rule: 'typescript(no-floating-promises)',
    says: 'awaited',
  },
  {
    file: 'packages/wire/src/x.ts',
    code: `export function f(x: 'a' | 'b'): void {\n  switch (x) {\n    case 'a':\n      break\n  }\n}\n`,
    rule: 'typescript(switch-exhaustiveness-check)',
    says: 'b',
  },
  {
    file: 'packages/wire/src/x.ts',
    code: 'export const a = (b: any): unknown => b\n',
    rule: 'typescript(no-explicit-any)',
    says: 'any',
  },
  {
    file: 'packages/wire/src/x.ts',
    code: 'export const a = (b: string | undefined): string => b!\n',
    rule: 'typescript(no-non-null-assertion)',
    says: 'non-null',
  },
  {
    file: 'packages/wire/src/x.ts',
    code: 'export default 1\n',
    rule: 'import(no-default-export)',
    says: 'default',
  },
  {
    file: 'packages/wire/src/x.ts',
    code: Array.from({ length: 401 }, (_, index) => `export const a${index} = ${index}`).join('\n'),
    rule: 'eslint(max-lines)',
    says: 'lines',
  },
  {
    file: 'packages/wire/src/cycle.ts',
    code: `import { other } from './y.ts'\nexport const used: unknown = () => other\n`,
    rule: 'import(no-cycle)',
    says: 'cycle',
  },
]

/** What each package may do, so that the rules forbid no more than they should. */
const allowed: Readonly<Record<string, string>> = {
  'packages/wire/src/ok.ts': `import * as v from 'valibot'\nexport const used: unknown = v\n`,
  'packages/e2ee/src/ok.ts':
    take('@conclave/wire') + 'export const subtle: unknown = crypto.subtle\n',
  'packages/media/src/ok.ts':
    take('@conclave/e2ee') + 'export const pc: unknown = RTCRtpScriptTransform\n',
  'packages/p2p/src/ok.ts':
    take('@conclave/wire') + 'export const pc: unknown = RTCPeerConnection\n',
  'packages/client/src/ok.ts':
    take('@conclave/media') + 'export const s: unknown = [WebSocket, Date, setTimeout]\n',
  'packages/server/src/ok.ts': take('@conclave/wire') + 'export const now: unknown = setTimeout\n',
  'packages/server/src/node.ts': take('node:http'),
  'apps/meet/src/ok.ts': take('@conclave/client') + 'export const page: unknown = document\n',
}

let folder = ''
let crossed: readonly Finding[] = []
let clean: readonly Finding[] = []

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'boundaries-'))
  crossed = lint(join(folder, 'crossed'), {
    ...Object.fromEntries(crossings.map(({ file, code }, index) => [place(file, index), code])),
    'packages/wire/src/y.ts': `import { used } from './cycle.ts'\nexport const other: unknown = () => used\n`,
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

/** Each crossing gets a file of its own, except where a boundary knows the file by name. */
function place(file: string, index: number): string {
  return file.replace(/\/x\.ts$/, `/x${index}.ts`)
}
