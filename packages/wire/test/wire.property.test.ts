import { decodeBase64Url, encodeBase64Url } from '@conclave/base'
import {
  bytesToMessageId,
  bytesToParticipantId,
  decodeClientMessage,
  decodeDataFrame,
  decodeServerMessage,
  encodeDataFrame,
  encodeMessage,
  parseMessageId,
  parseParticipantId,
  parseRoomId,
  decodeMessageId,
  UNKNOWN_MESSAGE_ID,
} from '@conclave/wire'
import type { DataFrame, MessageId, ParticipantId, RoomId } from '@conclave/wire'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'

vi.setConfig({ testTimeout: 60_000 })

const id = fc.uint8Array({ minLength: 16, maxLength: 16 })
const messageId = id
  .map((bytes) => bytesToMessageId(bytes) as MessageId)
  .filter((text) => text !== UNKNOWN_MESSAGE_ID)
const participant = id
  .map((bytes) => bytesToParticipantId(bytes))
  .filter((text) => text !== undefined)
const channel = fc.nat(0xffff_ffff)
const position = fc.bigInt({ min: 1n, max: 0xffff_ffff_ffff_ffffn })
const payload = fc.uint8Array({ minLength: 1, maxLength: 300 })

const frame: fc.Arbitrary<DataFrame> = fc.oneof(
  fc.record({
    type: fc.constant('publish' as const),
    channel,
    id: messageId,
    to: fc.option(participant, { nil: undefined }),
    payload,
  }),
  fc.record({
    type: fc.constant('deliver' as const),
    channel,
    position,
    id: messageId,
    from: participant,
    payload,
  }),
  fc.record({ type: fc.constant('ack' as const), channel, position, id: messageId }),
  fc.record({
    type: fc.constant('signal' as const),
    channel,
    id: messageId,
    to: fc.option(participant, { nil: undefined }),
    payload,
  }),
  fc.record({
    type: fc.constant('signalled' as const),
    channel,
    id: messageId,
    from: participant,
    payload,
  }),
)

test('[W9] frames survive the way to bytes and back', () => {
  fc.assert(
    fc.property(frame, (value) => {
      expect(decodeDataFrame(encodeDataFrame(value))).toEqual(value)
    }),
  )
})

test('[W9] bytes that decode encode to themselves when they have no extension', () => {
  fc.assert(
    fc.property(frame, fc.nat(400), fc.nat(255), (value, at, byte) => {
      const bytes = encodeDataFrame(value)
      bytes[at % bytes.length] = byte
      const decoded = decodeDataFrame(bytes)
      const comparable = decoded !== undefined && bytes[2] === 0 && bytes[3] === 0
      expect(comparable ? encodeDataFrame(decoded) : bytes).toEqual(bytes)
    }),
  )
})

test('[W10] no bytes make the decoders throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
      expect(() => {
        decodeDataFrame(bytes)
        decodeMessageId(bytes)
        decodeClientMessage(bytes)
        decodeServerMessage(bytes)
      }).not.toThrow()
    }),
    { numRuns: 1000 },
  )
})

test('[W4] no text makes the decoders throw, and a decoded message equals the encoded one', () => {
  const nasty = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.json({ maxDepth: 5 }),
    fc
      .object({ key: fc.constantFrom('type', 'id', '__proto__', 'constructor', 'room') })
      .map((value) => JSON.stringify(value)),
    fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units)),
  )
  fc.assert(
    fc.property(nasty, (text) => {
      for (const decode of [decodeClientMessage, decodeServerMessage]) {
        const message = decode(text)
        expect(message && decode(encodeMessage(message))).toEqual(message)
      }
    }),
    { numRuns: 1000 },
  )
})

test('[W5] control messages survive the way to text and back', () => {
  const bytes = (length: number): fc.Arbitrary<string> =>
    fc.uint8Array({ minLength: length, maxLength: length }).map((value) => encodeBase64Url(value))
  const room = id.map((value) => encodeBase64Url(value) as RoomId)
  const join = fc.record({
    type: fc.constant('join' as const),
    version: fc.constant(1 as const),
    room,
    participant,
    key: bytes(32),
    owner: bytes(16),
    proof: bytes(64),
    host: fc
      .webAuthority({ withPort: true })
      .map((text) => text.toLowerCase().replaceAll(/[^a-z0-9.:-]/g, 'x')),
    session: bytes(32),
    sessionProof: bytes(64),
  })
  fc.assert(
    fc.property(join, (message) => {
      expect(decodeClientMessage(encodeMessage(message))).toEqual(message)
    }),
  )
})

test('[W3] base64url decodes to the encoded bytes and accepts one text for each value', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), fc.string({ maxLength: 30 }), (bytes, text) => {
      expect(decodeBase64Url(encodeBase64Url(bytes))).toEqual(bytes)
      const decoded = decodeBase64Url(text)
      expect(decoded === undefined ? text : encodeBase64Url(decoded)).toBe(text)
    }),
  )
})

test('[W1] no value makes the parsers throw', () => {
  fc.assert(
    fc.property(
      fc.anything({ withBigInt: true, withNullPrototype: true, withSparseArray: true }),
      (value) => {
        for (const parse of [parseRoomId, parseParticipantId, parseMessageId]) {
          const parsed: RoomId | ParticipantId | MessageId | undefined = parse(value)
          expect(parsed === undefined || parsed === value).toBe(true)
        }
      },
    ),
  )
})
