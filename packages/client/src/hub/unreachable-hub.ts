/**
 * Why a hub cannot be reached, as far as a program may know: browsers tell a page nothing about a WebSocket that failed. spec R231
 *
 * @module
 */
import { type Clock, type Problem, within } from '@conclave/base'
import type { ClientErrorDetails, UnreachableReason } from '../errors.ts'

/** A hub that could not be reached. */
export interface UnreachableHub {
  /** The hub's host, with its port if that is not the default. */
  readonly host: string
  /**
   * Asks the hub for its health, which takes 5 s at most, and says why it cannot be reached. Never rejects. From a page of
   * another origin only `no-answer` and `unknown` can be told apart.
   */
  examine(): Promise<UnreachableProblem>
}

/** The problem of a hub that cannot be reached: `reason` is for people, `details.reason` for programs. */
export interface UnreachableProblem extends Problem<'ERR_CLIENT_UNREACHABLE'> {
  readonly details: ClientErrorDetails['ERR_CLIENT_UNREACHABLE']
}

/** The hub at this address, to be asked. */
export function unreachableHub(url: string, clock: Clock): UnreachableHub {
  const { host } = new URL(url)
  return {
    host,
    async examine() {
      const reason = await askForHealth(url, clock)
      const [words, fix] = WORDS[reason]
      return Object.freeze({
        code: 'ERR_CLIENT_UNREACHABLE',
        details: { host, reason },
        reason: `the hub at ${host} cannot be reached: ${words}`,
        fix,
      })
    },
  }
}

async function askForHealth(url: string, clock: Clock): Promise<UnreachableReason> {
  const health = new URL('healthz', url.replace(/^ws/, 'http'))
  const ending = new AbortController()
  const asking = fetch(health, {
    ...{ signal: ending.signal, credentials: 'omit', cache: 'no-store', redirect: 'manual' },
    ...(isOfOtherPage(health) && { mode: 'no-cors' }),
  })
  try {
    return await within(asking.then(reasonOf), {
      ...{ clock, ms: DEADLINE_MS },
      late: () => 'no-answer' as const,
    })
  } catch {
    return 'no-answer'
  } finally {
    ending.abort()
  }
}

/**
 * Whether this is a page of another origin, which may not read the answer: that something answers shows all the same. Outside
 * of pages everything can be read.
 */
function isOfOtherPage(health: URL): boolean {
  const { origin } = globalThis as { readonly origin?: string }
  return origin !== undefined && origin !== health.origin
}

function reasonOf({ status, headers }: Response): UnreachableReason {
  const isHub = headers.get('content-type') === 'application/json'
  if (isHub && status === 200) return 'refused'
  return isHub && status === 503 ? 'draining' : 'unknown'
}

const WORDS: Readonly<Record<UnreachableReason, readonly [words: string, fix: string]>> = {
  'no-answer': [
    'nothing answers there',
    'check the address, the certificate, and `connect-src` of the page’s policy, and start the hub; it is tried again',
  ],
  draining: ['it is going away', 'wait: it is tried again'],
  refused: [
    'it is there, and refuses this connection',
    'let the hub take this page’s origin (`origins`) or programs (`allowNonBrowser`), and let the proxy pass upgrades on',
  ],
  unknown: [
    'something answers there, and does not say that it is a hub which works',
    'check the address, the hub’s `origins`, and that the proxy passes upgrades on; it is tried again',
  ],
}
const DEADLINE_MS = 5000
