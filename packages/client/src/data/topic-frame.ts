/**
 * The frames of topics: parts of the stream of reliable messages, and single values. Their senders may be hostile. spec R175, R176
 *
 * @module
 */
import {
  ByteReader,
  concatBytes,
  decodeText,
  isBytes,
  textToBytes,
  uintToBytes,
} from '@conclave/base'
import { toPlainJson } from '@conclave/e2ee'

/** A part of the reliable stream of a participant. */
export interface StreamFrame {
  /** The first byte that its sender can still send. */
  readonly first: number
  readonly offset: number
  /** The byte of the receiver's stream that its sender expects next. */
  readonly confirmed: number
  /** Whether its sender misses something before what came last. */
  readonly asks: boolean
  readonly bytes: Uint8Array
}

/** A value that goes once, or not at all. */
export interface LooseFrame {
  readonly number: number
  readonly topic: string
  readonly value: Uint8Array
}

/** One frame. */
export type TopicFrame =
  | ({ readonly type: 'stream' } & StreamFrame)
  | ({ readonly type: 'loose' } & LooseFrame)

/** A message of the reliable stream. */
export interface TopicMessage {
  /** `fresh` begins a link: its sender has none of the topics open that it had before. */
  readonly type: 'fresh' | 'open' | 'close' | 'value' | 'request' | 'answer' | 'failure' | 'cancel'
  /** Of a `fresh` one any name. */
  readonly topic: string
  /** Empty for those that open and close. Of a request and what belongs to it: its number, and then its content. */
  readonly value: Uint8Array
}

export const STREAM_HEADER_BYTES = 19
/** The longest name of a topic in UTF-8. */
export const MAX_TOPIC_BYTES = 128

export function encodeStreamFrame({
  first,
  offset,
  confirmed,
  asks,
  bytes,
}: StreamFrame): Uint8Array<ArrayBuffer> {
  const places = [first, offset, confirmed].map((place) => uintToBytes(place, 6))
  return concatBytes([asks ? ASKING : STREAM], ...places, bytes)
}

export function encodeLooseFrame({ number, topic, value }: LooseFrame): Uint8Array<ArrayBuffer> {
  return concatBytes([LOOSE], uintToBytes(number, 6), encodeName(topic), value)
}

/** A frame, or `undefined` when it is none. Never throws. */
export function decodeTopicFrame(bytes: Uint8Array): TopicFrame | undefined {
  const reader = new ByteReader(bytes)
  const type = reader.uint(1)
  if (type === STREAM || type === ASKING) {
    const [first, offset, confirmed] = [reader.uint(6), reader.uint(6), reader.uint(6)]
    const part = reader.take(reader.left)
    if (!reader.ok || first > offset) return undefined
    return { type: 'stream', first, offset, confirmed, asks: type === ASKING, bytes: part }
  }
  const number = reader.uint(6)
  const topic = readName(reader)
  const value = reader.take(reader.left)
  if (type !== LOOSE || topic === undefined || !reader.ok) return undefined
  return { type: 'loose', number, topic, value }
}

export function encodeTopicMessage({ type, topic, value }: TopicMessage): Uint8Array<ArrayBuffer> {
  return concatBytes([TYPES.indexOf(type)], encodeName(topic), value)
}

/** A message, or `undefined` when it is none. Never throws. */
export function decodeTopicMessage(bytes: Uint8Array): TopicMessage | undefined {
  const reader = new ByteReader(bytes)
  const type = TYPES[reader.uint(1)]
  const topic = readName(reader)
  const value = reader.copy(reader.left)
  if (!reader.ok || type === undefined || topic === undefined) return undefined
  const isBare = TYPES.indexOf(type) < TYPES.indexOf('value')
  return !isBare || value.length === 0 ? { type, topic, value } : undefined
}

/**
 * A value of an application as bytes, as events carry it. spec P28, P47
 *
 * @throws TypeError, RangeError for a value that is neither JSON nor bytes
 */
export function encodeValue(value: unknown): Uint8Array<ArrayBuffer> {
  if (isBytes(value)) return concatBytes([BYTES], value)
  return concatBytes([JSON_TEXT], textToBytes(JSON.stringify(toPlainJson(value))))
}

/** The value, in an object so that `null` is one; `undefined` when it is none. Never throws. */
export function decodeValue(bytes: Uint8Array): { readonly value: unknown } | undefined {
  if (bytes[0] === BYTES) return { value: bytes.slice(1) }
  const text = bytes[0] === JSON_TEXT ? decodeText(bytes, 1, bytes.length) : undefined
  if (text === undefined) return undefined
  try {
    return { value: toPlainJson(JSON.parse(text)) }
  } catch {
    return undefined
  }
}

const encodeName = (topic: string): Uint8Array<ArrayBuffer> => {
  const name = textToBytes(topic)
  return concatBytes([name.length], name)
}

const readName = (reader: ByteReader): string | undefined => {
  const name = reader.take(reader.uint(1))
  if (!reader.ok || name.length === 0 || name.length > MAX_TOPIC_BYTES) return undefined
  return decodeText(name, 0, name.length)
}

const STREAM = 1
const LOOSE = 2
const ASKING = 3
const JSON_TEXT = 0
const BYTES = 1
const TYPES: readonly TopicMessage['type'][] = [
  'fresh',
  'open',
  'close',
  'value',
  'request',
  'answer',
  'failure',
  'cancel',
]
