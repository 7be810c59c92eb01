/**
 * Asks the application for the tokens of its channels: a few at once, each for a bounded time. spec G93
 *
 * @module
 */
import type { Awaitable, Clock } from '@conclave/base'
import { type ChannelName, isToken, type Right } from '@conclave/wire'
import { wrongArgument } from '../arguments.ts'
import { ClientError } from '../errors.ts'

/** The question to the application: may this client have these rights? */
export interface AuthorizeRequest {
  readonly channel: ChannelName
  readonly wants: readonly Right[]
  /** The challenge of the connection, base64url: a token is bound to it, and worth nothing on another connection. */
  readonly nonce: string
  /** The hub as it is addressed, with its port if that is not the default: the audience of a token. */
  readonly host: string
  /** Aborts when the answer is of no use: the connection or the channel ended, or it took too long. */
  readonly signal: AbortSignal
}

/**
 * Gets a token from the application's server, which decides who may join. `undefined`: there is none, and the hub decides by
 * what it knows of the connection, such as a cookie. `false`: the server said no.
 */
export type Authorize = (request: AuthorizeRequest) => Awaitable<string | undefined | false>

/** The answer of the application. */
export type Authorization =
  | { readonly type: 'token'; readonly token: string }
  | { readonly type: 'denied' }
  /** It threw, took too long, or answered something else. */
  | { readonly type: 'failed'; readonly cause: unknown }

/** The application's function within its bounds. */
export class Authorizing {
  readonly #authorize: Authorize
  readonly #clock: Clock
  readonly #host: string
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(options: {
    readonly authorize: Authorize
    readonly clock: Clock
    readonly host: string
  }) {
    this.#authorize = options.authorize
    this.#clock = options.clock
    this.#host = options.host
  }

  /** Asks for a token. Never rejects. */
  async ask(request: Omit<AuthorizeRequest, 'host'>): Promise<Authorization> {
    if (this.#running >= MAX_AT_ONCE) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    } else {
      this.#running += 1
    }
    try {
      return await this.#ask(request)
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#running -= 1
      else next()
    }
  }

  async #ask(request: Omit<AuthorizeRequest, 'host'>): Promise<Authorization> {
    if (request.signal.aborted) return { type: 'failed', cause: request.signal.reason }
    const ending = new AbortController()
    const abort = (): void => ending.abort(request.signal.reason)
    const late = this.#clock.setTimeout(
      () => ending.abort(new ClientError('ERR_CLIENT_TIMEOUT', undefined)),
      DEADLINE_MS,
    )
    request.signal.addEventListener('abort', abort)
    const { signal } = ending
    try {
      const aborted = new Promise<never>((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- the reason is the signal's
          reject(signal.reason)
        })
      })
      const answer = await Promise.race([
        aborted,
        (async () => this.#authorize({ ...request, host: this.#host, signal }))(),
      ])
      if (answer === false) return { type: 'denied' }
      if (answer === undefined) return { type: 'token', token: '' }
      if (isToken(answer) && answer !== '') return { type: 'token', token: answer }
      throw wrongArgument('authorize', answer, 'a function that answers a token')
    } catch (cause) {
      return { type: 'failed', cause }
    } finally {
      this.#clock.clearTimeout(late)
      request.signal.removeEventListener('abort', abort)
    }
  }
}

/** As many as a hub decides about at once for one connection. */
const MAX_AT_ONCE = 8
/** A hub ends a connection that is in no channel for much longer. */
const DEADLINE_MS = 10_000
