import {
  decodeBase64Url,
  decodeText,
  hasMembers,
  hasShape,
  isRecord,
  textToBytes,
} from '@conclave/base'
import type { Shape } from '@conclave/base'
import type { ConnectionLimits } from './connection-limits.ts'
import type {
  ClientMessage,
  JoinMessage,
  RefusedReason,
  ServerMessage,
  UnknownMessage,
} from './control-message.ts'
import type { UnsubscribedReason } from './guarded-message.ts'
import { ANSWER_SHAPES, REQUEST_SHAPES } from './guarded-schema.ts'
import { isToken, RIGHTS } from './guarded.ts'
import type { Right } from './guarded.ts'
import { isIceServerList } from './ice-servers.ts'
import { parseMessageId, parseParticipantId, parseRoomId } from './ids.ts'
import { isType, isUint32 } from './message-shapes.ts'
import type { Guard, Shapes } from './message-shapes.ts'
import {
  ACCESS_KEY_BYTES,
  MAX_CONTROL_BYTES,
  MAX_LISTED_PARTICIPANTS,
  MAX_REMOVAL_STATEMENTS,
  MAX_STATEMENT_BYTES,
  NONCE_BYTES,
  OWNER_BYTES,
  PROOF_BYTES,
  PROTOCOL_VERSION,
  SESSION_KEY_BYTES,
} from './protocol.ts'

/** Decodes a client's message. Returns `undefined`, not throws, for anything else. spec W4 W5 W6 W7 */
export function decodeClientMessage(data: string | Uint8Array): ClientMessage | undefined {
  const value = parseControl(data)
  if (!isRecord(value)) return undefined
  const shape = shapeOf<ClientMessage>(CLIENT_SHAPES, value)
  if (shape === undefined) return undefined
  const hasToken = value['type'] === 'join' && Object.hasOwn(value, 'token')
  const exact = hasToken ? (JOIN_WITH_TOKEN as Shape<ClientMessage>) : shape
  return hasShape(value, exact) ? value : undefined
}

/**
 * Decodes a hub's message, without the members that this version does not know. Returns `undefined`, not throws, for anything else.
 * spec W4 W5 W6 W7 W16 W19
 */
export function decodeServerMessage(data: string | Uint8Array): ServerMessage | undefined {
  const value = parseControl(data)
  if (!isRecord(value)) return undefined
  const shape = shapeOf<KnownMessage>(SERVER_SHAPES, value)
  if (shape === undefined) return isTypeName(value['type']) ? { type: 'unknown' } : undefined
  return hasMembers<KnownMessage>(value, shape) ? onlyKnown(value, shape) : undefined
}

/** The members and words that this version knows: those of a later hub reach nobody. */
function onlyKnown(value: KnownMessage, shape: Shape<KnownMessage>): KnownMessage {
  const members = Object.entries(value).filter(([name]) => Object.hasOwn(shape, name))
  const message = Object.fromEntries(members) as unknown as KnownMessage
  switch (message.type) {
    case 'joined':
      return { ...message, limits: knownLimits(message.limits) }
    case 'subscribed':
      return { ...message, rights: knownRights(message), limits: knownLimits(message.limits) }
    case 'refreshed':
      return { ...message, rights: knownRights(message) }
    case 'refused':
      return REFUSED_REASONS.includes(message.reason) ? message : { ...message, reason: 'denied' }
    case 'unsubscribed':
      return UNSUBSCRIBED_REASONS.includes(message.reason)
        ? message
        : { ...message, reason: 'revoked' }
    default:
      return message
  }
}

/** The value of a control message's JSON; `undefined` when there is none. spec W4 */
function parseControl(data: string | Uint8Array): unknown {
  // A UTF-16 unit is at least one byte of UTF-8: long text is refused before it is copied.
  if (data.length > MAX_CONTROL_BYTES) return undefined
  try {
    const bytes = typeof data === 'string' ? textToBytes(data) : data
    const text = bytes.length > MAX_CONTROL_BYTES ? undefined : decodeText(bytes)
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

function shapeOf<Message extends { readonly type: string }>(
  shapes: Readonly<Record<Message['type'], object>>,
  value: Readonly<Record<string, unknown>>,
): Shape<Message> | undefined {
  const { type } = value
  if (typeof type !== 'string' || !Object.hasOwn(shapes, type)) return undefined
  return shapes[type as Message['type']] as Shape<Message>
}

const knownRights = ({ rights }: { readonly rights: readonly Right[] }): readonly Right[] =>
  rights.filter((right) => RIGHTS.includes(right))

/** A text that a later hub's type or reason may be. */
const isTypeName: Guard = (value) => typeof value === 'string' && /^[\w-]{1,64}$/.test(value)
const isRoomId: Guard = (value) => parseRoomId(value) !== undefined
const isParticipantId: Guard = (value) => parseParticipantId(value) !== undefined
const isMessageId: Guard = (value) => parseMessageId(value) !== undefined
const isVersion: Guard = (value) => value === PROTOCOL_VERSION
const isHost: Guard = (value) => typeof value === 'string' && /^[a-z0-9._:[\]-]{1,255}$/.test(value)
const isBytes = (length: number, value: unknown): boolean =>
  typeof value === 'string' &&
  value.length < 2 * length + 4 &&
  decodeBase64Url(value)?.length === length
const isParticipantList: Guard = (value) =>
  Array.isArray(value) && value.length <= MAX_LISTED_PARTICIPANTS && value.every(isParticipantId)

const isStatement: Guard = (value) => {
  if (typeof value !== 'string' || value === '') return false
  return (decodeBase64Url(value)?.length ?? Infinity) <= MAX_STATEMENT_BYTES
}
const isStatementList: Guard = (value) =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.length <= MAX_REMOVAL_STATEMENTS &&
  value.every(isStatement)

const JOIN: Shape<Omit<JoinMessage, 'token'>> = {
  type: isType,
  version: isVersion,
  room: isRoomId,
  participant: isParticipantId,
  key: (value) => isBytes(ACCESS_KEY_BYTES, value),
  owner: (value) => isBytes(OWNER_BYTES, value),
  proof: (value) => isBytes(PROOF_BYTES, value),
  host: isHost,
  session: (value) => isBytes(SESSION_KEY_BYTES, value),
  sessionProof: (value) => isBytes(PROOF_BYTES, value),
}

const JOIN_WITH_TOKEN: Shape<JoinMessage> = {
  ...JOIN,
  token: (value) => isToken(value) && value !== '',
}

const CLIENT_SHAPES: Omit<Shapes<ClientMessage>, 'join'> & { readonly join: typeof JOIN } = {
  join: JOIN,
  leave: { type: isType, room: isRoomId },
  remove: {
    type: isType,
    room: isRoomId,
    participant: isParticipantId,
    statements: isStatementList,
  },
  ping: { type: isType, id: isUint32 },
  ...REQUEST_SHAPES,
}

/** The limits that every hub names. */
const LIMITS_SHAPE: Shape<
  Pick<
    ConnectionLimits,
    | 'maxPayloadBytes'
    | 'publishPerSecond'
    | 'publishBurst'
    | 'bytesPerSecond'
    | 'bytesBurst'
    | 'maxParticipants'
    | 'pingIntervalMs'
  >
> = {
  maxPayloadBytes: isUint32,
  publishPerSecond: isUint32,
  publishBurst: isUint32,
  bytesPerSecond: isUint32,
  bytesBurst: isUint32,
  maxParticipants: isUint32,
  pingIntervalMs: isUint32,
}

/** The limits that earlier hubs do not name. spec W17 W25 */
const LATER_LIMITS = [
  'publishesInFlight',
  'channelsPerConnection',
  'maxMessageBytes',
  'joinDeadlineMs',
  'dropsPerSecond',
  'dropBurst',
  'outboundHardBytes',
  'subscriptionsPerConnection',
  'publishesPerUser',
  'publishBurstPerUser',
  'signalPerSecond',
  'signalBurst',
] as const satisfies readonly (keyof ConnectionLimits)[]

const isLimits: Guard = (value) =>
  hasMembers(value, LIMITS_SHAPE) &&
  LATER_LIMITS.every(
    (name) => !Object.hasOwn(value, name) || isUint32((value as ConnectionLimits)[name]),
  )

function knownLimits(limits: ConnectionLimits): ConnectionLimits {
  const later = LATER_LIMITS.filter((name) => Object.hasOwn(limits, name))
  const named = [...Object.keys(LIMITS_SHAPE), ...later] as (keyof ConnectionLimits)[]
  return Object.fromEntries(
    named.map((name) => [name, limits[name]]),
  ) as unknown as ConnectionLimits
}

const REFUSED_REASONS: readonly unknown[] = [
  'rate',
  'too-large',
  'absent',
  'unknown-channel',
  'malformed',
  'denied',
  'unavailable',
] satisfies readonly RefusedReason[]

const UNSUBSCRIBED_REASONS: readonly unknown[] = [
  'expired',
  'revoked',
  'kicked',
  'banned',
] satisfies readonly UnsubscribedReason[]

/** A message that this version has a shape for. */
type KnownMessage = Exclude<ServerMessage, UnknownMessage>

const SERVER_SHAPES: Shapes<KnownMessage> = {
  challenge: {
    type: isType,
    version: isVersion,
    nonce: (value) => isBytes(NONCE_BYTES, value),
  },
  joined: {
    type: isType,
    room: isRoomId,
    channel: isUint32,
    participants: isParticipantList,
    limits: isLimits,
  },
  participantJoined: { type: isType, channel: isUint32, participant: isParticipantId },
  participantLeft: {
    type: isType,
    channel: isUint32,
    participant: isParticipantId,
    reason: (value) => value === 'left' || value === 'lost',
  },
  refused: {
    type: isType,
    id: isMessageId,
    reason: isTypeName,
  },
  iceServers: { type: isType, channel: isUint32, servers: isIceServerList },
  pong: { type: isType, id: isUint32 },
  goodbye: { type: isType, afterMs: isUint32 },
  ...ANSWER_SHAPES,
  subscribed: { ...ANSWER_SHAPES.subscribed, limits: isLimits },
}
