/**
 * The bodies of sealed messages and their decoders: a body has authenticated, but its sender may be hostile. spec R7
 *
 * @module
 */
import { type Shape, hasShape, isIntegerUpTo, isRecord } from '@conclave/base'
import { type TrackSource, isTrackSource } from '../track-source.ts'

/** The kinds of sealed messages in a room. spec chapter *rooms*, section 3 */
export const MESSAGE_KINDS = {
  hello: 1,
  chat: 3,
  state: 4,
  signal: 5,
  key: 6,
  commitment: 7,
  nonce: 8,
  statements: 9,
  history: 10,
  lobby: 11,
  move: 12,
  recordingKey: 13,
  data: 14,
  file: 15,
} as const

/** The information that a participant gives about itself. */
export interface ParticipantInfo {
  readonly name: string
  /** The sources that it publishes, and whether each is on; one that has `ended` lost its device and is off. spec R112 */
  readonly published: Readonly<Partial<Record<TrackSource, boolean | 'ended'>>>
  /** Since when it records the room, by its clock, in milliseconds since 1970; left out while it does not. spec Q1 */
  readonly recording?: number
  /** It signs its media; left out if it does not. The first hello of a session says so for good. spec R134 */
  readonly signsMedia?: true
  /** It takes data; left out until it does. spec R170 */
  readonly data?: true
}

/** A pair of positions: in the stream to the room, and in the direct stream. */
export interface Positions {
  readonly room: number
  readonly direct: number
}

/** How far a session has received the streams of another. */
export interface Received {
  /** The position that is expected next; `null` before the first hello. */
  readonly room: number | null
  /** The position that is expected next. */
  readonly direct: number
  /** The newest hello that came, by its position in the direct stream; `null` before the first. */
  readonly hello: number | null
  /** The newest key that was taken, by its position in the direct stream; `null` before the first. spec R54 */
  readonly key: number | null
  /** How many messages to the room were given up so far. spec R223 */
  readonly lost: number
}

/** The positions from `from` on, up to `to`, which is not among them. */
export type Range = readonly [from: number, to: number]

/** A range that its receiver is not given, and how many messages of the chat are in it. spec R53 */
export type MissedRange = readonly [...range: Range, chat: number]

/** The message that two sessions exchange when they meet and after each interruption. spec R9 */
export interface Hello {
  /** Whether an answer is wanted. */
  readonly reply: boolean
  /** The positions that the sender uses next; `direct` is the position of this hello. */
  readonly next: Positions
  /** Messages below these positions can no longer be repeated: a receiver that has not got them has lost them. */
  readonly oldest: Positions
  /** The positions at which the streams begin for the receiver; nothing below them was said to it. */
  readonly first: Positions
  /** Messages to the room that the receiver is not given: it was not in the roster when they were said. spec R53 */
  readonly missed: readonly MissedRange[]
  readonly received: Received
  readonly info: ParticipantInfo
}

/** A chat message as it travels. */
export interface ChatBody {
  readonly text: string
  /** When it was written, by its sender's clock, in milliseconds since 1970. */
  readonly at: number
}

/** The longest text of a chat message, in UTF-16 units. spec R16 */
export const MAX_CHAT_LENGTH = 4000
/** The longest name of a participant, in UTF-16 units. */
export const MAX_NAME_LENGTH = 80

/** The longest key of a recording as it travels, in UTF-16 units. spec Q5 */
export const MAX_RECORDING_KEY_LENGTH = 512

/** The most ranges that a hello names. */
export const MAX_MISSED = 8

/** A body as the bytes that are sealed. */
export function encodeBody(
  body: Hello | ChatBody | ParticipantInfo | object,
): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(body))
}

/** A hello, or `undefined` when it is none. Never throws. */
export function decodeHello(bytes: Uint8Array): Hello | undefined {
  return parse(HELLO, bytes)
}

/** A chat message, or `undefined` when it is none. Never throws. */
export function decodeChat(bytes: Uint8Array): ChatBody | undefined {
  return parse(CHAT, bytes)
}

/** The information that a participant gives about itself, or `undefined` when it is malformed. Never throws. */
export function decodeInfo(bytes: Uint8Array): ParticipantInfo | undefined {
  const value = decodeJson(bytes)
  return isInfo(value) ? value : undefined
}

/** The key of a recording, or `undefined` when it is malformed. Never throws. spec Q5 */
export function decodeRecordingKey(bytes: Uint8Array): string | undefined {
  return parse(RECORDING_KEY, bytes)?.key
}

/** Any JSON value, for receivers that bring their own schema; `undefined` when it is no JSON. Never throws. */
export function decodeJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return undefined
  }
}

const parse = <T>(shape: Shape<T>, bytes: Uint8Array): T | undefined => {
  const value = decodeJson(bytes)
  return hasShape(value, shape) ? value : undefined
}

const isFlag = (value: unknown): value is boolean => typeof value === 'boolean'
const isSequence = (value: unknown): value is number => isIntegerUpTo(2 ** 48, value)
const isSequenceOrNull = (value: unknown): boolean => value === null || isSequence(value)
const isText = (value: unknown, most: number): value is string =>
  typeof value === 'string' && value.length <= most
const isMissedRange = (value: unknown): boolean => {
  if (!Array.isArray(value) || value.length !== 3 || !value.every(isSequence)) return false
  const [from = 0, to = 0, chat = 0] = value
  return from < to && chat <= to - from
}
const isPositions = (value: unknown): boolean => hasShape(value, POSITIONS)

const POSITIONS: Shape<Positions> = { room: isSequence, direct: isSequence }
const RECEIVED: Shape<Received> = {
  room: isSequenceOrNull,
  direct: isSequence,
  hello: isSequenceOrNull,
  key: isSequenceOrNull,
  lost: isSequence,
}
const isTime = (value: unknown): boolean => isIntegerUpTo(8.64e15, value)
const INFO: Shape<Pick<ParticipantInfo, 'name' | 'published'>> = {
  name: (value) => isText(value, MAX_NAME_LENGTH),
  published: (value) =>
    isRecord(value) &&
    Object.entries(value).every(
      ([source, on]) => isTrackSource(source) && (isFlag(on) || on === 'ended'),
    ),
}
/** The members that may be left out. */
const MORE_INFO = {
  recording: isTime,
  signsMedia: (value: unknown): boolean => value === true,
  data: (value: unknown): boolean => value === true,
}
const isInfo = (value: unknown): value is ParticipantInfo => {
  if (!isRecord(value)) return false
  const more = Object.entries(MORE_INFO).filter(([member]) => Object.hasOwn(value, member))
  return hasShape(value, { ...INFO, ...Object.fromEntries(more) })
}
const RECORDING_KEY: Shape<{ readonly key: string }> = {
  key: (value) => isText(value, MAX_RECORDING_KEY_LENGTH) && value !== '',
}
const HELLO: Shape<Hello> = {
  reply: isFlag,
  next: isPositions,
  oldest: isPositions,
  first: isPositions,
  missed: (value) =>
    Array.isArray(value) && value.length <= MAX_MISSED && value.every(isMissedRange),
  received: (value) => hasShape(value, RECEIVED),
  info: isInfo,
}
const CHAT: Shape<ChatBody> = {
  text: (value) => isText(value, MAX_CHAT_LENGTH) && value !== '',
  at: isTime,
}
