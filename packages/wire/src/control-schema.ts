import {
  decodeBase64Url,
  decodeText,
  hasMembers,
  hasShape,
  isIntegerUpTo,
  isRecord,
  textToBytes,
} from '@conclave/base'
import type { Shape } from '@conclave/base'
import type {
  ClientMessage,
  ConnectionLimits,
  RefusedReason,
  ServerMessage,
} from './control-message.ts'
import { isIceServerList } from './ice-servers.ts'
import { parseMessageId, parseParticipantId, parseRoomId } from './ids.ts'
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
  return decodeWith(CLIENT_SHAPES, data, takeExact)
}

/**
 * Decodes a hub's message, without the members that this version does not know. Returns `undefined`, not throws, for anything else.
 * spec W4 W5 W6 W7 W16
 */
export function decodeServerMessage(data: string | Uint8Array): ServerMessage | undefined {
  const message = decodeWith(SERVER_SHAPES, data, pickMembers)
  return message?.type === 'joined' ? { ...message, limits: knownLimits(message.limits) } : message
}

/** Reads a message with a shape; `undefined` when it does not have it. */
type ReadShape = <T extends object>(value: unknown, shape: Shape<T>) => T | undefined

const takeExact: ReadShape = (value, shape) => (hasShape(value, shape) ? value : undefined)

/** The known members only: what a later hub adds reaches nobody who does not know it. */
const pickMembers: ReadShape = <T extends object>(value: unknown, shape: Shape<T>) => {
  if (!hasMembers(value, shape)) return undefined
  const known = Object.entries(value).filter(([name]) => Object.hasOwn(shape, name))
  return Object.fromEntries(known) as T
}

function decodeWith<Message extends { readonly type: string }>(
  shapes: Shapes<Message>,
  data: string | Uint8Array,
  read: ReadShape,
): Message | undefined {
  // A UTF-16 unit is at least one byte of UTF-8: long text is refused before it is copied.
  if (data.length > MAX_CONTROL_BYTES) return undefined
  try {
    const bytes = typeof data === 'string' ? textToBytes(data) : data
    const text = bytes.length > MAX_CONTROL_BYTES ? undefined : decodeText(bytes)
    return text === undefined ? undefined : decodeShaped(shapes, JSON.parse(text), read)
  } catch {
    return undefined
  }
}

function decodeShaped<Message extends { readonly type: string }>(
  shapes: Shapes<Message>,
  value: unknown,
  read: ReadShape,
): Message | undefined {
  const type = isRecord(value) ? value['type'] : undefined
  if (typeof type !== 'string' || !Object.hasOwn(shapes, type)) return undefined
  const shape = shapes[type as Message['type']] as Shape<Message>
  return read(value, shape)
}

/** The shape of each message of a union, by its type. */
type Shapes<Message extends { readonly type: string }> = {
  readonly [Type in Message['type']]: Shape<Extract<Message, { readonly type: Type }>>
}

type Guard = (value: unknown) => boolean

/** The type has chosen the shape. */
const isType: Guard = () => true
const isRoomId: Guard = (value) => parseRoomId(value) !== undefined
const isParticipantId: Guard = (value) => parseParticipantId(value) !== undefined
const isMessageId: Guard = (value) => parseMessageId(value) !== undefined
const isVersion: Guard = (value) => value === PROTOCOL_VERSION
const isUint32: Guard = (value) => isIntegerUpTo(0xffff_ffff, value)
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

const CLIENT_SHAPES: Shapes<ClientMessage> = {
  join: {
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
  },
  leave: { type: isType, room: isRoomId },
  remove: {
    type: isType,
    room: isRoomId,
    participant: isParticipantId,
    statements: isStatementList,
  },
  ping: { type: isType, id: isUint32 },
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

/** The limits that earlier hubs do not name. spec W17 */
const LATER_LIMITS = [
  'publishesInFlight',
  'channelsPerConnection',
  'maxMessageBytes',
  'joinDeadlineMs',
  'dropsPerSecond',
  'dropBurst',
  'outboundHardBytes',
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
] satisfies readonly RefusedReason[]

const SERVER_SHAPES: Shapes<ServerMessage> = {
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
    reason: (value) => REFUSED_REASONS.includes(value),
  },
  iceServers: { type: isType, channel: isUint32, servers: isIceServerList },
  pong: { type: isType, id: isUint32 },
}
