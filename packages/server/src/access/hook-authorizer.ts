import { isIntegerUpTo, isRecord } from '@conclave/base'
import type { Clock } from '@conclave/base'
import { isDeviceName, isRightList, isUserName } from '@conclave/wire'
import type { Right } from '@conclave/wire'
import type { AccessRequest, Authorizer, Decision, RequestFacts } from './authorizer.ts'
import { drawDevice } from './device.ts'
import { MAX_GRANT_MS } from './grant.ts'

/** A connection that wants rights in a channel, as a hook of the program sees it. */
export interface HookRequest extends Omit<AccessRequest, 'facts'> {
  /** The upgrade request of the connection. */
  readonly request: RequestFacts
  /** Aborted when the answer is not waited for. */
  readonly signal: AbortSignal
}

/** The answer of a hook: who the connection belongs to, and what it may do; `undefined` or `false` when another authorizer may decide. */
export type HookAnswer =
  | undefined
  | false
  | { readonly deny: true }
  | {
      /** 1 to 128 printable characters of ASCII without spaces. */
      readonly user: string
      /** 1 to 64 printable characters of ASCII without spaces. Default: one is drawn for the connection. */
      readonly device?: string | undefined
      /** Those that were not wanted do not count. */
      readonly rights: readonly Right[]
      /** From 1 to 86,400,000. */
      readonly expiresInMs: number
    }

/**
 * Decides for the program that runs the hub. You must look at `channel`, `kind` and `wants`, and at something that only the user has, such as the cookie
 * of its session: the hub knows nothing of users. An exception means that nothing was decided. spec G48
 */
export type AuthorizeHook = (request: HookRequest) => HookAnswer | Promise<HookAnswer>

/** Asks a hook of the program that runs the hub. spec G48 */
export class HookAuthorizer implements Authorizer {
  readonly #hook: AuthorizeHook
  readonly #clock: Pick<Clock, 'now'>

  constructor(hook: AuthorizeHook, { clock }: { readonly clock: Pick<Clock, 'now'> }) {
    this.#hook = hook
    this.#clock = clock
  }

  async decide(
    { facts, ...request }: AccessRequest,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<Decision> {
    const askedMs = this.#clock.now()
    const answer: unknown = await this.#hook({ ...request, request: facts, signal })
    if (answer === undefined || answer === false) return { type: 'pass' }
    return toDecision(answer, { app: '', nonce: request.nonce, askedMs })
  }
}

/**
 * The decision of an answer with a user or with `deny`; `denied` for everything else. A revocation that comes while somebody decides ends the grant,
 * which was issued at `askedMs`: the decision may not know of it. spec G52
 */
export async function toDecision(
  answer: unknown,
  {
    app,
    nonce,
    askedMs,
  }: { readonly app: string; readonly nonce: string; readonly askedMs: number },
): Promise<Decision> {
  if (!isRecord(answer)) return DENIED
  const { user, device, rights, expiresInMs, ...others } = answer
  if (Object.keys(others).length > 0) return DENIED
  if (!isUserName(user) || !(device === undefined || isDeviceName(device))) return DENIED
  if (!isRightList(0, rights) || !isIntegerUpTo(MAX_GRANT_MS, expiresInMs)) return DENIED
  const untilMs = askedMs + expiresInMs
  const named = device ?? (await drawDevice(nonce))
  const grant = { app, user, device: named, rights: new Set(rights), issuedMs: askedMs, untilMs }
  return { type: 'granted', grant }
}

const DENIED: Decision = { type: 'denied' }
