/** A room whose worker does not start says why, in each browser, under each policy, and from each server that keeps one from starting. */
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPolicyPages, POLICY_BROWSERS } from '../../../../tools/policy-pages.ts'
import type { PolicyPages } from '../../../../tools/policy-pages.ts'

const strict = "default-src 'none'; script-src 'self'; worker-src 'self'"
const trusted = "require-trusted-types-for 'script'; trusted-types app"

let pages: PolicyPages

beforeAll(async () => {
  const root = fileURLToPath(new URL('../pages', import.meta.url))
  pages = await openPolicyPages(root, ['worker-start.html'])
}, 60_000)

afterAll(() => pages.close())

describe.each(POLICY_BROWSERS)('in %s', (browser) => {
  const visit = async (fragment: string, policy: string): Promise<unknown> => {
    const headers = { 'content-security-policy': policy }
    const outcome = await pages.outcomeOf(browser, {
      headers,
      path: `worker-start.html${fragment}`,
    })
    return JSON.parse(outcome ?? '')
  }

  test.each([
    ['', strict],
    ['', `${strict}; require-trusted-types-for 'script'; trusted-types conclave`],
    ['#inline', "default-src 'none'; script-src 'self'; worker-src blob:"],
  ])('[R121] a session that needs media joins: worker "%s" under %s', async (fragment, policy) => {
    expect(await visit(fragment, policy)).toEqual({ needed: 'joined' })
  })

  // Firefox loads a script of another origin before it refuses it, and names no reason.
  const elsewhere = browser === 'Firefox' ? 'not-found' : 'other-origin'
  const sandboxed = browser === 'Firefox' ? 'not-found' : 'other-origin'
  test.each([
    ['not-found', '#gone', '', /gives no script/, /@conclave\/media\/worker/],
    ['not-found', '#page', '', /gives no script/, /createWorker/],
    [elsewhere, '#elsewhere', '', /another origin/, /from the origin of the page/],
    [sandboxed, '', 'sandbox allow-scripts', /another origin/, /from the origin of the page/],
    [
      'policy',
      '',
      strict.replace("worker-src 'self'", "worker-src 'none'"),
      /security policy/,
      /worker-src 'self'/,
    ],
    ['policy', '#inline', strict, /security policy/, /worker-src blob:/],
    ['trusted-types', '', `${strict}; ${trusted}`, /Trusted Types/, /trusted-types conclave/],
    ['broken', '#failing', '', /script failed/, /installed version/],
    ['not-made', '#none', '', /no worker/, /return a worker/],
  ])(
    '[M43, R120, R121] %s: a session that needs media does not join, another one hears the problem: worker "%s" under "%s"',
    async (needed, fragment, policy, reason, fix) => {
      expect(await visit(fragment, policy)).toEqual({
        needed,
        problem: {
          code: 'ERR_MEDIA_WORKER_START',
          reason: expect.stringMatching(reason),
          fix: expect.stringMatching(fix),
        },
      })
    },
  )
})
