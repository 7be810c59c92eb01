import { isIntegerUpTo } from '@conclave/base'

/** The claims of a token that is for one request of the API. spec G71 */
export interface RequestClaims {
  /** A host of the hub. */
  readonly aud: string
  /** Seconds since 1970. */
  readonly iat: number
  readonly exp: number
  /** Used once. */
  readonly jti: string
  /** Method of HTTP. */
  readonly htm: string
  /** The path from `/api/` on. */
  readonly htu: string
  /** SHA-256 of the body, base64url. */
  readonly bsh: string
}

/** The facts about a request that the claims of its token must name. */
export interface RequestFacts {
  readonly hosts: ReadonlySet<string>
  readonly method: string
  readonly path: string
  readonly nowMs: number
}

/** Reads the claims of a token whose signature is valid; `undefined` for a token of another use, another request or another time. spec G71 */
export function readRequestClaims(
  claims: Readonly<Record<string, unknown>>,
  { hosts, method, path, nowMs }: RequestFacts,
): RequestClaims | undefined {
  const { aud, iat, exp, jti, htm, htu, bsh } = claims
  if (typeof aud !== 'string' || !hosts.has(aud) || htm !== method || htu !== path) return undefined
  if (typeof jti !== 'string' || !/^[\w-]{16,64}$/.test(jti)) return undefined
  if (typeof bsh !== 'string' || !/^[\w-]{43}$/.test(bsh)) return undefined
  if (!isSeconds(iat) || !isSeconds(exp) || exp <= iat || exp - iat > MAX_LIFE_S) return undefined
  const nowS = nowMs / 1000
  const isNow = iat <= nowS + LEEWAY_S && exp > nowS - LEEWAY_S
  return isNow ? { aud, iat, exp, jti, htm: method, htu: path, bsh } : undefined
}

/** No token is accepted so long after it was accepted first. */
export const TOKEN_LIFE_MS = 80_000

const isSeconds = (value: unknown): value is number => isIntegerUpTo(MAX_SECONDS, value)
const MAX_SECONDS = 1e11
const MAX_LIFE_S = 60
/** Clocks differ by a little. */
const LEEWAY_S = 10
