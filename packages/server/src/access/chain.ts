import { isRecord, within } from '@conclave/base'
import type { Clock } from '@conclave/base'
import type { AccessRequest, Authorizer } from './authorizer.ts'
import { limitGrant } from './grant.ts'
import type { Grant } from './grant.ts'

/** The answer that counts for a request. */
export type Verdict =
  | { readonly type: 'granted'; readonly grant: Grant }
  | { readonly type: 'denied' }
  | { readonly type: 'unavailable'; readonly retryAfterMs: number }

/** The parts of an {@link AuthorizerChain}. */
export interface AuthorizerChainOptions {
  /** In the order in which they are asked. */
  readonly authorizers: readonly Authorizer[]
  readonly clock: Clock
  /** An authorizer threw, or did not answer in time. */
  readonly onFailure?: () => void
}

/**
 * Asks the authorizers of a hub in their order: the first answer that is not `pass` counts, and without one the answer is `denied`. It looks
 * up nothing about channels. spec G40 G41 G42
 */
export class AuthorizerChain {
  readonly #options: AuthorizerChainOptions
  #requests = 0

  constructor(options: AuthorizerChainOptions) {
    this.#options = options
  }

  /** Decides about a request. Never rejects. `signal` ends it early. */
  async decide(
    request: AccessRequest,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<Verdict> {
    if (this.#requests >= MAX_REQUESTS || signal.aborted) return unavailable()
    const controller = new AbortController()
    const abort = (): void => controller.abort()
    signal.addEventListener('abort', abort, { once: true })
    this.#requests += 1
    const { clock, onFailure } = this.#options
    try {
      return await within(this.#ask(request, controller.signal), {
        clock,
        ms: DEADLINE_MS,
        late: () => {
          onFailure?.()
          return unavailable()
        },
      })
    } catch {
      onFailure?.()
      return unavailable()
    } finally {
      this.#requests -= 1
      signal.removeEventListener('abort', abort)
      abort()
    }
  }

  async #ask(request: AccessRequest, signal: AbortSignal): Promise<Verdict> {
    for (const authorizer of this.#options.authorizers) {
      const answer: unknown = authorizer.decide(request, { signal })
      // One who answers at once costs no turn.
      const decision = isRecord(answer) && 'type' in answer ? answer : await answer
      if (signal.aborted) return unavailable()
      const verdict = this.#read(decision, request)
      if (verdict !== 'pass') return verdict
    }
    return DENIED
  }

  /** An answer that is none is a denial. */
  #read(decision: unknown, { wants }: AccessRequest): Verdict | 'pass' {
    if (!isRecord(decision)) return DENIED
    if (decision['type'] === 'pass') return 'pass'
    if (decision['type'] === 'unavailable') return unavailable(decision['retryAfterMs'])
    if (decision['type'] !== 'granted') return DENIED
    const grant = limitGrant(decision['grant'], { wants, nowMs: this.#options.clock.now() })
    return grant === undefined ? DENIED : { type: 'granted', grant }
  }
}

/** The answer when nothing was decided. */
export function unavailable(retryAfterMs?: unknown): Verdict & { readonly type: 'unavailable' } {
  const isTime = typeof retryAfterMs === 'number' && retryAfterMs >= 0
  const delayMs = isTime ? Math.min(Math.ceil(retryAfterMs), MAX_RETRY_MS) : RETRY_MS
  return { type: 'unavailable', retryAfterMs: delayMs }
}

const DENIED: Verdict = { type: 'denied' }
/** Requests of all connections that are decided at the same time. spec G42 */
const MAX_REQUESTS = 1024
/** Time in which all authorizers together decide. spec G41 */
const DEADLINE_MS = 5000
const RETRY_MS = 1000
const MAX_RETRY_MS = 60_000
