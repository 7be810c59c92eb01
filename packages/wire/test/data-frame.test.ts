import {
  bytesToMessageId,
  bytesToParticipantId,
  DATA_HEADER_BYTES,
  decodeDataFrame,
  encodeDataFrame,
  MAX_PAYLOAD_BYTES,
  decodeMessageId,
  UNKNOWN_MESSAGE_ID,
} from '@conclave/wire'
import type { MessageId, ParticipantId } from '@conclave/wire'
import { expect, test } from 'vitest'

const id = bytesToMessageId(new Uint8Array(16).fill(7)) as MessageId
const peer = bytesToParticipantId(new Uint8Array(16).fill(9)) as ParticipantId
const payload = new Uint8Array([1, 2, 3])

test('[W9] the header stands where the spec says', () => {
  const bytes = encodeDataFrame({
    type: 'deliver',
    channel: 0x01020304,
    position: 5n,
    id,
    from: peer,
    payload,
  })
  expect([...bytes]).toEqual([
    ...[2, 0, 0, 0, 1, 2, 3, 4],
    ...[0, 0, 0, 0, 0, 0, 0, 5],
    ...Array<number>(16).fill(7),
    ...Array<number>(16).fill(9),
    ...[1, 2, 3],
  ])
})

test('[W10] every truncation of a frame is malformed or a shorter payload', () => {
  const bytes = encodeDataFrame({ type: 'publish', channel: 1, id, to: peer, payload })
  for (let length = 0; length <= DATA_HEADER_BYTES; length += 1) {
    expect(decodeDataFrame(bytes.subarray(0, length))).toBeUndefined()
  }
  expect(decodeDataFrame(bytes.subarray(0, DATA_HEADER_BYTES + 1))).toMatchObject({
    payload: new Uint8Array([1]),
  })
})

test('[W10] a payload may have 65 536 bytes and not one more', () => {
  const full = {
    type: 'publish',
    channel: 1,
    id,
    to: undefined,
    payload: new Uint8Array(MAX_PAYLOAD_BYTES),
  } as const
  const bytes = encodeDataFrame(full)
  expect(decodeDataFrame(bytes)).toEqual(full)
  const longer = new Uint8Array(bytes.length + 1)
  longer.set(bytes)
  expect(decodeDataFrame(longer)).toBeUndefined()
  expect(decodeDataFrame(longer, { maxPayloadBytes: MAX_PAYLOAD_BYTES + 1 })).toBeDefined()
  expect(decodeDataFrame(bytes, { maxPayloadBytes: 10 })).toBeUndefined()
})

test('[W11] unused fields that are not zero are malformed', () => {
  const publish = encodeDataFrame({ type: 'publish', channel: 1, id, to: undefined, payload })
  publish[15] = 1
  expect(decodeDataFrame(publish)).toBeUndefined()
  const ack = encodeDataFrame({ type: 'ack', channel: 1, id, position: 1n })
  ack[47] = 1
  expect(decodeDataFrame(ack)).toBeUndefined()
})

test('[W12] an extension is skipped', () => {
  const bytes = encodeDataFrame({ type: 'publish', channel: 1, id, to: undefined, payload })
  const extended = new Uint8Array([...bytes.subarray(0, 48), 0xaa, 0xbb, ...bytes.subarray(48)])
  extended[3] = 2
  expect(decodeDataFrame(extended)).toEqual({
    type: 'publish',
    channel: 1,
    id,
    to: undefined,
    payload,
  })
})

test('[W13] the payload is a view, also into the middle of a larger buffer', () => {
  const bytes = encodeDataFrame({ type: 'publish', channel: 1, id, to: undefined, payload })
  const larger = new Uint8Array(bytes.length + 20)
  larger.set(bytes, 11)
  const frame = decodeDataFrame(larger.subarray(11, 11 + bytes.length))
  if (frame?.type !== 'publish') throw new Error('not a publish')
  expect(frame.payload).toEqual(payload)
  expect(frame.payload.buffer).toBe(larger.buffer)
})

test('a refusal can name a frame that cannot be decoded', () => {
  const bytes = encodeDataFrame({ type: 'publish', channel: 1, id, to: undefined, payload })
  bytes[0] = 99
  expect(decodeMessageId(bytes)).toBe(id)
  expect(decodeMessageId(bytes.subarray(0, 31))).toBe(UNKNOWN_MESSAGE_ID)
})

test('frames that cannot be carried are programming errors', () => {
  const frame = { type: 'publish', channel: 1, id, to: undefined, payload } as const
  expect(() => encodeDataFrame({ ...frame, channel: 2 ** 32 })).toThrow(RangeError)
  expect(() => encodeDataFrame({ ...frame, channel: -1 })).toThrow(RangeError)
  expect(() => encodeDataFrame({ ...frame, channel: 0.5 })).toThrow(RangeError)
  expect(() => encodeDataFrame({ ...frame, payload: new Uint8Array(0) })).toThrow(RangeError)
  expect(() =>
    encodeDataFrame({ ...frame, payload: new Uint8Array(MAX_PAYLOAD_BYTES + 1) }),
  ).toThrow(RangeError)
  expect(() => encodeDataFrame({ ...frame, id: UNKNOWN_MESSAGE_ID })).toThrow(TypeError)
  expect(() => encodeDataFrame({ type: 'ack', channel: 1, id, position: 0n })).toThrow(RangeError)
  expect(() => encodeDataFrame({ type: 'ack', channel: 1, id, position: 1n << 64n })).toThrow(
    RangeError,
  )
})
