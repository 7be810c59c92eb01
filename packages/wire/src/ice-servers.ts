import { hasShape } from '@conclave/base'
import type { Shape } from '@conclave/base'
import { MAX_ICE_SERVERS, MAX_ICE_TEXT_LENGTH, MAX_ICE_URLS } from './protocol.ts'

/** A STUN or TURN server that a hub names to those whom it let in. */
export interface IceServer {
  /** Such as `stun:relay.example:3478` and `turns:relay.example:443?transport=tcp`. */
  readonly urls: readonly string[]
  /** With `credential`, for the addresses of TURN. */
  readonly username?: string
  readonly credential?: string
}

/** Whether a value is a server as the hub names it. spec W15 */
export function isIceServer(value: unknown): value is IceServer {
  return hasShape(value, WITH_CREDENTIALS) || (hasShape(value, OPEN) && !value.urls.some(isTurn))
}

/** Whether a value is a list of at most {@link MAX_ICE_SERVERS} servers. spec W15 */
export function isIceServerList(value: unknown): value is readonly IceServer[] {
  return Array.isArray(value) && value.length <= MAX_ICE_SERVERS && value.every(isIceServer)
}

const isText = (value: unknown): boolean =>
  typeof value === 'string' && value.length > 0 && value.length <= MAX_ICE_TEXT_LENGTH

/** RFC 7064 and RFC 7065: no path, no user, and no query but `transport`. */
const isUrl = (value: unknown): boolean =>
  isText(value) &&
  /^(?:stuns?:[\w.:[\]-]+|turns?:[\w.:[\]-]+(?:\?transport=(?:udp|tcp))?)$/.test(String(value))

const isTurn = (url: string): boolean => url.startsWith('turn')

const isUrlList = (value: unknown): boolean =>
  Array.isArray(value) && value.length > 0 && value.length <= MAX_ICE_URLS && value.every(isUrl)

const OPEN: Shape<Pick<IceServer, 'urls'>> = { urls: isUrlList }
const WITH_CREDENTIALS: Shape<Required<IceServer>> = {
  ...OPEN,
  username: isText,
  credential: isText,
}
