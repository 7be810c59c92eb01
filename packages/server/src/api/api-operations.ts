import { decodeBase64Url } from '@conclave/base'
import type { Clock } from '@conclave/base'
import type { Revocation } from '../access/revocations.ts'
import type { TicketMint } from '../access/tickets.ts'
import { isServerError } from '../errors.ts'
import type { GuardedApi } from '../guarded/guarded-hub.ts'
import { fail, succeed } from './api-answer.ts'
import type { ApiAnswer } from './api-answer.ts'
import type {
  ApiBodies,
  ApiOperation,
  MembersBody,
  OfUserBody,
  PublishBody,
  TicketBody,
  TokenBody,
} from './api-call.ts'

/** The parts of a hub that the servers of applications may use. */
export interface ApiTargets {
  readonly channels: Pick<GuardedApi, 'publish' | 'members' | 'revoke'>
  readonly tickets: TicketMint
  readonly clock: Pick<Clock, 'now'>
  readonly maxPayloadBytes: number
}

/** A request that is authenticated and well-formed. */
export interface ApiCall<T extends ApiOperation = ApiOperation> {
  readonly app: string
  readonly operation: T
  readonly body: ApiBodies[T]
}

/** Carries out what the servers of applications ask for, each for its own app. spec G77 G78 G79 */
export class ApiOperations {
  readonly #targets: ApiTargets

  constructor(targets: ApiTargets) {
    this.#targets = targets
  }

  /** Carries out a call. */
  async run<T extends ApiOperation>({ app, operation, body }: ApiCall<T>): Promise<ApiAnswer> {
    const run: Run<T> = this.#runs[operation]
    return run(app, body)
  }

  readonly #runs: { readonly [T in ApiOperation]: Run<T> } = {
    publish: (app, body) => this.#publish(app, body),
    members: (app, body) => this.#members(app, body),
    ticket: (app, body) => this.#ticket(app, body),
    revoke: (app, body) =>
      this.#revoke('user' in body ? ofUser('user', app, body) : this.#ofToken(app, body)),
    kick: (app, body) => this.#revoke(ofUser('kick', app, body)),
    ban: (app, body) => this.#revoke(this.#ban(app, body, body.forMs)),
    unban: (app, body) => this.#revoke(this.#ban(app, body, 0)),
  }

  async #publish(app: string, { channel, id, payload, type }: PublishBody): Promise<ApiAnswer> {
    const bytes = decodeBase64Url(payload)
    const { channels, maxPayloadBytes } = this.#targets
    if (bytes === undefined || bytes.length > maxPayloadBytes) return fail('too-large')
    const isSignal = type === 'signal'
    const result = await channels.publish({ app, channel, id, payload: bytes, isSignal })
    return result === 'sent' ? succeed({}) : fail('unavailable')
  }

  #members(app: string, { channel, after, limit }: MembersBody): ApiAnswer {
    const from = after === '' ? {} : { after }
    const { members, total, next } = this.#targets.channels.members({
      app,
      channel,
      limit,
      ...from,
    })
    return succeed({ members, total, next })
  }

  async #ticket(app: string, { expiresInMs, ...ticket }: TicketBody): Promise<ApiAnswer> {
    const untilMs = this.#targets.clock.now() + expiresInMs
    const text = await this.#targets.tickets.mint({ app, untilMs, ...ticket })
    return text === undefined ? fail('busy') : succeed({ ticket: text, expiresInMs })
  }

  #ofToken(app: string, { token, expiresInMs }: TokenBody): Revocation {
    const untilMs = this.#targets.clock.now() + expiresInMs
    return { type: 'token', app, tokenId: token, untilMs }
  }

  #ban(app: string, { user, channel }: OfUserBody, forMs: number): Revocation {
    const untilMs = this.#targets.clock.now() + forMs
    return { type: 'ban', app, user, ...(channel === '' ? {} : { channel }), untilMs }
  }

  #revoke(revocation: Revocation): ApiAnswer {
    try {
      this.#targets.channels.revoke(revocation)
      return succeed({})
    } catch (error) {
      if (isServerError(error) && error.code === 'ERR_SERVER_REVOCATIONS_FULL')
        return fail('revocations-full')
      throw error
    }
  }
}

type Run<T extends ApiOperation> = (
  app: string,
  body: ApiBodies[T],
) => ApiAnswer | Promise<ApiAnswer>

const ofUser = (type: 'user' | 'kick', app: string, { user, channel }: OfUserBody): Revocation => ({
  ...{ type, app, user },
  ...(channel === '' ? {} : { channel }),
})
