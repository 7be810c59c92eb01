/** Frame encryption under the policies that pages have: it works, or says why not and what to do. */
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPolicyPages, POLICY_BROWSERS } from '../../../tools/policy-pages.ts'
import type { PolicyPages, PolicyVisit } from '../../../tools/policy-pages.ts'

const strict = "default-src 'none'; script-src 'self'; worker-src 'self'"
const fromMemory = "default-src 'none'; script-src 'self'; worker-src blob:"
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
/** The error of a worker that does not start, for this reason. */
const fails = (reason: string): RegExp =>
  new RegExp(`^ERR_MEDIA_WORKER_START (?:${reason}): the media worker did not start: `)

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
    ['Trusted Types', csp(trusted), /^ready$/],
    ['Trusted Types that name our policy', csp(`${trusted}; trusted-types conclave`), /^ready$/],
    [
      'Trusted Types that name others',
      csp(`${trusted}; trusted-types app`),
      fails('trusted-types'),
    ],
    [
      'Trusted Types and createWorker',
      { ...csp(`${trusted}; trusted-types app`), path: `${path}#own-worker` },
      /^ready$/,
    ],
    [
      'a policy without workers',
      csp("default-src 'none'; script-src 'self'; worker-src 'none'"),
      fails('policy'),
    ],
    ['a sandbox', csp('sandbox allow-scripts'), fails('other-origin|not-found')],
    ['plain http', { path, isInsecure: true }, /^ERR_CRYPTO_UNSUPPORTED : WebCrypto /],
  ])(`[M20, M41, M43] %s, ${name}`, async (_, visit, expected) => {
    expect(await pages.outcomeOf(name, visit)).toMatch(expected)
  })

  test.each<readonly [string, string, RegExp]>([
    ['no policy', '', /^ready$/],
    ['a strict policy with blob:', fromMemory, /^ready$/],
    [
      'Trusted Types',
      `${fromMemory}; require-trusted-types-for 'script'; trusted-types conclave`,
      /^ready$/,
    ],
    // In a sandbox, Chromium loads no module from the page's memory, and a classic script there has no cryptography.
    ['a sandbox', 'sandbox allow-scripts', name === 'Chromium' ? fails('other-origin') : /^ready$/],
    ['a strict policy without blob:', strict, fails('policy')],
  ])(`[M42] the worker as text under %s, ${name}`, async (_, policy, expected) => {
    const visit = { ...csp(policy), path: `${path}#inline` }
    expect(await pages.outcomeOf(name, visit)).toMatch(expected)
  })
}
