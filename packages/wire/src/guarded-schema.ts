import type { GuardedAnswer, GuardedRequest } from './guarded-message.ts'
import {
  isChannelMember,
  isCursor,
  isInfo,
  isMemberPage,
  isRightList,
  isToken,
  parseChannelName,
} from './guarded.ts'
import { parseParticipantId } from './ids.ts'
import { isType, isUint32 } from './message-shapes.ts'
import type { Guard, Shapes } from './message-shapes.ts'

const isChannelName: Guard = (value) => parseChannelName(value) !== undefined
const isMemberId: Guard = (value) => parseParticipantId(value) !== undefined

/** The messages of clients about guarded channels. spec W20 to W24 */
export const REQUEST_SHAPES: Shapes<GuardedRequest> = {
  subscribe: {
    type: isType,
    id: isUint32,
    channel: isChannelName,
    wants: (value) => isRightList(1, value),
    token: isToken,
    info: isInfo,
  },
  unsubscribe: { type: isType, channel: isUint32 },
  refresh: { type: isType, id: isUint32, channel: isUint32, token: isToken },
  members: { type: isType, id: isUint32, channel: isUint32, after: isCursor },
}

/** A later hub may name rights that this version does not know. spec W19 */
const isAnyRightList: Guard = (value) =>
  Array.isArray(value) && value.length <= MAX_NAMED_RIGHTS && value.every(isShortWord)
const isShortWord: Guard = (value) => typeof value === 'string' && /^[\w-]{1,64}$/.test(value)

/** The messages of hubs about guarded channels; the limits of `subscribed` are checked beside those of `joined`. spec W20 to W24 */
export const ANSWER_SHAPES: Shapes<GuardedAnswer> = {
  subscribed: {
    type: isType,
    id: isUint32,
    channel: isUint32,
    member: isMemberId,
    rights: isAnyRightList,
    expiresInMs: isUint32,
    count: isUint32,
    limits: isType,
  },
  denied: { type: isType, id: isUint32 },
  unavailable: { type: isType, id: isUint32, retryAfterMs: isUint32 },
  refreshed: { type: isType, id: isUint32, rights: isAnyRightList, expiresInMs: isUint32 },
  unsubscribed: { type: isType, channel: isUint32, reason: isShortWord },
  memberJoined: { type: isType, channel: isUint32, member: isChannelMember },
  memberLeft: { type: isType, channel: isUint32, member: isMemberId },
  memberCount: { type: isType, channel: isUint32, count: isUint32 },
  memberPage: {
    type: isType,
    id: isUint32,
    members: isMemberPage,
    total: isUint32,
    next: isCursor,
  },
}

const MAX_NAMED_RIGHTS = 32
