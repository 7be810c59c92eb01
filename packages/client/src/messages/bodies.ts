/**
 * The bodies of sealed messages and their decoders: a body has authenticated, but its sender may be hostile. spec R7
 *
 * @module
 */
import * as v from 'valibot'
import type { TrackSource } from '../track-source.ts'

/** The kinds of sealed messages in a room. spec chapter *rooms*, section 3 */
export const MESSAGE_KINDS = { hello: 1, chat: 3, state: 4, signal: 5 } as const

/** The information that a participant gives about itself. */
export interface ParticipantInfo {
  readonly name: string
  /** The sources that it publishes, and whether each is on. */
  readonly published: Readonly<Partial<Record<TrackSource, boolean>>>
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
}

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

/** A body as the bytes that are sealed. */
export function encodeBody(
  body: Hello | ChatBody | ParticipantInfo | object,
): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(body))
}

/** A hello, or `undefined` when it is none. Never throws. */
export function decodeHello(bytes: Uint8Array): Hello | undefined {
  return parse(helloSchema, bytes)
}

/** A chat message, or `undefined` when it is none. Never throws. */
export function decodeChat(bytes: Uint8Array): ChatBody | undefined {
  return parse(chatSchema, bytes)
}

/** The information that a participant gives about itself, or `undefined` when it is malformed. Never throws. */
export function decodeInfo(bytes: Uint8Array): ParticipantInfo | undefined {
  return parse(infoSchema, bytes) as ParticipantInfo | undefined
}

/** Any JSON value, for receivers that bring their own schema; `undefined` when it is no JSON. Never throws. */
export function decodeJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return undefined
  }
}

const parse = <S extends v.GenericSchema>(
  schema: S,
  bytes: Uint8Array,
): v.InferOutput<S> | undefined => {
  const result = v.safeParse(schema, decodeJson(bytes))
  return result.success ? result.output : undefined
}

const sequence = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 48))
const positions = v.strictObject({ room: sequence, direct: sequence })
const infoSchema = v.strictObject({
  name: v.pipe(v.string(), v.maxLength(MAX_NAME_LENGTH)),
  published: v.strictObject({
    microphone: v.optional(v.boolean()),
    camera: v.optional(v.boolean()),
    screen: v.optional(v.boolean()),
    'screen-audio': v.optional(v.boolean()),
  }),
})
const helloSchema = v.strictObject({
  reply: v.boolean(),
  next: positions,
  oldest: positions,
  first: positions,
  received: v.strictObject({
    room: v.nullable(sequence),
    direct: sequence,
    hello: v.nullable(sequence),
  }),
  info: infoSchema,
}) as unknown as v.GenericSchema<unknown, Hello>
const chatSchema = v.strictObject({
  text: v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_CHAT_LENGTH)),
  at: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(8.64e15)),
})
