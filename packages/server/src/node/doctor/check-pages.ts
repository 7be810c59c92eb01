/**
 * Checks of the doctor over HTTP: health, clock, the policy of the pages, and the worker that encrypts media.
 *
 * @module
 */
import { findingsOf } from './finding.ts'
import type { Finding, Patient } from './finding.ts'
import { getPage } from './get.ts'
import type { HttpAnswer } from './get.ts'

/** spec H56 */
export async function checkPages({ base, timeoutMs }: Patient): Promise<readonly Finding[]> {
  const beforeMs = Date.now()
  const health = await getPage(new URL('readyz', base), timeoutMs)
  if (health === undefined) {
    const text = `nothing answers at ${base.href}: is the hub running, and do name, port and firewall lead to it?`
    return [findingsOf('health').fault(text)]
  }
  const page = await getPage(base, timeoutMs)
  return [
    checkHealth(health),
    checkClock(health, beforeMs),
    ...(page === undefined || page.status === 404 ? [NO_APP] : [checkPolicy(page)]),
    ...(page?.status === 200 ? [await checkWorker(page, { base, timeoutMs })] : []),
  ]
}

function checkHealth({ status, body }: HttpAnswer): Finding {
  const { good, fault } = findingsOf('health')
  if (status === 200 && body.includes('"ok"')) return good('the hub takes connections')
  if (status === 503 && body.includes('draining'))
    return fault('the hub is going away: start it again, or wait for the one that follows')
  if (status === 503 && body.includes('unavailable'))
    return fault('the engine of the hub is away: look at its server')
  if ([502, 503, 504].includes(status))
    return fault(
      `the proxy answers ${status}: the hub behind it is not running, or not where the proxy looks`,
    )
  return fault(
    `/readyz answers ${status}: the proxy does not lead to a hub; forward all paths below the address`,
  )
}

function checkClock({ headers }: HttpAnswer, beforeMs: number): Finding {
  const { good, hint, fault } = findingsOf('clock')
  const theirsMs = Date.parse(String(headers['date']))
  if (Number.isNaN(theirsMs)) return hint('the answer has no date: compare the clocks yourself')
  const apartS = Math.round(Math.abs(theirsMs - beforeMs) / 1000)
  if (apartS <= MAX_APART_S) return good(`${apartS} s apart`)
  return fault(
    `the clocks here and there are ${apartS} s apart: set both by NTP, or credentials of relays run out too soon`,
  )
}

function checkPolicy({ headers }: HttpAnswer): Finding {
  const { good, fault } = findingsOf('csp')
  const policy = String(headers['content-security-policy'] ?? '')
  if (policy === '')
    return fault(
      'the page has no Content-Security-Policy: let the proxy pass the headers of the hub',
    )
  const directives = new Map(
    policy.split(';').map((text): [string, string] => {
      const [name = '', ...values] = text.trim().split(/\s+/)
      return [name, values.join(' ')]
    }),
  )
  const scripts = directives.get('script-src') ?? directives.get('default-src') ?? '*'
  if (/unsafe-(?:inline|eval)|\*|https?:(?:\s|$)|data:/.test(scripts))
    return fault(
      `the page takes scripts from elsewhere (script-src ${scripts}): use the policy of the hub`,
    )
  const worker = directives.get('worker-src') ?? scripts
  if (!/'self'|blob:/.test(worker))
    return fault(`the page may start no worker (worker-src ${worker}): add worker-src 'self'`)
  if (headers['x-content-type-options'] !== 'nosniff')
    return fault('X-Content-Type-Options is missing: let the proxy pass the headers of the hub')
  return good("scripts and workers of the page's own origin only")
}

/** Follows the scripts of the page to the worker, as bundlers write it: a file whose name contains `worker`. */
async function checkWorker(
  { body }: HttpAnswer,
  { base, timeoutMs }: Pick<Patient, 'base' | 'timeoutMs'>,
): Promise<Finding> {
  const { good, hint, fault } = findingsOf('worker')
  const seen = new Set(scriptsIn(body, { at: base, base }))
  let asked = 0
  // Those that are found on the way come after those that are known.
  for (const href of seen) {
    if ((asked += 1) > MAX_SCRIPTS) break
    const url = new URL(href)
    const answer = await getPage(url, timeoutMs)
    const isWorker = WORKER.test(url.pathname)
    if (answer?.status !== 200 || !isScript(answer)) {
      // A text in a script may look like a name.
      if (!isWorker && asked > 1) continue
      const status = answer?.status ?? 'no answer'
      return fault(
        `${url.pathname} is no script (${status}): build the app again, and let the proxy pass its files`,
      )
    }
    if (isWorker) return good(`${url.pathname} is served as a script`)
    for (const found of scriptsIn(answer.body, { at: url, base })) seen.add(found)
  }
  return hint(
    'no worker was found among the scripts of the page: start a call, and look whether it says that the media worker is missing',
  )
}

/** The addresses of scripts that a text names. Names below `assets/` count from the page, as Vite writes them. */
function scriptsIn(text: string, { at, base }: { at: URL; base: URL }): readonly string[] {
  return Array.from(text.matchAll(/["'`]([\w./-]+\.m?js)["'`]/g), ([, name = '']) => name)
    .filter((name) => !name.includes('service-worker'))
    .map((name) => new URL(name, name.startsWith('assets/') ? base : at))
    .filter(({ origin }) => origin === base.origin)
    .map(({ href }) => href)
}

const isScript = ({ headers }: HttpAnswer): boolean =>
  /^(?:text|application)\/javascript/.test(String(headers['content-type']))

const NO_APP: Finding = findingsOf('csp').hint(
  'no app is served here: name its folder with CONCLAVE_APP, if it should be',
)
const MAX_APART_S = 30
const MAX_SCRIPTS = 60
const WORKER = /worker[^/]*$/i
