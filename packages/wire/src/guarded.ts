import { decodeBase64Url, hasShape } from '@conclave/base'
import type { Shape } from '@conclave/base'
import { parseParticipantId } from './ids.ts'
import type { Brand, ParticipantId } from './ids.ts'
import {
  MAX_CHANNEL_NAME_LENGTH,
  MAX_DEVICE_LENGTH,
  MAX_INFO_BYTES,
  MAX_LISTED_MEMBERS,
  MAX_TOKEN_LENGTH,
  MAX_USER_LENGTH,
} from './protocol.ts'

/** Names a guarded channel: `private-…` or `presence-…`. spec W20 */
export type ChannelName = Brand<string, 'ChannelName'>

/** The kinds of channels whose members someone whom the operator trusts decides about. */
export type GuardedKind = 'private' | 'presence'

/** Names a user with a device in one guarded channel: the same when it comes again. spec W21 */
export type MemberId = ParticipantId

/** Something that a grant allows in one channel. spec W22 */
export type Right = 'subscribe' | 'publish' | 'signal' | 'presence' | 'history' | 'commit' | 'call'

/** Every right, in the order in which messages list them. spec W22 */
export const RIGHTS: readonly Right[] = Object.freeze([
  ...(['subscribe', 'publish', 'signal', 'presence', 'history', 'commit', 'call'] as const),
])

/** The sender of messages that come from the application's server. spec W21 */
export const SERVER_SENDER: MemberId = '_____________________w' as MemberId

/** A member of a presence channel. User and device are the word of the hub, and of those who authorise. */
export interface ChannelMember {
  readonly id: MemberId
  readonly user: string
  readonly device: string
  /** Sealed by the member, base64url of at most 1,024 bytes; empty when it gave none. */
  readonly info: string
}

/** Parses the name of a guarded channel. Returns `undefined`, not throws, for anything else. spec W20 */
export function parseChannelName(value: unknown): ChannelName | undefined {
  if (typeof value !== 'string' || value.length > MAX_CHANNEL_NAME_LENGTH) return undefined
  return NAME.test(value) ? (value as ChannelName) : undefined
}

/** The kind of a guarded channel, which its name begins with. spec W20 */
export function channelKind(name: ChannelName): GuardedKind {
  return name.startsWith('private-') ? 'private' : 'presence'
}

/** Whether a value is a list of distinct rights, of at least `least` of them. spec W22 */
export function isRightList(least: number, value: unknown): value is readonly Right[] {
  if (!Array.isArray(value) || value.length < least || value.length > RIGHTS.length) return false
  const known: readonly unknown[] = RIGHTS
  return value.every((right, at) => known.includes(right) && value.indexOf(right) === at)
}

/** Whether a value may name a user: printable ASCII without spaces. spec W23 */
export function isUserName(value: unknown): value is string {
  return isPrintable(MAX_USER_LENGTH, value)
}

/** Whether a value may name a device of a user: printable ASCII without spaces. spec W23 */
export function isDeviceName(value: unknown): value is string {
  return isPrintable(MAX_DEVICE_LENGTH, value)
}

/** Whether a value is a token, or empty for none. spec W23 */
export function isToken(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_TOKEN_LENGTH && /^[\w.-]*$/.test(value)
}

/** Whether a value is the text of at most {@link MAX_INFO_BYTES} bytes. spec W23 */
export function isInfo(value: unknown): value is string {
  return typeof value === 'string' && (decodeBase64Url(value)?.length ?? Infinity) <= MAX_INFO_BYTES
}

/** Whether a value is a member as a hub tells it. spec W23 */
export function isChannelMember(value: unknown): value is ChannelMember {
  return hasShape(value, MEMBER)
}

/** Whether a value is a page of members. spec W24 */
export function isMemberPage(value: unknown): value is readonly ChannelMember[] {
  return Array.isArray(value) && value.length <= MAX_LISTED_MEMBERS && value.every(isChannelMember)
}

/** Whether a value is a member id, or empty for none. spec W24 */
export function isCursor(value: unknown): value is MemberId | '' {
  return value === '' || parseParticipantId(value) !== undefined
}

const isPrintable = (most: number, value: unknown): boolean =>
  typeof value === 'string' && value.length <= most && /^[\x21-\x7e]+$/.test(value)

const MEMBER: Shape<ChannelMember> = {
  id: (value) => parseParticipantId(value) !== undefined,
  user: isUserName,
  device: isDeviceName,
  info: isInfo,
}

const NAME = /^(?:private|presence)-[\w=@,.;-]+$/
