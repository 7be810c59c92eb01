import { decodeBase64Url, encodeBase64Url } from '@conclave/base'

declare const brand: unique symbol

/** A value that the parser of its name has checked; there is no other way to get one. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name }

/** Names a room. Derived from the room's public access key, which it certifies. spec W1 */
export type RoomId = Brand<string, 'RoomId'>

/** Names a participant, which is one session in a room: random, and fresh for every session. spec W1 */
export type ParticipantId = Brand<string, 'ParticipantId'>

/** Names one published message: random, drawn by the publisher. spec W1 */
export type MessageId = Brand<string, 'MessageId'>

/** Length of every id in bytes. spec W1 */
export const ID_BYTES = 16

/** Length of every id as text. */
export const ID_CHARACTERS = 22

/** The id in a `refused` that answers something without a readable message id. spec W2 */
export const UNKNOWN_MESSAGE_ID: MessageId = 'AAAAAAAAAAAAAAAAAAAAAA' as MessageId

/** Parses a room id. Returns `undefined`, not throws, for anything else. spec W1 */
export function parseRoomId(value: unknown): RoomId | undefined {
  return isIdText(value) ? (value as RoomId) : undefined
}

/** Parses a participant id. Returns `undefined`, not throws, for anything else, and for the zero id. spec W1 W2 */
export function parseParticipantId(value: unknown): ParticipantId | undefined {
  return isIdText(value) && value !== ZERO ? (value as ParticipantId) : undefined
}

/**
 * Parses a message id. Returns `undefined`, not throws, for anything else. The zero id passes, as
 * {@link UNKNOWN_MESSAGE_ID}: it occurs in `refused`, and data frames refuse it. spec W1 W2
 */
export function parseMessageId(value: unknown): MessageId | undefined {
  return isIdText(value) ? (value as MessageId) : undefined
}

/** The 16 bytes of an id, in a fresh array. */
export function idToBytes(id: RoomId | ParticipantId | MessageId): Uint8Array<ArrayBuffer> {
  const bytes = decodeBase64Url(id)
  if (bytes?.length !== ID_BYTES)
    throw new TypeError(`"id" expected an id, got length=${id.length}`)
  return bytes
}

/** The room id of 16 bytes; `undefined` for any other length. */
export function bytesToRoomId(bytes: Uint8Array): RoomId | undefined {
  return bytes.length === ID_BYTES ? (encodeBase64Url(bytes) as RoomId) : undefined
}

/** The participant id of 16 bytes; `undefined` for any other length, and for zero. spec W2 */
export function bytesToParticipantId(bytes: Uint8Array): ParticipantId | undefined {
  return bytes.length === ID_BYTES ? parseParticipantId(encodeBase64Url(bytes)) : undefined
}

/** The message id of 16 bytes; `undefined` for any other length. */
export function bytesToMessageId(bytes: Uint8Array): MessageId | undefined {
  return bytes.length === ID_BYTES ? (encodeBase64Url(bytes) as MessageId) : undefined
}

/** The last of the 22 characters of canonical text carries only two bits. */
function isIdText(value: unknown): value is string {
  return typeof value === 'string' && ID_PATTERN.test(value)
}

const ID_PATTERN = /^[\w-]{21}[AQgw]$/
const ZERO: string = UNKNOWN_MESSAGE_ID
