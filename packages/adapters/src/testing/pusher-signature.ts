import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/** The credentials of an app. */
export interface PusherCredentials {
  readonly appId: string
  readonly key: string
  readonly secret: string
}

/** Whether the app's own server signed `auth` for this connection to join this channel. */
export function isAuthorized(
  { key, secret }: PusherCredentials,
  {
    auth,
    parts,
  }: {
    readonly auth: unknown
    /** Socket id, channel, and for presence channels the channel data. */
    readonly parts: readonly string[]
  },
): boolean {
  return isSame(auth, `${key}:${sign(secret, parts.join(':'))}`)
}

/** Why a request to the HTTP API is refused; `undefined` when it is properly signed. */
export function refusalOf(
  { key, secret }: PusherCredentials,
  request: {
    readonly method: string
    readonly url: URL
    readonly body: string
    /** Seconds since 1970. */
    readonly now: number
  },
): string | undefined {
  const { method, url, body, now } = request
  const parameters = [...url.searchParams].map(
    ([name, value]) => [name.toLowerCase(), value] as const,
  )
  const given = new Map(parameters)
  if (given.get('auth_key') !== key) return 'auth_key'
  if (given.get('auth_version') !== '1.0') return 'auth_version'
  const timestamp = Number(given.get('auth_timestamp'))
  if (!(Math.abs(now - timestamp) <= MAX_SKEW_SECONDS)) return 'auth_timestamp'
  if (body !== '' && given.get('body_md5') !== createHash('md5').update(body).digest('hex')) {
    return 'body_md5'
  }
  const query = parameters
    .filter(([name]) => name !== 'auth_signature')
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join('&')
  const signed = sign(secret, [method, url.pathname, query].join('\n'))
  return isSame(given.get('auth_signature'), signed) ? undefined : 'auth_signature'
}

function sign(secret: string, text: string): string {
  return createHmac('sha256', secret).update(text).digest('hex')
}

function isSame(given: unknown, wanted: string): boolean {
  if (typeof given !== 'string') return false
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)]
  return a.length === b.length && timingSafeEqual(a, b)
}

const MAX_SKEW_SECONDS = 600
