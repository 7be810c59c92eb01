/** The codes of answers that are no success, with their status of HTTP. spec G74 */
export const API_ERRORS = {
  /** Says nothing about the cause. spec G72 */
  unauthorized: 401,
  malformed: 400,
  'unknown-operation': 404,
  method: 405,
  /** The body did not come in time. */
  late: 408,
  'too-large': 413,
  rate: 429,
  /** As many requests or tokens as the hub keeps. */
  busy: 503,
  /** The engine is away. */
  unavailable: 503,
  draining: 503,
  /** As many revocations hold as the hub keeps. spec G52 */
  'revocations-full': 507,
} as const

/** The code of an answer that is no success. */
export type ApiError = keyof typeof API_ERRORS

/** The code of any answer, for counters. */
export type ApiOutcome = 'ok' | ApiError

/** The codes of all answers. */
export const API_OUTCOMES: readonly ApiOutcome[] = [
  'ok',
  ...(Object.keys(API_ERRORS) as ApiError[]),
]

/** The answer to a request of an application's server. */
export interface ApiAnswer {
  readonly outcome: ApiOutcome
  readonly status: number
  /** JSON. */
  readonly body: string
  readonly retryAfterS?: number
}

/** The answer with a result. */
export function succeed(result: object): ApiAnswer {
  return { outcome: 'ok', status: 200, body: JSON.stringify(result) }
}

/** The answer without one. */
export function fail(error: ApiError): ApiAnswer {
  const status = API_ERRORS[error]
  const isLater = status === 429 || status === 503
  return {
    ...{ outcome: error, status, body: JSON.stringify({ error }) },
    ...(isLater ? { retryAfterS: RETRY_S } : {}),
  }
}

const RETRY_S = 1
