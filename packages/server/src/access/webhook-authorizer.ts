import { decodeText, encodeBase64Url, isRecord, textToBytes, within } from '@conclave/base'
import type { Clock } from '@conclave/base'
import { randomBytes } from '@conclave/crypto/verify'
import { signWebhook } from '../webhooks/sign-webhook.ts'
import type { AccessRequest, Authorizer, Decision } from './authorizer.ts'
import { toDecision } from './hook-authorizer.ts'

/** A request to the server of an application. */
export interface PostRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array<ArrayBuffer>
  /** An answer with a longer body is a failure. */
  readonly maxBytes: number
  readonly signal: AbortSignal
}

/** An answer with its whole body. */
export interface PostAnswer {
  readonly status: number
  readonly body: Uint8Array
}

/** Sends a `POST`. It must follow no redirect, and reject when it gets no whole answer. */
export type Post = (request: PostRequest) => Promise<PostAnswer>

/** The parts of a {@link WebhookAuthorizer}. */
export interface WebhookAuthorizerOptions {
  /** The id of the application. */
  readonly app: string
  readonly url: string
  /** The bytes of the secret that the hub shares with the application's server. */
  readonly secret: Uint8Array
  readonly post: Post
  readonly clock: Clock
  /** The time of day in milliseconds. */
  readonly timeOfDay: () => number
}

/** Asks the server of an application by a signed request. Everything but an answer of the exact form means that nothing was decided. spec G49 G50 */
export class WebhookAuthorizer implements Authorizer {
  readonly #options: WebhookAuthorizerOptions

  constructor(options: WebhookAuthorizerOptions) {
    this.#options = options
  }

  async decide(
    request: AccessRequest,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<Decision> {
    const controller = new AbortController()
    const abort = (): void => controller.abort()
    signal.addEventListener('abort', abort, { once: true })
    try {
      const { clock } = this.#options
      const askedMs = clock.now()
      const late = (): void => abort()
      const answer = await within(this.#ask(request, controller.signal), {
        ...{ clock, ms: DEADLINE_MS, late },
      })
      return await this.#read(answer ?? undefined, { nonce: request.nonce, askedMs })
    } catch {
      return UNAVAILABLE
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  async #ask(request: AccessRequest, signal: AbortSignal): Promise<PostAnswer> {
    const { app, url, secret, post, timeOfDay } = this.#options
    const body = textToBytes(JSON.stringify(describe(request, app)))
    const id = encodeBase64Url(randomBytes(ID_BYTES))
    const timestampS = Math.floor(timeOfDay() / 1000)
    const signed = await signWebhook({ key: secret, id, timestampS, body })
    const headers = { ...signed, 'content-type': 'application/json' }
    return post({ url, headers, body, signal, maxBytes: MAX_ANSWER_BYTES })
  }

  async #read(
    answer: PostAnswer | undefined,
    asked: { readonly nonce: string; readonly askedMs: number },
  ): Promise<Decision> {
    if (answer?.status !== 200 || answer.body.length > MAX_ANSWER_BYTES) return UNAVAILABLE
    const value = readAnswer(answer.body)
    if (value === 'pass' || value === 'denied') return { type: value }
    const decision = await toDecision(value, { app: this.#options.app, ...asked })
    return decision.type === 'granted' ? decision : UNAVAILABLE
  }
}

/** The question, as the server of the application gets it. */
function describe(request: AccessRequest, app: string): object {
  const { channel, kind, wants, token, nonce, host, facts } = request
  const headers = PASSED_HEADERS.map((name) => [name, facts.header(name) ?? ''])
  return {
    ...{ version: 1, type: 'authorize', app, channel, kind, wants, nonce },
    ...{ token: token ?? '', host: host ?? '' },
    ...{ origin: facts.origin ?? '', address: facts.address ?? '' },
    headers: Object.fromEntries(headers),
  }
}

/** `pass`, `denied`, or the value of any other answer; `undefined` for no JSON. */
function readAnswer(bytes: Uint8Array): unknown {
  let value: unknown
  try {
    value = JSON.parse(decodeText(bytes) ?? '')
  } catch {
    return undefined
  }
  if (!isRecord(value) || Object.keys(value).length !== 1) return value
  return value['pass'] === true ? 'pass' : value['deny'] === true ? 'denied' : value
}

const UNAVAILABLE: Decision = { type: 'unavailable' }
/** The headers that say who the client is. */
const PASSED_HEADERS = ['authorization', 'cookie'] as const
const ID_BYTES = 18
const DEADLINE_MS = 3000
const MAX_ANSWER_BYTES = 16_384
