/** Packages in real pages under the policies that pages have: each use works, or ends with its code. */
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPolicyPages, POLICY_BROWSERS } from '../policy-pages.ts'
import type { PolicyPages, PolicyVisit } from '../policy-pages.ts'

type Policy = Omit<PolicyVisit, 'path'>
type Outcomes = Readonly<Record<string, string>>

const csp = (policy: string): Policy => ({ headers: { 'content-security-policy': policy } })

/** By page: its uses, each of which works where no policy is in the way. */
const usesByPage: Readonly<Record<string, readonly string[]>> = {
  e2ee: [
    ...['events', 'a key source', 'files', 'keys for other people', 'signatures'],
    ...['Argon2id', 'Argon2id in its own worker', 'Argon2id in the page', 'PBKDF2'],
  ],
  vault: ['in memory', 'in IndexedDB', 'a passphrase', 'Argon2id', 'PBKDF2'],
  client: [
    'a link',
    'a room with media',
    'a room that needs media',
    'a room without media',
    'a driver',
  ],
}

const unsupported = (...uses: readonly string[]): Outcomes =>
  Object.fromEntries(uses.map((use) => [use, 'ERR_CRYPTO_UNSUPPORTED']))

/** By policy: how it is set, and the uses that end with a code. */
const policies: Readonly<Record<string, readonly [Policy, Readonly<Record<string, Outcomes>>]>> = {
  'no policy': [{}, {}],
  'plain http': [
    { isInsecure: true },
    {
      e2ee: unsupported(...(usesByPage['e2ee'] ?? [])),
      vault: unsupported(...(usesByPage['vault'] ?? [])),
      client: unsupported(
        ...['a link', 'a room with media', 'a room that needs media', 'a room without media'],
      ),
    },
  ],
  'a strict policy, without WebAssembly': [
    csp("default-src 'none'; script-src 'self'; worker-src 'self'"),
    {
      e2ee: unsupported('Argon2id', 'Argon2id in its own worker', 'Argon2id in the page'),
      vault: unsupported('Argon2id'),
    },
  ],
  'a strict policy with WebAssembly': [
    csp("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'"),
    {},
  ],
  'Trusted Types with our policy': [
    csp(
      "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; " +
        "require-trusted-types-for 'script'; trusted-types app conclave",
    ),
    {},
  ],
  'Trusted Types': [
    csp(
      "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; " +
        "require-trusted-types-for 'script'; trusted-types app",
    ),
    {
      e2ee: { Argon2id: 'ERR_E2EE_WORKER' },
      vault: { 'a passphrase': 'ERR_VAULT_WORKER', Argon2id: 'ERR_VAULT_WORKER' },
      client: { 'a room that needs media': 'ERR_MEDIA_WORKER_START' },
    },
  ],
  'a policy without workers': [
    csp("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'none'"),
    {
      e2ee: { Argon2id: 'ERR_E2EE_WORKER', 'Argon2id in its own worker': 'ERR_E2EE_WORKER' },
      vault: { 'a passphrase': 'ERR_VAULT_WORKER', Argon2id: 'ERR_VAULT_WORKER' },
      client: { 'a room that needs media': 'ERR_MEDIA_WORKER_START' },
    },
  ],
  'a sandbox': [
    csp('sandbox allow-scripts'),
    {
      e2ee: { Argon2id: 'ERR_E2EE_WORKER', 'Argon2id in its own worker': 'ERR_E2EE_WORKER' },
      vault: {
        'in IndexedDB': 'ERR_VAULT_STORAGE_FAILED',
        'a passphrase': 'ERR_VAULT_WORKER',
        Argon2id: 'ERR_VAULT_WORKER',
      },
      client: { 'a room that needs media': 'ERR_MEDIA_WORKER_START' },
    },
  ],
}

let pages: PolicyPages

beforeAll(async () => {
  const root = fileURLToPath(new URL('./policy-pages', import.meta.url))
  const inputs = Object.keys(usesByPage).map((name) => `${name}.html`)
  pages = await openPolicyPages(root, [...inputs, 'own-worker.ts'])
}, 120_000)

afterAll(() => pages.close())

describe.each(POLICY_BROWSERS)('in %s', (browser) => {
  const visits = Object.entries(policies).flatMap(([policy, [visit, failures]]) =>
    Object.keys(usesByPage).map((name) => ({ policy, visit, name, failures: failures[name] })),
  )

  test.each(visits)('[K43, K49] $name under $policy', async ({ visit, name, failures }) => {
    const works = Object.fromEntries((usesByPage[name] ?? []).map((use) => [use, 'works']))
    const outcome = await pages.outcomeOf(browser, { ...visit, path: `${name}.html` })
    expect(JSON.parse(outcome ?? '')).toEqual({ ...works, ...failures })
  })
})
