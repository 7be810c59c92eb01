import { hasShape } from '@conclave/base'
import {
  isDeviceName,
  isRightList,
  isUserName,
  parseChannelName,
  parseRoomId,
} from '@conclave/wire'
import type { Right } from '@conclave/wire'
import { isTokenId, MAX_GRANT_MS } from './grant.ts'

/** The claims of a token that gives rights to one connection. spec G44 */
export interface Capability {
  readonly user: string
  /** `undefined`: one is drawn for the connection. */
  readonly device: string | undefined
  readonly tokenId: string
  /** Milliseconds since 1970, by the clock of the application. */
  readonly issuedMs: number
  /** With the tolerance for clocks that differ. */
  readonly untilMs: number
  readonly channels: readonly ChannelRights[]
}

/** Rights in one channel, or in all whose names begin alike. */
export interface ChannelRights {
  /** A channel, the beginning of a channel and `*`, `room:` and the id of a room, or `room:*`. */
  readonly name: string
  readonly rights: readonly Right[]
}

/** The connection that shows a token, and the hub that it shows it to. */
export interface CapabilityContext {
  readonly hosts: ReadonlySet<string>
  /** The nonce of the connection's challenge, base64url. */
  readonly nonce: string
  /** Time of day in milliseconds since 1970. */
  readonly nowMs: number
}

/**
 * Reads the claims of a token whose signature is valid; `undefined` for a token of another hub, another connection or another time, and for
 * claims that are malformed. spec G44 G45 G46
 */
export function readCapability(
  claims: Readonly<Record<string, unknown>>,
  { hosts, nonce, nowMs }: CapabilityContext,
): Capability | undefined {
  const { aud, iat, exp, nbf = 0, sub, dev, cnx, jti, ch } = claims
  if (!isForHub(aud, hosts) || cnx !== nonce) return undefined
  if (!isUserName(sub) || !isTokenId(jti)) return undefined
  if (dev !== undefined && !isDeviceName(dev)) return undefined
  if (!isSeconds(iat) || !isSeconds(exp) || !isSeconds(nbf)) return undefined
  const [issuedMs, endMs] = [1000 * iat, 1000 * exp]
  if (endMs <= issuedMs || endMs - issuedMs > MAX_GRANT_MS) return undefined
  const isBegun = Math.max(issuedMs, 1000 * nbf) <= nowMs + TOLERANCE_MS
  const untilMs = endMs + TOLERANCE_MS
  if (!isBegun || untilMs <= nowMs || !isChannelList(ch)) return undefined
  return { user: sub, device: dev, tokenId: jti, issuedMs, untilMs, channels: ch }
}

/** The rights of a capability in a channel, in all of its entries. spec G46 */
export function rightsIn(
  { channels }: Pick<Capability, 'channels'>,
  { kind, channel }: { readonly kind: string; readonly channel: string },
): ReadonlySet<Right> {
  const wanted = kind === 'room' ? `${ROOM}${channel}` : channel
  const fitting = channels.filter(({ name }) =>
    name.endsWith('*') ? wanted.startsWith(name.slice(0, -1)) : name === wanted,
  )
  return new Set(fitting.flatMap(({ rights }) => rights))
}

function isForHub(aud: unknown, hosts: ReadonlySet<string>): boolean {
  const list: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  return list.length <= MAX_AUDIENCES && list.some((host) => hosts.has(host as string))
}

const isSeconds = (value: unknown): value is number =>
  typeof value === 'number' && value >= 0 && value <= MAX_SECONDS

const isChannelList = (value: unknown): value is readonly ChannelRights[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.length <= MAX_CHANNELS &&
  value.every((entry) => hasShape<ChannelRights>(entry, ENTRY))

function isPattern(value: unknown): boolean {
  if (typeof value !== 'string') return false
  if (value.startsWith(ROOM)) {
    const room = value.slice(ROOM.length)
    return room === '*' || parseRoomId(room) !== undefined
  }
  if (!value.endsWith('*')) return parseChannelName(value) !== undefined
  const start = value.slice(0, -1)
  // The shortest name that begins so has a character behind the kind.
  return KINDS.includes(start) || parseChannelName(start) !== undefined
}

const ENTRY = { name: isPattern, rights: (value: unknown) => isRightList(1, value) }
const KINDS: readonly string[] = ['private-', 'presence-']
const ROOM = 'room:'
const MAX_CHANNELS = 64
const MAX_AUDIENCES = 8
const MAX_SECONDS = 1e11
/** Clocks of applications and of hubs differ by so much at most. */
const TOLERANCE_MS = 30_000
