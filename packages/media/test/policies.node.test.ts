/** Frame encryption under the policies that pages have: it works, or says why not and what to do. */
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPolicyPages, POLICY_BROWSERS } from '../../../tools/policy-pages.ts'
import type { PolicyPages, PolicyVisit } from '../../../tools/policy-pages.ts'

const strict = "default-src 'none'; script-src 'self'; worker-src 'self'"
const trusted = `${strict}; require-trusted-types-for 'script'`
const path = 'policies.html'
const csp = (policy: string): PolicyVisit => ({
  headers: { 'content-security-policy': policy },
  path,
})
const isolated = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
}
const needsHelp = /^ERR_MEDIA_WORKER_START: .*worker-src 'self'.*createWorker/

let pages: PolicyPages

beforeAll(async () => {
  const root = fileURLToPath(new URL('./pages', import.meta.url))
  pages = await openPolicyPages(root, ['policies.html', 'own-worker.ts'])
}, 60_000)

afterAll(() => pages.close())

for (const name of POLICY_BROWSERS) {
  test.each<readonly [string, PolicyVisit, RegExp]>([
    ['a strict policy', csp(strict), /^ready$/],
    ['isolation from other origins', { headers: isolated, path }, /^ready$/],
    ['Trusted Types', csp(trusted), needsHelp],
    [
      'Trusted Types and createWorker',
      { ...csp(`${trusted}; trusted-types app`), path: `${path}#own-worker` },
      /^ready$/,
    ],
    [
      'a policy without workers',
      csp("default-src 'none'; script-src 'self'; worker-src 'none'"),
      needsHelp,
    ],
    ['a sandbox', csp('sandbox allow-scripts'), /^ERR_MEDIA_WORKER_START: /],
    ['plain http', { path, isInsecure: true }, /^ERR_CRYPTO_UNSUPPORTED: WebCrypto /],
  ])(`[M20] %s, ${name}`, async (_, visit, expected) => {
    expect(await pages.outcomeOf(name, visit)).toMatch(expected)
  })
}
