import { checkInteger, checkObject, describeType } from '@conclave/base'
import {
  isDeviceName,
  isRightList,
  isUserName,
  parseChannelName,
  parseRoomId,
} from '@conclave/wire'
import type { Right } from '@conclave/wire'

/** A user, in one channel or, without one, in all of the app. */
export interface OfUser {
  readonly user: string
  readonly channel?: string
}

/** The rights that a ticket gives to a user with a device in one channel. */
export interface TicketOptions {
  readonly channel: string
  readonly rights: readonly Right[]
  readonly user: string
  readonly device: string
  /** How long the ticket can be shown, and how long what it opens stays open after that: up to 24 h. */
  readonly expiresInMs: number
}

/** The rights that a capability gives to one connection of a user with a device. */
export interface CapabilityOptions {
  /** The nonce of the connection, as the client gave it. */
  readonly nonce: string
  readonly user: string
  readonly device: string
  /**
   * Rights by channel, 64 at most: the name of a private or presence channel, the beginning of names and `*`, such as `private-team-7-*`, or `room:` and the id
   * of a room at a hub that is closed.
   */
  readonly channels: Readonly<Record<string, readonly Right[]>>
  /** Up to 24 h. The client asks for another one before that. */
  readonly expiresInMs: number
}

/** Checks the name of a guarded channel; returns it. */
export function checkName(channel: unknown): string {
  const name = parseChannelName(channel)
  if (name !== undefined) return name
  throw new TypeError('"channel" expected a name that begins with private- or presence-')
}

/** The body of a request about a user. */
export function readOfUser(who: OfUser): { readonly user: string; readonly channel: string } {
  checkObject('who', who)
  const { user, channel } = who
  checkUser(user)
  return { user, channel: channel === undefined ? '' : checkChannel(channel) }
}

/** The body of a request for a ticket. */
export function readTicket(ticket: TicketOptions): object {
  checkObject('ticket', ticket)
  const { channel, rights, user, device, expiresInMs } = ticket
  checkUser(user)
  checkDevice(device)
  checkRights(rights)
  return {
    channel: checkChannel(channel),
    rights: [...rights],
    user,
    device,
    expiresInMs: checkLife(expiresInMs),
  }
}

/** The claims of a capability. spec G44 G85 */
export function readCapability(
  capability: CapabilityOptions,
  { host, jti, nowMs }: { readonly host: string; readonly jti: string; readonly nowMs: number },
): Readonly<Record<string, unknown>> {
  checkObject('capability', capability)
  const { nonce, user, device, channels, expiresInMs } = capability
  if (typeof nonce !== 'string' || !/^[\w-]{43}$/.test(nonce))
    throw new TypeError('"nonce" expected the nonce of a connection')
  checkUser(user)
  checkDevice(device)
  checkObject('channels', channels)
  const ch = Object.entries(channels).map(([name, rights]) => {
    checkRights(rights)
    return { name: checkPattern(name), rights: [...rights] }
  })
  checkInteger('channels', ch.length, { min: 1, max: MAX_CHANNELS })
  // With its milliseconds: a token that is made right after a revocation was not issued before it.
  const iat = nowMs / 1000
  const exp = (nowMs + checkLife(expiresInMs)) / 1000
  return { aud: host, iat, exp, jti, sub: user, dev: device, cnx: nonce, ch }
}

/** The name of a channel, or the beginning of one and a star; or of a room. spec G46 */
function checkPattern(name: string): string {
  const room = name.startsWith(ROOM) ? name.slice(ROOM.length) : undefined
  const start = name.replace(/\*$/, 'a')
  const isPattern = room === undefined ? parseChannelName(start) : room === '*' || parseRoomId(room)
  if (isPattern) return name
  throw new TypeError('"channels" expected names of channels, or beginnings of them with a star')
}

/** The name of a guarded channel, or the id of a room. */
function checkChannel(channel: unknown): string {
  return parseRoomId(channel) ?? checkName(channel)
}

function checkUser(user: unknown): void {
  if (!isUserName(user))
    throw new TypeError(
      `"user" expected 1 to 128 printable characters of ASCII without spaces, got ${describeType(user)}`,
    )
}

function checkDevice(device: unknown): void {
  if (!isDeviceName(device))
    throw new TypeError(
      `"device" expected 1 to 64 printable characters of ASCII without spaces, got ${describeType(device)}`,
    )
}

function checkRights(rights: unknown): asserts rights is readonly Right[] {
  if (!isRightList(1, rights)) throw new TypeError('"rights" expected a list of different rights')
}

const checkLife = (expiresInMs: unknown): number =>
  checkInteger('expiresInMs', expiresInMs, { min: 1000, max: MAX_GRANT_MS })

const ROOM = 'room:'
const MAX_CHANNELS = 64
/** The longest time of a grant. spec G41 */
const MAX_GRANT_MS = 86_400_000
