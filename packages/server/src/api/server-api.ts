import { encodeBase64Url, RateLimiter } from '@conclave/base'
import type { Clock } from '@conclave/base'
import { hashBytes } from '@conclave/crypto/verify'
import type { AccessKeys } from '../access/access-keys.ts'
import { fail } from './api-answer.ts'
import type { ApiAnswer } from './api-answer.ts'
import { decodeApiBody, parseOperation } from './api-call.ts'
import type { ApiOperations } from './api-operations.ts'
import { readRequestClaims, TOKEN_LIFE_MS } from './request-token.ts'
import type { RequestClaims } from './request-token.ts'
import { SeenTokens } from './seen-tokens.ts'

/** The path below which operations stand. spec G70 */
export const API_PATH = '/api/v1/'

/** A request of an application's server. */
export interface ApiRequest {
  readonly method: string
  /** Its path from {@link API_PATH} on, with what stands behind it. */
  readonly path: string
  readonly authorization: string | undefined
  readonly origin: string | undefined
  /** Reads the body: at most so many bytes, `too-large` for more, `late` when it does not come. Called once, or never. */
  readBody(maxBytes: number): Promise<Uint8Array<ArrayBuffer> | 'too-large' | 'late'>
}

/** The part of a hub that answers the servers of applications, for transports of the hub. */
export interface HubApi {
  /** Answers a request. Never rejects. */
  answer(request: ApiRequest): Promise<ApiAnswer>
}

/** The needs of a {@link ServerApi}. */
export interface ServerApiOptions {
  readonly operations: ApiOperations
  /** The names of the hub. */
  readonly hosts: ReadonlySet<string>
  readonly keys: AccessKeys
  readonly isDraining: () => boolean
  readonly clock: Pick<Clock, 'now'>
  /** The time of day in milliseconds, with which the clocks of others are compared. */
  readonly timeOfDay: () => number
  readonly onAnswer: (answer: ApiAnswer) => void
}

/**
 * Answers the servers of applications. A request says nothing that its token does not name: the app, the path and the digest of the body. Before
 * that is verified nothing of the body is read, and every failure is the same answer. spec G70 G71 G72 G73
 */
export class ServerApi implements HubApi {
  readonly #options: ServerApiOptions
  readonly #seen = new SeenTokens({ maxTokens: MAX_SEEN_TOKENS, lifeMs: TOKEN_LIFE_MS })
  readonly #countByApp = new Map<string, number>()
  readonly #limiterByApp = new Map<string, RateLimiter>()
  #count = 0

  constructor(options: ServerApiOptions) {
    this.#options = options
  }

  async answer(request: ApiRequest): Promise<ApiAnswer> {
    const answer = await this.#answer(request).catch(() => fail('unavailable'))
    this.#options.onAnswer(answer)
    return answer
  }

  async #answer(request: ApiRequest): Promise<ApiAnswer> {
    const { method, path } = request
    const caller = await this.#authenticate(request)
    if (caller === undefined) return fail('unauthorized')
    const { app } = caller
    if (!this.#limiterOf(app).take(this.#options.clock.now())) return fail('rate')
    const operation = parseOperation(path.slice(API_PATH.length))
    if (operation === undefined) return fail('unknown-operation')
    if (method !== 'POST') return fail('method')
    const release = this.#occupy(app)
    if (release === undefined) return fail('busy')
    try {
      const bytes = await this.#readBody(request, caller)
      if (typeof bytes === 'string') return fail(bytes)
      const body = decodeApiBody(operation, bytes)
      if (body === undefined) return fail('malformed')
      if (this.#options.isDraining()) return fail('draining')
      return await this.#options.operations.run({ app, operation, body })
    } finally {
      release()
    }
  }

  async #authenticate(request: ApiRequest): Promise<Caller | undefined> {
    const { method, path, authorization, origin } = request
    const [, token] = BEARER.exec(authorization ?? '') ?? []
    // A page has no access key: its request was not meant for here.
    if (origin !== undefined || token === undefined || token.length > MAX_TOKEN_CHARACTERS)
      return undefined
    const verified = await this.#options.keys.verify(token, 'request')
    if (verified === undefined) return undefined
    const { hosts, timeOfDay } = this.#options
    const facts = { hosts, method, path, nowMs: timeOfDay() }
    const claims = readRequestClaims(verified.claims, facts)
    return claims === undefined ? undefined : { app: verified.app, claims }
  }

  /** Reads the body that the token names, and uses the token up. */
  async #readBody(
    request: ApiRequest,
    { app, claims }: Caller,
  ): Promise<Uint8Array | 'too-large' | 'late' | 'unauthorized' | 'busy'> {
    const bytes = await request.readBody(MAX_BODY_BYTES)
    if (typeof bytes === 'string') return bytes
    if (encodeBase64Url(await hashBytes(bytes)) !== claims.bsh) return 'unauthorized'
    const nowMs = this.#options.clock.now()
    const taken = this.#seen.take({ app, id: claims.jti, nowMs })
    if (taken === 'taken') return bytes
    return taken === 'seen' ? 'unauthorized' : 'busy'
  }

  /** Only apps of the hub get here. */
  #limiterOf(app: string): RateLimiter {
    const limiter = this.#limiterByApp.get(app) ?? new RateLimiter(RATE)
    this.#limiterByApp.set(app, limiter)
    return limiter
  }

  /** A place for a body; the returned function gives it back. */
  #occupy(app: string): (() => void) | undefined {
    const ofApp = this.#countByApp.get(app) ?? 0
    if (this.#count >= MAX_REQUESTS || ofApp >= MAX_REQUESTS / 2) return undefined
    this.#count += 1
    this.#countByApp.set(app, ofApp + 1)
    return () => {
      this.#count -= 1
      this.#countByApp.set(app, (this.#countByApp.get(app) ?? 1) - 1)
    }
  }
}

interface Caller {
  readonly app: string
  readonly claims: RequestClaims
}

/** Requests whose bodies are read, or which are carried out, at the same time; half of them may be of one app. spec G75 */
export const MAX_REQUESTS = 128
/** Requests of one app: no more tokens are alive than are remembered of it. spec G75 */
const RATE = { perSecond: 400, burst: 500 }
/** Tokens that are remembered. spec G73 */
export const MAX_SEEN_TOKENS = 65_536
/** The largest body. spec G74 */
export const MAX_BODY_BYTES = 131_072
const MAX_TOKEN_CHARACTERS = 4096
const BEARER = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i
