import {
  array,
  check,
  custom,
  integer,
  literal,
  maxLength,
  maxValue,
  minValue,
  number,
  picklist,
  pipe,
  regex,
  safeParse,
  strictObject,
  string,
  variant,
} from 'valibot'
import type { GenericSchema } from 'valibot'
import { decodeBase64Url, decodeText, textToBytes } from '@conclave/base'
import type { ClientMessage, ServerMessage } from './control-message.ts'
import { parseMessageId, parseParticipantId, parseRoomId } from './ids.ts'
import type { MessageId, ParticipantId, RoomId } from './ids.ts'
import {
  ACCESS_KEY_BYTES,
  MAX_CONTROL_BYTES,
  MAX_LISTED_PARTICIPANTS,
  NONCE_BYTES,
  PROOF_BYTES,
  PROTOCOL_VERSION,
  SESSION_KEY_BYTES,
} from './protocol.ts'

/** Decodes a client's message. Returns `undefined`, not throws, for anything else. spec W4 W5 W6 W7 */
export function decodeClientMessage(data: string | Uint8Array): ClientMessage | undefined {
  return decodeWith(clientMessage, data)
}

/** Decodes a hub's message. Returns `undefined`, not throws, for anything else. spec W4 W5 W6 W7 */
export function decodeServerMessage(data: string | Uint8Array): ServerMessage | undefined {
  return decodeWith(serverMessage, data)
}

function decodeWith<T>(
  schema: GenericSchema<unknown, T>,
  data: string | Uint8Array,
): T | undefined {
  // A UTF-16 unit is at least one byte of UTF-8: long text is refused before it is copied.
  if (data.length > MAX_CONTROL_BYTES) return undefined
  try {
    const bytes = typeof data === 'string' ? textToBytes(data) : data
    const text = bytes.length > MAX_CONTROL_BYTES ? undefined : decodeText(bytes)
    if (text === undefined) return undefined
    const result = safeParse(schema, JSON.parse(text), { abortEarly: true })
    return result.success ? result.output : undefined
  } catch {
    return undefined
  }
}

const roomId = /* @__PURE__ */ custom<RoomId>((value) => parseRoomId(value) !== undefined)
const participantId = /* @__PURE__ */ custom<ParticipantId>(
  (value) => parseParticipantId(value) !== undefined,
)
const messageId = /* @__PURE__ */ custom<MessageId>((value) => parseMessageId(value) !== undefined)
const version = /* @__PURE__ */ literal(PROTOCOL_VERSION)
const uint32 = /* @__PURE__ */ pipe(
  number(),
  integer(),
  minValue(0),
  maxValue(0xffff_ffff),
  // JSON has −0, and an answer that repeats it would have 0.
  check((value) => !Object.is(value, -0)),
)
const host = /* @__PURE__ */ pipe(string(), regex(/^[a-z0-9._:[\]-]{1,255}$/))

/* @__NO_SIDE_EFFECTS__ */
function bytesText(length: number): GenericSchema<string, string> {
  return pipe(
    string(),
    check((text) => text.length < 2 * length + 4 && decodeBase64Url(text)?.length === length),
  )
}

const clientMessage: GenericSchema<unknown, ClientMessage> = /* @__PURE__ */ variant('type', [
  strictObject({
    type: literal('join'),
    version,
    room: roomId,
    participant: participantId,
    key: bytesText(ACCESS_KEY_BYTES),
    proof: bytesText(PROOF_BYTES),
    host,
    session: bytesText(SESSION_KEY_BYTES),
    sessionProof: bytesText(PROOF_BYTES),
  }),
  strictObject({ type: literal('leave'), room: roomId }),
  strictObject({ type: literal('ping'), id: uint32 }),
])

const serverMessage: GenericSchema<unknown, ServerMessage> = /* @__PURE__ */ variant('type', [
  strictObject({ type: literal('challenge'), version, nonce: bytesText(NONCE_BYTES) }),
  strictObject({
    type: literal('joined'),
    room: roomId,
    channel: uint32,
    participants: pipe(array(participantId), maxLength(MAX_LISTED_PARTICIPANTS)),
    limits: strictObject({
      maxPayloadBytes: uint32,
      publishPerSecond: uint32,
      publishBurst: uint32,
      bytesPerSecond: uint32,
      bytesBurst: uint32,
      maxParticipants: uint32,
      pingIntervalMs: uint32,
    }),
  }),
  strictObject({ type: literal('participantJoined'), channel: uint32, participant: participantId }),
  strictObject({
    type: literal('participantLeft'),
    channel: uint32,
    participant: participantId,
    reason: picklist(['left', 'lost']),
  }),
  strictObject({
    type: literal('refused'),
    id: messageId,
    reason: picklist(['rate', 'too-large', 'absent', 'unknown-channel', 'malformed']),
  }),
  strictObject({ type: literal('pong'), id: uint32 }),
])
