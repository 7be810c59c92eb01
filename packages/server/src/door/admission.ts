import { HUB_PATH, SUBPROTOCOL } from '@conclave/wire'
import type { AddressTable } from './addresses.ts'
import type { AllowedOrigins } from './allowed-origins.ts'

/** The parts of an HTTP upgrade request that the hub looks at. */
export interface UpgradeRequest {
  /** Request target: path and query. */
  readonly target: string
  readonly host: string | undefined
  readonly origin: string | undefined
  /** The value of `Sec-WebSocket-Protocol`. */
  readonly protocols: string | undefined
  /** IP address of the client. */
  readonly address: string
  /** The thing that the process is short of. spec H45 */
  readonly overload?: Overload | undefined
}

/** The thing that a process is short of: memory, or time. */
export type Overload = 'memory' | 'lag'

/** The answer to an upgrade request. */
export type Admission =
  | { readonly type: 'admitted' }
  | {
      readonly type: 'refused'
      readonly status: RefusalStatus
      readonly rule: RefusalRule
      readonly retryAfterS?: number
    }

/** Status codes with which upgrades are refused. spec/hub.md, section 1 */
export type RefusalStatus = 400 | 403 | 404 | 429 | 503

/** The rules that refuse upgrades, in the order in which they are checked. spec/hub.md, section 1 */
export const REFUSAL_RULES = [
  'draining',
  'memory',
  'lag',
  'path',
  'attempts',
  'addresses',
  'host',
  'no-origin',
  'origin',
  'subprotocol',
  'connections-of-address',
  'connections',
] as const

/** The rule that refuses an upgrade, for logs and metrics; clients see the status only. spec/hub.md, section 1 */
export type RefusalRule = (typeof REFUSAL_RULES)[number]

/** The state of the hub that decides about an upgrade. */
export interface AdmissionPolicy {
  readonly origins: Pick<AllowedOrigins, 'has'>
  readonly hosts: ReadonlySet<string>
  readonly allowNonBrowser: boolean
  readonly addresses: AddressTable
  readonly isDraining: boolean
  readonly hasCapacity: boolean
  readonly nowMs: number
}

/** Decides about an upgrade, in the order of spec/hub.md section 1. spec H1 H2 H3 H4 */
export function admitUpgrade(request: UpgradeRequest, policy: AdmissionPolicy): Admission {
  const { target, host, origin, protocols, address, overload } = request
  if (policy.isDraining) return refuse(503, 'draining', 5)
  if (overload !== undefined) return refuse(503, overload, 5)
  if (target !== HUB_PATH) return refuse(404, 'path')
  const verdict = policy.addresses.countAttempt(address, policy.nowMs)
  if (verdict === 'too-many-attempts') return refuse(429, 'attempts', 10)
  if (verdict === 'too-many-addresses') return refuse(503, 'addresses', 10)
  if (host === undefined || !policy.hosts.has(host.toLowerCase())) return refuse(403, 'host')
  if (origin === undefined && !policy.allowNonBrowser) return refuse(403, 'no-origin')
  if (origin !== undefined && !policy.origins.has(origin)) return refuse(403, 'origin')
  const offered = protocols?.split(',').map((name) => name.trim()) ?? []
  if (!offered.includes(SUBPROTOCOL)) return refuse(400, 'subprotocol')
  if (!policy.addresses.mayConnect(address)) return refuse(429, 'connections-of-address', 10)
  if (!policy.hasCapacity) return refuse(503, 'connections', 10)
  return { type: 'admitted' }
}

function refuse(status: RefusalStatus, rule: RefusalRule, retryAfterS?: number): Admission {
  return { type: 'refused', status, rule, ...(retryAfterS === undefined ? {} : { retryAfterS }) }
}
