import { backoffMs, concatBytes, encodeBase64Url, textToBytes } from '@conclave/base'
import type { Clock } from '@conclave/base'
import { hashBytes, randomBytes } from '@conclave/crypto/verify'
import type { AccessKey } from './access-key.ts'
import { decodeRefusal } from './answers.ts'
import { ServerClientError } from './errors.ts'

/** The needs of {@link HubRequests}. */
export interface HubRequestsOptions {
  /** The address below which the operations stand. */
  readonly base: URL
  /** The name of the hub that tokens are for. */
  readonly host: string
  readonly key: AccessKey
  readonly fetch: typeof globalThis.fetch
  readonly clock: Clock
  readonly timeOfDay: () => number
}

/** One request, which may take several attempts. */
export interface HubRequest<T> {
  readonly operation: string
  readonly body: object
  readonly decode: (bytes: Uint8Array) => T | undefined
  /** Whether a hub that gets it twice does it once. */
  readonly isRepeatable: boolean
  readonly signal: AbortSignal | undefined
}

/** Asks a hub, with a fresh token at each attempt. spec G84 */
export class HubRequests {
  readonly #options: HubRequestsOptions

  constructor(options: HubRequestsOptions) {
    this.#options = options
  }

  /** @throws ServerClientError; the reason of `signal` */
  async send<T>(request: HubRequest<T>): Promise<T> {
    const { operation, decode, isRepeatable, signal } = request
    const url = new URL(operation, this.#options.base)
    const body = textToBytes(JSON.stringify(request.body))
    const attempts = isRepeatable ? ATTEMPTS : 1
    for (let attempt = 1; ; attempt += 1) {
      signal?.throwIfAborted()
      const outcome = await this.#attempt({ url, body, signal })
      signal?.throwIfAborted()
      if (outcome.type === 'answered') return readAnswer(outcome, decode)
      if (attempt === attempts) {
        const { cause } = outcome
        throw new ServerClientError('ERR_SERVER_CLIENT_UNAVAILABLE', { attempts }, { cause })
      }
      await this.#pause(attempt, signal)
    }
  }

  async #attempt({
    url,
    body,
    signal,
  }: {
    readonly url: URL
    readonly body: Uint8Array<ArrayBuffer>
    readonly signal: AbortSignal | undefined
  }): Promise<Outcome> {
    const { fetch, clock } = this.#options
    const authorization = `Bearer ${await this.#token(url, body)}`
    const aborter = new AbortController()
    const abort = (): void => aborter.abort()
    const timer = clock.setTimeout(abort, ATTEMPT_MS)
    signal?.addEventListener('abort', abort, { once: true })
    try {
      const response = await fetch(url, {
        ...{ method: 'POST', body, redirect: 'manual', signal: aborter.signal },
        headers: { authorization, 'content-type': 'application/json' },
      })
      const { status, headers } = response
      const bytes = await readAtMost(response, MAX_ANSWER_BYTES)
      if (isAway(status)) return { type: 'failed', cause: undefined }
      return { type: 'answered', status, bytes, retryAfter: headers.get('retry-after') }
    } catch (cause) {
      return { type: 'failed', cause }
    } finally {
      clock.clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
    }
  }

  /** A token for this request and no other. spec G71 */
  async #token(url: URL, body: Uint8Array<ArrayBuffer>): Promise<string> {
    const issuedS = Math.floor(this.#options.timeOfDay() / 1000)
    return this.#options.key.sign('request', {
      aud: this.#options.host,
      iat: issuedS,
      exp: issuedS + TOKEN_S,
      jti: encodeBase64Url(randomBytes(16)),
      htm: 'POST',
      htu: url.pathname.slice(url.pathname.lastIndexOf('/api/')),
      bsh: encodeBase64Url(await hashBytes(body)),
    })
  }

  async #pause(attempt: number, signal: AbortSignal | undefined): Promise<void> {
    const { clock } = this.#options
    const [byte = 0] = randomBytes(1)
    const pauseMs = backoffMs(attempt - 1, { ...PAUSES, random: byte / 256 })
    await new Promise<void>((resolve) => {
      const stop = (): void => {
        clock.clearTimeout(timer)
        signal?.removeEventListener('abort', stop)
        resolve()
      }
      const timer = clock.setTimeout(stop, pauseMs)
      signal?.addEventListener('abort', stop)
    })
  }
}

type Outcome =
  | {
      readonly type: 'answered'
      readonly status: number
      readonly bytes: Uint8Array | undefined
      readonly retryAfter: string | null
    }
  /** Another attempt may succeed. */
  | { readonly type: 'failed'; readonly cause: unknown }

function readAnswer<T>(
  { status, bytes, retryAfter }: Outcome & { readonly type: 'answered' },
  decode: (bytes: Uint8Array) => T | undefined,
): T {
  const result = status === 200 && bytes !== undefined ? decode(bytes) : undefined
  if (result !== undefined) return result
  const error = bytes === undefined ? undefined : decodeRefusal(bytes)
  if (status === 401) throw new ServerClientError('ERR_SERVER_CLIENT_UNAUTHORIZED', undefined)
  if (status === 429) {
    const retryAfterMs = /^\d{1,5}$/.test(retryAfter ?? '') ? Number(retryAfter) * 1000 : RATE_MS
    throw new ServerClientError('ERR_SERVER_CLIENT_RATE', { retryAfterMs })
  }
  if (status === 200 || error === undefined)
    throw new ServerClientError('ERR_SERVER_CLIENT_ANSWER', { status })
  throw new ServerClientError('ERR_SERVER_CLIENT_REFUSED', { error, status })
}

/** Whether an answer says that the hub does nothing at the moment, or that a proxy does not reach it. */
const isAway = (status: number): boolean => status === 408 || (status >= 502 && status <= 504)

/** The body of an answer; `undefined` for a longer one, of which no more is read. */
async function readAtMost(response: Response, max: number): Promise<Uint8Array | undefined> {
  const pieces: Uint8Array[] = []
  let length = 0
  const reader = response.body?.getReader()
  for (;;) {
    const { value } = (await reader?.read()) ?? {}
    if (value === undefined) return concatBytes(...pieces)
    length += value.length
    if (length > max) {
      await reader?.cancel()
      return undefined
    }
    pieces.push(value)
  }
}

const ATTEMPTS = 4
const ATTEMPT_MS = 10_000
const PAUSES = { firstMs: 250, maxMs: 2000 }
const TOKEN_S = 30
const RATE_MS = 1000
/** More than a page of members takes. */
const MAX_ANSWER_BYTES = 524_288
