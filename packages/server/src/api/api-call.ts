import { decodeBase64Url, decodeJson, hasShape, isIntegerUpTo, isRecord } from '@conclave/base'
import type { Shape } from '@conclave/base'
import {
  isCursor,
  isDeviceName,
  isRightList,
  isUserName,
  MAX_LISTED_MEMBERS,
  MAX_PAYLOAD_BYTES,
  parseChannelName,
  parseMessageId,
  parseRoomId,
} from '@conclave/wire'
import type { ChannelName, MemberId, MessageId, Right, RoomId } from '@conclave/wire'
import { isTokenId, MAX_GRANT_MS } from '../access/grant.ts'

/** The things that an application's server may ask for. spec G70 */
export const API_OPERATIONS = [
  'publish',
  'members',
  'ticket',
  'revoke',
  'kick',
  'ban',
  'unban',
] as const

/** One of them, as the last part of its path. */
export type ApiOperation = (typeof API_OPERATIONS)[number]

/** The bodies of requests, by operation. spec G74 */
export interface ApiBodies {
  readonly publish: PublishBody
  readonly members: MembersBody
  readonly ticket: TicketBody
  readonly revoke: OfUserBody | TokenBody
  readonly kick: OfUserBody
  readonly ban: BanBody
  readonly unban: OfUserBody
}

/** A sealed message for the subscribers of a channel. */
export interface PublishBody {
  readonly channel: ChannelName
  readonly id: MessageId
  /** Sealed bytes, base64url. */
  readonly payload: string
  readonly type: 'message' | 'signal'
}

/** A page of the members of a presence channel. */
export interface MembersBody {
  readonly channel: ChannelName
  /** The `next` of the page before; empty: from the first. */
  readonly after: MemberId | ''
  readonly limit: number
}

/** A ticket that opens a channel once. */
export interface TicketBody {
  readonly channel: ChannelName | RoomId
  readonly rights: readonly Right[]
  readonly user: string
  readonly device: string
  readonly expiresInMs: number
}

/** A user in one channel, or, with an empty one, in all. */
export interface OfUserBody {
  readonly user: string
  readonly channel: ChannelName | RoomId | ''
}

/** A token, which runs out by itself after so long at most. */
export interface TokenBody {
  readonly token: string
  readonly expiresInMs: number
}

/** A user for so long. */
export interface BanBody extends OfUserBody {
  readonly forMs: number
}

/** Parses the name of an operation. */
export function parseOperation(name: string): ApiOperation | undefined {
  return API_OPERATIONS.find((operation) => operation === name)
}

/** Decodes the body of a request, which has exactly the members of its operation; `undefined` for anything else. spec G74 */
export function decodeApiBody<T extends ApiOperation>(
  operation: T,
  bytes: Uint8Array,
): ApiBodies[T] | undefined {
  const value = decodeJson(bytes)
  if (!isRecord(value)) return undefined
  const fits = SHAPES[operation].some((shape) => hasShape(value, shape))
  return fits ? (value as unknown as ApiBodies[T]) : undefined
}

const isPayload = (value: unknown): boolean => {
  const length = typeof value === 'string' ? (decodeBase64Url(value)?.length ?? 0) : 0
  return length > 0 && length <= MAX_PAYLOAD_BYTES
}
const isName = (value: unknown): boolean => parseChannelName(value) !== undefined
const isAnyChannel = (value: unknown): boolean => isName(value) || parseRoomId(value) !== undefined
const isTime =
  (most: number) =>
  (value: unknown): boolean =>
    isIntegerUpTo(most, value) && value > 0

const USER = { user: isUserName, channel: (value: unknown) => value === '' || isAnyChannel(value) }

const PUBLISH: Shape<PublishBody> = {
  channel: isName,
  id: (value) => parseMessageId(value) !== undefined && !/^A+$/.test(String(value)),
  payload: isPayload,
  type: (value) => value === 'message' || value === 'signal',
}
const MEMBERS: Shape<MembersBody> = {
  channel: isName,
  after: isCursor,
  limit: (value) => isIntegerUpTo(MAX_LISTED_MEMBERS, value) && value > 0,
}
const TICKET: Shape<TicketBody> = {
  channel: isAnyChannel,
  rights: (value) => isRightList(1, value),
  user: isUserName,
  device: isDeviceName,
  expiresInMs: isTime(MAX_GRANT_MS),
}
const OF_USER: Shape<OfUserBody> = USER
const TOKEN: Shape<TokenBody> = { token: isTokenId, expiresInMs: isTime(MAX_GRANT_MS) }
/** Ten years. */
const MAX_BAN_MS = 315_360_000_000
const BAN: Shape<BanBody> = { ...USER, forMs: isTime(MAX_BAN_MS) }

const SHAPES: Readonly<Record<ApiOperation, readonly Shape<object>[]>> = {
  publish: [PUBLISH],
  members: [MEMBERS],
  ticket: [TICKET],
  revoke: [OF_USER, TOKEN],
  kick: [OF_USER],
  ban: [BAN],
  unban: [OF_USER],
}
