/**
 * Checks of the doctor over WebSocket: the upgrade, the pages and names that are refused, a join, and the relays that it gives.
 *
 * @module
 */
import type { IceServer } from '@conclave/wire'
import { findingsOf } from './finding.ts'
import type { Finding, Patient } from './finding.ts'
import { createJoin, hangUp, say, upgrade } from './hub-client.ts'
import type { UpgradeResult } from './hub-client.ts'
import { probeRelay } from './turn-probe.ts'

/** spec H56 */
export async function checkHub(patient: Patient): Promise<readonly Finding[]> {
  const { base, origin, timeoutMs } = patient
  const url = new URL('hub', base)
  url.protocol = base.protocol === 'https:' ? 'wss:' : 'ws:'
  const own = await upgrade(url, { origin, timeoutMs })
  if (own.type !== 'open') return [findingsOf('upgrade').fault(whyClosed(own, origin))]
  const findings = [findingsOf('upgrade').good('WebSocket is open to pages of this address')]
  const foreign = await upgrade(url, { origin: FOREIGN, timeoutMs })
  findings.push(
    checkForeign(
      'origin',
      foreign,
      `PUBLIC_ORIGIN must name your pages only; pages of ${FOREIGN} were let in`,
    ),
  )
  const named = await upgrade(url, { origin, host: new URL(FOREIGN).host, timeoutMs })
  findings.push(
    checkForeign(
      'host',
      named,
      'a request for another name was let in: let the proxy pass Host as the browser sent it',
    ),
  )
  const { finding, servers } = await join(own, patient)
  findings.push(finding)
  if (finding.result !== 'good') return findings
  return [...findings, ...(await checkRelays(servers, timeoutMs))]
}

function whyClosed(
  result: Exclude<UpgradeResult, { readonly type: 'open' }>,
  origin: string,
): string {
  const status = result.type === 'status' ? result.status : 0
  const why = WHY_CLOSED[status]
  if (why !== undefined) return `${status}: ${why.replace('ORIGIN', origin)}`
  return status === 0
    ? 'no answer to an upgrade: the proxy must forward Upgrade and Connection for /hub'
    : `${status} instead of 101: the proxy must forward Upgrade and Connection for /hub`
}

function checkForeign(check: string, result: UpgradeResult, text: string): Finding {
  const { good, fault } = findingsOf(check)
  if (result.type !== 'open') return good('others are refused')
  hangUp(result.socket)
  return fault(text)
}

async function join(
  { socket, next }: Extract<UpgradeResult, { readonly type: 'open' }>,
  { base }: Patient,
): Promise<{ readonly finding: Finding; readonly servers: readonly IceServer[] }> {
  const { good, fault } = findingsOf('join')
  const failed = (text: string) => ({ finding: fault(text), servers: [] })
  try {
    const challenge = await next()
    if (challenge?.type !== 'challenge')
      return failed('no hub of Conclave speaks here, or another version')
    const message = await createJoin(challenge.nonce, base.host)
    if (message === undefined) return failed('the challenge makes no sense')
    say(socket, message)
    const joined = await next()
    if (joined?.type !== 'joined')
      return failed(
        'a room cannot be joined: the proxy must pass Host as the browser sent it; or the hub is full',
      )
    // The servers come before the answer to this, or there are none.
    say(socket, { type: 'ping', id: 1 })
    const after = await next()
    const servers = after?.type === 'iceServers' ? after.servers : []
    return { finding: good('a room can be joined'), servers }
  } finally {
    hangUp(socket)
  }
}

async function checkRelays(
  servers: readonly IceServer[],
  timeoutMs: number,
): Promise<readonly Finding[]> {
  const { hint } = findingsOf('turn')
  const addresses = servers.flatMap(({ urls, ...credentials }) =>
    urls.map((url) => ({ url, ...credentials })),
  )
  if (!addresses.some(({ url }) => url.startsWith('turn')))
    return [hint('no relay: calls fail behind strict firewalls; see TURN_URLS')]
  return Promise.all(
    addresses.map(async ({ url, username = '', credential = '' }) => {
      const { good, fault } = findingsOf('turn')
      const verdict = await probeRelay({ url, username, credential }, { timeoutMs })
      switch (verdict.type) {
        case 'answers':
          return good(`${url} answers`)
        case 'unreachable':
          return fault(
            `${url} cannot be reached: is coturn running, its certificate good, and its port open?`,
          )
        case 'refuses':
          return fault(
            `${url} refuses (${verdict.code}): TURN_SECRET and static-auth-secret must be the same, and the clocks right`,
          )
        case 'relays':
          if (!verdict.isOpen)
            return fault(
              `${url} relays to nobody: its denied-peer-ip lines deny public addresses too`,
            )
          return verdict.reaches.length === 0
            ? good(`${url} relays, and leads into no private network`)
            : fault(
                `${url} leads into private networks (${verdict.reaches.join(', ')}): add the denied-peer-ip lines of the template`,
              )
      }
    }),
  )
}

const FOREIGN = 'https://doctor.conclave.invalid'
const WHY_CLOSED: Readonly<Record<number, string>> = {
  403: 'the hub refuses this page or this name: PUBLIC_ORIGIN must be ORIGIN, and the proxy must pass Host as the browser sent it; the log says which rule refused',
  404: 'nothing is at /hub here: forward /hub to the hub, and set BASE_PATH if the proxy leaves its path in the requests',
  429: 'too many connections come from one address: name your proxies in TRUST_PROXY',
  503: 'the hub is full or going away: its log says which rule refused',
}
