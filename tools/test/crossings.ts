/** Files that cross the boundaries between packages, and files that do not. */

/** A file that crosses a boundary, the rule of the linter that fires, and words that it says. */
export interface Crossing {
  readonly file: string
  readonly code: string
  readonly rule: string
  readonly says: string
}

const imports = 'eslint(no-restricted-imports)'
const globals = 'eslint(no-restricted-globals)'
const properties = 'eslint(no-restricted-properties)'
const use = (name: string): string => `export const used: unknown = ${name}\n`
const take = (name: string): string =>
  `import * as taken from '${name}'\nexport const used: unknown = taken\n`

const importing = (file: string, name: string, says: string): Crossing => ({
  ...{ file, code: take(name), rule: imports, says },
})

const retry = `import { backoffMs } from '@conclave/base'\nexport const used: unknown = backoffMs\n`
const base = `import { TaskQueue } from '@conclave/base'\nexport const queue: unknown = TaskQueue\n`

/** Every boundary, crossed. */
export const crossings: readonly Crossing[] = [
  // A1: arrows point down only.
  ...(
    [
      ['base', ['wire', 'crypto']],
      ['crypto', ['wire', 'e2ee']],
      ['wire', ['crypto', 'e2ee']],
      ['e2ee', ['media/errors', 'vault', 'client']],
      ['vault', ['media', 'p2p']],
      ['adapters', ['client', 'crypto']],
      ['media', ['p2p', 'client']],
      ['p2p', ['e2ee', 'media', 'crypto', 'crypto/verify']],
      ['client', ['server', 'vault']],
      ['recording', ['crypto', 'media', 'p2p', 'server', 'vault']],
      ['testing', ['crypto', 'e2ee', 'media', 'server', 'vault']],
      ['server-client', ['crypto', 'e2ee', 'client', 'server', 'adapters']],
      ['server', ['e2ee', 'group', 'media', 'client', 'p2p', 'crypto', 'crypto/errors']],
    ] as const
  ).flatMap(([name, others]) =>
    others.map((other) => ({
      file: `packages/${name}/src/x.ts`,
      code: take(`@conclave/${other}`),
      rule: imports,
      says: `A1: ${name} imports`,
    })),
  ),
  ...['server', 'e2ee', 'crypto'].map((name) => ({
    file: 'apps/meet/src/x.ts',
    code: take(`@conclave/${name}`),
    rule: imports,
    says: 'A1: meet imports base, client',
  })),
  // A12: nothing goes without encryption by accident.
  ...['packages/client/src/x.ts', 'packages/client/test/x.test.ts', 'examples/05/x.ts'].map(
    (file) => importing(file, '@conclave/p2p/plain', 'A12'),
  ),
  importing('packages/p2p/src/x.ts', './plain/index.ts', 'A7'),
  importing('packages/server/src/node/serve.ts', '@conclave/e2ee', 'A1'),
  importing('packages/server/src/node/serve.ts', '@conclave/crypto', 'A1'),
  importing(
    'packages/server/src/testing/x.ts',
    '@conclave/e2ee',
    'A1: server imports base, wire, crypto of ours',
  ),
  ...['x.ts', 'node/x.ts'].map((file) => ({
    file: `packages/server/src/${file}`,
    code: `export type * from '${file === 'x.ts' ? './' : '../'}testing/tap.ts'\n`,
    rule: imports,
    says: 'A7: these files of server never import testing',
  })),
  { file: 'packages/server/src/x.ts', code: use('crypto'), rule: globals, says: 'A4' },
  importing(
    'packages/adapters/src/testing/x.ts',
    '@conclave/e2ee',
    'A1: adapters imports base of ours',
  ),
  ...['export * from', 'const lazy = import('].map((form) => ({
    file: 'packages/server/src/x.ts',
    code: form.startsWith('export')
      ? `${form} '@conclave/e2ee'\n`
      : `${form}'@conclave/e2ee')\nexport { lazy }\n`,
    rule: imports,
    says: 'A1',
  })),

  // A2: no clock, no network, no storage, no process, in no package by default; A3: no page, no WebRTC.
  ...'base wire e2ee server server-client client media p2p vault adapters recording scratch'
    .split(' ')
    .flatMap((name) =>
      ['Date', 'setTimeout', 'performance', 'globalThis.Date', 'process'].map((global) => ({
        file: `packages/${name}/src/x.ts`,
        code: use(global),
        rule: globals,
        says: 'A2',
      })),
    ),
  { file: 'packages/media/src/worker/x.ts', code: use('performance'), rule: globals, says: 'A2' },
  { file: 'packages/client/src/x.ts', code: use('WebSocket'), rule: globals, says: 'A2' },
  ...['base', 'wire', 'e2ee', 'scratch'].flatMap((name) =>
    ['fetch', 'WebSocket', 'localStorage', 'indexedDB'].map((global) => ({
      file: `packages/${name}/src/x.ts`,
      code: use(global),
      rule: globals,
      says: 'A2',
    })),
  ),
  ...['base', 'wire', 'e2ee', 'server', 'adapters', 'scratch'].flatMap((name) =>
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
  ...['document', 'RTCPeerConnection', 'setTimeout', 'fetch'].map((global) => ({
    file: 'apps/meet/src/state/x.ts',
    code: use(global),
    rule: globals,
    says: global === 'document' || global === 'RTCPeerConnection' ? 'A3' : 'A2',
  })),
  { file: 'apps/meet/src/ui/x.ts', code: use('Date'), rule: globals, says: 'A2' },
  ...['e2ee', 'media', 'scratch'].map((name) => ({
    file: `packages/${name}/src/x.ts`,
    code: use('AbortSignal.timeout(1)'),
    rule: properties,
    says: 'A2',
  })),
  ...['base', 'wire', 'e2ee', 'media', 'p2p', 'client', 'server', 'scratch'].map((name) => ({
    file: `packages/${name}/src/x.ts`,
    code: use('Math.random()'),
    rule: properties,
    says: 'WebCrypto',
  })),
  ...['base', 'crypto', 'wire', 'e2ee', 'media', 'p2p', 'client', 'scratch'].map((name) => ({
    file: `packages/${name}/src/x.ts`,
    code: take('node:crypto'),
    rule: imports,
    says: 'A3',
  })),
  ...['node:fs', 'net'].map((name) => ({
    file: 'packages/server/src/x.ts',
    code: take(name),
    rule: imports,
    says: 'A3',
  })),
  { file: 'apps/meet/src/x.ts', code: take('node:fs'), rule: imports, says: 'A3' },

  // A4: who knows cryptography.
  ...['e2ee/src/x.ts', 'p2p/src/x.ts', 'client/src/hub/x.ts'].map((file) => ({
    file: `packages/${file}`,
    code: use('crypto.subtle'),
    rule: properties,
    says: 'A4',
  })),
  ...'base crypto wire e2ee vault adapters media client scratch'.split(' ').map((name) => ({
    file: `packages/${name}/src/x.ts`,
    code: use('crypto'),
    rule: globals,
    says: 'A4',
  })),

  // A5: packages meet at their entries.
  ...(
    [
      ['packages/e2ee/src/x.ts', '@conclave/wire/src/ids.ts'],
      ['packages/client/src/x.ts', '@conclave/wire/dist/ids.js'],
      ['packages/p2p/src/x.ts', '../../e2ee/src/index.ts'],
      ['packages/p2p/src/x.ts', '../../e2ee/dist/index.js'],
      ['packages/scratch/src/x.ts', '../../e2ee/src/index.ts'],
      ['packages/wire/test/x.test.ts', '@conclave/e2ee/src/index.ts'],
      ['apps/meet/src/state/x.ts', '../../../../packages/wire/src/index.ts'],
    ] as const
  ).map(([file, name]) => ({ file, code: take(name), rule: imports, says: 'A5' })),

  // A6: no cycles, also not of types.
  {
    file: 'packages/wire/src/cycle.ts',
    code: `import { other } from './y.ts'\nexport const used: unknown = () => other\n`,
    rule: 'import(no-cycle)',
    says: 'cycle',
  },
  {
    file: 'packages/wire/src/type-cycle.ts',
    code: `import type { Other } from './type-y.ts'\nexport type Used = Other | 1\n`,
    rule: 'import(no-cycle)',
    says: 'cycle',
  },

  // A7: the page and its worker, and the layer over the room.
  ...(
    [
      ['client/src/room', '../compat/index.ts'],
      ['media/src/page', '../worker/frame-worker.ts'],
      ['media/src/page', '../index.ts'],
      ['media/src/worker', '../page/frame-crypto.ts'],
      ['media/src/worker', '../index.ts'],
      ['media/src/shared', '../worker/frame-worker.ts'],
      ['media/src/shared', '../page/frame-crypto.ts'],
      ['media/src/sframe', '../page/frame-crypto.ts'],
      ['media/src/codec', '../worker/frame-worker.ts'],
    ] as const
  ).map(([folder, name]) => ({
    file: `packages/${folder}/x.ts`,
    code: `export type * from '${name}'\n`,
    rule: imports,
    says: 'A7',
  })),

  // A9: attempts are repeated where the connection is owned.
  ...['adapters', 'client', 'p2p', 'scratch'].map((name) => ({
    file: `packages/${name}/src/x.ts`,
    code: retry,
    rule: imports,
    says: 'A9',
  })),
  { file: 'apps/meet/src/state/x.ts', code: retry, rule: imports, says: 'A9' },

  // A package that no row names: its first day.
  ...['e2ee', 'wire', 'client', 'server', 'crypto'].map((name) => ({
    file: 'packages/scratch/src/x.ts',
    code: take(`@conclave/${name}`),
    rule: imports,
    says: 'A1: a folder without a row imports base of ours',
  })),
  { file: 'packages/scratch/src/x.ts', code: take('node:fs'), rule: imports, says: 'A3' },
  { file: 'packages/scratch/src/testing/x.ts', code: use('Date.now()'), rule: globals, says: 'A2' },
  { file: 'apps/scratch/src/x.ts', code: take('@conclave/e2ee'), rule: imports, says: 'A1' },
  { file: 'apps/scratch/src/x.ts', code: use('document'), rule: globals, says: 'A3' },

  // For every file alike.
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
  ...[
    ['export const a = (b: any): unknown => b\n', 'typescript(no-explicit-any)', 'any'],
    [
      'export const a = (b: string | undefined): string => b!\n',
      'typescript(no-non-null-assertion)',
      'non-null',
    ],
    ['export default 1\n', 'import(no-default-export)', 'default'],
    [
      Array.from({ length: 301 }, (_, index) => `export const a${index} = ${index}`).join('\n'),
      'eslint(max-lines)',
      'lines',
    ],
    ...['Uint8Array', 'DOMException', 'CryptoError'].map((name) => [
      `export const is = (value: unknown): boolean => value instanceof ${name}\n`,
      'unicorn(no-instanceof-builtins)',
      'instanceof',
    ]),
  ].map(([code = '', rule = '', says = '']) => ({
    file: 'packages/wire/src/x.ts',
    code,
    rule,
    says,
  })),
]

/** Files that use what their package may use: the rules forbid no more than they should. */
export const allowed: Readonly<Record<string, string>> = {
  'packages/base/src/clock.ts': use('[performance, setTimeout]'),
  'packages/base/src/ok.ts': use('new TextEncoder()'),
  'packages/crypto/src/ok.ts': base,
  'packages/crypto/src/web-crypto.ts': use('crypto.subtle'),
  'packages/wire/src/ok.ts': base,
  'packages/e2ee/src/ok.ts': take('@conclave/wire'),
  'packages/e2ee/src/passphrase/choose-worker.ts': use('Worker'),
  'packages/e2ee/src/passphrase-worker.ts': use('self'),
  'packages/vault/src/ok.ts': take('@conclave/e2ee/passphrase'),
  'packages/adapters/src/ok.ts': take('@conclave/e2ee'),
  'packages/adapters/src/testing/ok.ts': take('node:http'),
  'packages/media/src/ok.ts': take('@conclave/e2ee'),
  'packages/media/src/page/ok.ts':
    `export type * from '../shared/protocol.ts'\n` + use('[Worker, RTCRtpScriptTransform]'),
  'packages/media/src/worker/ok.ts': `export type * from '../shared/protocol.ts'\nexport type * from './frame-pipe.ts'\n`,
  'packages/media/src/worker/worker.ts': use('[self, performance]'),
  'packages/p2p/src/ok.ts': use('RTCPeerConnection'),
  'packages/p2p/src/recovery/ok.ts': retry,
  'packages/client/src/ok.ts': take('@conclave/media'),
  'packages/client/src/hub/ok.ts': retry + 'export const s: unknown = WebSocket\n',
  'packages/server/src/ok.ts': take('@conclave/wire'),
  'packages/server/src/verify.ts': take('@conclave/crypto/verify'),
  'packages/server/src/webhooks/ok.ts': retry,
  'packages/server-client/src/ok.ts': retry + 'export const s: unknown = fetch\n',
  'packages/server/src/testing/ok.ts': take('@conclave/crypto') + `export type * from './tap.ts'\n`,
  'packages/server/src/node/serve.ts':
    take('node:http') + 'export const later: unknown = setTimeout\n',
  'packages/scratch/src/ok.ts': base,
  'packages/scratch/test/ok.test.ts': take('node:fs') + 'export const now: unknown = Date.now()\n',
  'apps/meet/src/ui/ok.ts': take('@conclave/client') + 'export const page: unknown = document\n',
  'apps/meet/src/state/ok.ts': take('@conclave/client'),
}
