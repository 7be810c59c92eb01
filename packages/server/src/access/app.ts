import { decodeBase64Url, isIntegerUpTo, isRecord } from '@conclave/base'
import { isSmallOrder } from '@conclave/crypto/verify'
import { ServerError } from '../errors.ts'
import { isAppId } from './grant.ts'

/** An application whose server decides who may do what in its channels. spec G53 */
export interface App {
  /** 1 to 64 of the characters `A–Z a–z 0–9 _ . -`. */
  readonly id: string
  /** At most 16, so that one can take the place of another. */
  readonly keys: readonly AccessKey[]
  /** The part of the hub that it may take. Default: all of it. spec G23 */
  readonly limits?: AppLimits
}

/** The part of a hub that one application may take, in whole numbers from 1; a limit that is left out is none. spec G23 */
export interface AppLimits {
  /** Connections with a subscription to one of its channels. */
  readonly connections?: number
  /** Channels that are open. */
  readonly channels?: number
  /** Messages in all its channels, of its users and its server; twice as many at once. */
  readonly publishesPerSecond?: number
}

/** A key with which the server of an application signs. */
export interface AccessKey {
  /** Names the key in tokens; no other key of the hub has it. 1 to 64 of the characters `A–Z a–z 0–9 _ . -`. */
  readonly id: string
  readonly algorithm: AccessAlgorithm
  /** The secret of `HS256`, base64url of 32 to 64 bytes, or the public key of the others as a JWK. */
  readonly key: string | AccessJwk
}

/** The algorithms of access keys. RFC 7518 §3.1, RFC 8037 §3.1 */
export type AccessAlgorithm = 'HS256' | 'EdDSA' | 'ES256'

/** A key as RFC 7517 has it. */
export interface AccessJwk {
  readonly kty: string
  readonly [member: string]: unknown
}

/** The most applications of a hub. spec G53 */
const MAX_APPS = 64

/**
 * Reads the applications of a hub, each with its id, its keys and the `more` members that the caller reads.
 *
 * @throws ServerError `ERR_SERVER_APPS` that names the place, and shows no value
 */
export function readApps(value: unknown, more: readonly string[] = []): readonly App[] {
  if (!Array.isArray(value) || value.length > MAX_APPS)
    throw wrongApp('the list', `a list of at most ${MAX_APPS} apps is expected`)
  const apps = value.map((app: unknown, at) => readApp(app, { place: `[${at}]`, more }))
  checkDistinct(
    apps.map(({ id }) => id),
    (at) => `[${at}].id`,
  )
  const keys = apps.flatMap((app, at) =>
    app.keys.map(({ id }, of) => ({ id, place: `[${at}].keys[${of}].id` })),
  )
  checkDistinct(
    keys.map(({ id }) => id),
    (at) => keys[at]?.place ?? '',
  )
  return apps
}

/** Checks that an object has all of some members, and no others than these and the optional ones. */
export function checkAppMembers(
  value: unknown,
  {
    place,
    members,
    optional = [],
  }: {
    readonly place: string
    readonly members: readonly string[]
    readonly optional?: readonly string[]
  },
): Readonly<Record<string, unknown>> {
  if (!isRecord(value)) throw wrongApp(place, 'an object is expected')
  const missing = members.find((member) => !Object.hasOwn(value, member))
  if (missing !== undefined) throw wrongApp(place, `it needs "${missing}"`)
  const known = [...members, ...optional]
  const isKnown = Object.keys(value).every((member) => known.includes(member))
  if (!isKnown) throw wrongApp(place, `it has a member that is none of ${known.join(', ')}`)
  return value
}

/** The error about a place in the list of apps. It shows no value: there are secrets among them. */
export function wrongApp(place: string, expected: string): ServerError<'ERR_SERVER_APPS'> {
  const message = `of the apps ${place} is wrong: ${expected}`
  return new ServerError('ERR_SERVER_APPS', { place }, { message })
}

function readApp(
  value: unknown,
  { place, more }: { readonly place: string; readonly more: readonly string[] },
): App {
  const optional = ['limits', ...more]
  const { id, keys, limits } = checkAppMembers(value, { place, members: ['id', 'keys'], optional })
  if (!isName(id)) throw wrongApp(`${place}.id`, NAME_EXPECTED)
  if (!Array.isArray(keys) || keys.length > MAX_KEYS)
    throw wrongApp(`${place}.keys`, `a list of at most ${MAX_KEYS} keys is expected`)
  return {
    ...{ id, keys: keys.map((key: unknown, at) => readKey(key, `${place}.keys[${at}]`)) },
    ...(limits === undefined ? {} : { limits: readLimits(limits, `${place}.limits`) }),
  }
}

function readLimits(value: unknown, place: string): AppLimits {
  const limits = checkAppMembers(value, { place, members: [], optional: LIMITS })
  for (const [name, limit] of Object.entries(limits)) {
    if (!isIntegerUpTo(0xffff_ffff, limit) || limit === 0)
      throw wrongApp(`${place}.${name}`, 'a whole number from 1 is expected')
  }
  return { ...limits }
}

function readKey(value: unknown, place: string): AccessKey {
  const { id, algorithm, key } = checkAppMembers(value, {
    place,
    members: ['id', 'algorithm', 'key'],
  })
  if (!isName(id)) throw wrongApp(`${place}.id`, NAME_EXPECTED)
  switch (algorithm) {
    case 'HS256':
      return { id, algorithm, key: readSecret(key, `${place}.key`) }
    case 'EdDSA':
    case 'ES256':
      return { id, algorithm, key: readPublicKey(key, { algorithm, place: `${place}.key` }) }
    default:
      throw wrongApp(`${place}.algorithm`, '"HS256", "EdDSA" or "ES256" is expected')
  }
}

function readSecret(value: unknown, place: string): string {
  const text = isRecord(value) && value['kty'] === 'oct' ? value['k'] : value
  const length = typeof text === 'string' ? (decodeBase64Url(text)?.length ?? 0) : 0
  if (typeof text !== 'string' || length < MIN_SECRET_BYTES || length > MAX_SECRET_BYTES)
    throw wrongApp(place, 'a secret of 32 to 64 bytes in base64url is expected')
  return text
}

/** Only the members that make the key: the rest of a JWK decides nothing here. */
function readPublicKey(
  value: unknown,
  { algorithm, place }: { readonly algorithm: 'EdDSA' | 'ES256'; readonly place: string },
): AccessJwk {
  const { kty, crv, parts } = FORMS[algorithm]
  if (!isRecord(value) || value['kty'] !== kty || value['crv'] !== crv)
    throw wrongApp(
      place,
      `a public key as a JWK is expected, with "kty": "${kty}" and "crv": "${crv}"`,
    )
  if (value['d'] !== undefined)
    throw wrongApp(place, 'it is a private key: the hub takes the public one, without "d"')
  const coordinates = parts.map((part): [string, string] => {
    const text = value[part]
    const bytes = typeof text === 'string' ? decodeBase64Url(text) : undefined
    if (typeof text !== 'string' || bytes?.length !== COORDINATE_BYTES)
      throw wrongApp(place, `"${part}" of 32 bytes in base64url is expected`)
    if (algorithm === 'EdDSA' && isSmallOrder('Ed25519', bytes))
      throw wrongApp(place, 'anybody could sign for this key')
    return [part, text]
  })
  return { kty, crv, ...Object.fromEntries(coordinates) }
}

function checkDistinct(ids: readonly string[], placeOf: (at: number) => string): void {
  const again = ids.findIndex((id, at) => ids.indexOf(id) !== at)
  if (again !== -1) throw wrongApp(placeOf(again), 'an id that nothing before it has is expected')
}

const isName = (value: unknown): value is string => value !== '' && isAppId(value)

const FORMS = {
  EdDSA: { kty: 'OKP', crv: 'Ed25519', parts: ['x'] },
  ES256: { kty: 'EC', crv: 'P-256', parts: ['x', 'y'] },
} as const

const LIMITS = ['connections', 'channels', 'publishesPerSecond'] as const
const NAME_EXPECTED = '1 to 64 characters of A–Z a–z 0–9 _ . - are expected'
const MAX_KEYS = 16
const MIN_SECRET_BYTES = 32
const MAX_SECRET_BYTES = 64
const COORDINATE_BYTES = 32
