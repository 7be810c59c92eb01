import { RateLimiter } from '@conclave/base'
import type { Clock } from '@conclave/base'
import type { AccessRequest } from './authorizer.ts'
import type { AuthorizerChain, Verdict } from './chain.ts'
import { unavailable } from './chain.ts'

/** Asks the authorizers for one connection, which may not keep them busy. spec G42 */
export class AccessGate {
  readonly #chain: AuthorizerChain
  readonly #clock: Clock
  readonly #limiter = new RateLimiter({ perSecond: 5, burst: 64 })
  readonly #controller = new AbortController()
  #requests = 0

  constructor({ chain, clock }: { readonly chain: AuthorizerChain; readonly clock: Clock }) {
    this.#chain = chain
    this.#clock = clock
  }

  /** Decides about a request of the connection. Never rejects. */
  async decide(request: AccessRequest): Promise<Verdict> {
    if (this.#requests >= MAX_REQUESTS) return unavailable()
    const nowMs = this.#clock.now()
    if (!this.#limiter.take(nowMs)) return unavailable(this.#limiter.waitMs(nowMs))
    this.#requests += 1
    try {
      return await this.#chain.decide(request, { signal: this.#controller.signal })
    } finally {
      this.#requests -= 1
    }
  }

  /** Ends what is being decided, and decides nothing from here on: the connection ended. */
  stop(): void {
    this.#controller.abort()
  }
}

/** Requests of one connection that are decided at the same time. spec G42 */
const MAX_REQUESTS = 8
