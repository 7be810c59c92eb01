import { checkHub } from './check-hub.ts'
import { checkPages } from './check-pages.ts'
import { checkTls } from './check-tls.ts'
import type { Finding } from './finding.ts'

/** The address of an app, as an operator writes it; `undefined` for anything that is none. */
export function parseAppAddress(text: string): URL | undefined {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) return undefined
  const url = new URL(text)
  url.hash = ''
  url.search = ''
  url.pathname = url.pathname.replace(/(?:r\/.*|hub)?$/, '').replace(/(?<!\/)$/, '/')
  return url
}

/** Examines a hub from outside, as a browser would meet it. Never throws. spec H56 */
export async function examine(
  base: URL,
  { timeoutMs = 5000 }: { readonly timeoutMs?: number } = {},
): Promise<readonly Finding[]> {
  const patient = { base, origin: base.origin, timeoutMs }
  const findings = [...(await checkTls(patient)), ...(await checkPages(patient))]
  const isThere = !findings.some(
    ({ check, text }) => check === 'health' && text.startsWith('nothing'),
  )
  return isThere ? [...findings, ...(await checkHub(patient))] : findings
}

/** One line for each finding, and one about all of them. */
export function reportText(findings: readonly Finding[]): string {
  const lines = findings.map(
    ({ check, result, text }) => `${result.padEnd(5)}  ${check.padEnd(7)}  ${text}`,
  )
  const faults = findings.filter(({ result }) => result === 'fault').length
  const sum = faults === 0 ? 'No faults.' : faults === 1 ? 'One fault.' : `${faults} faults.`
  return `${[...lines, sum].join('\n')}\n`
}
