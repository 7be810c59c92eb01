import {
  bytesToMessageId,
  bytesToParticipantId,
  bytesToRoomId,
  idToBytes,
  parseMessageId,
  parseParticipantId,
  parseRoomId,
  UNKNOWN_MESSAGE_ID,
} from '@conclave/wire'
import type { RoomId } from '@conclave/wire'
import { expect, test } from 'vitest'

const bytes = new Uint8Array(16).map((_, index) => index + 1)

test('[W1] an id converts from bytes to text and back', () => {
  const id = bytesToRoomId(bytes)
  expect(id).toBe('AQIDBAUGBwgJCgsMDQ4PEA')
  expect(parseRoomId(id)).toBe(id)
  expect(idToBytes(id as RoomId)).toEqual(bytes)
})

test('[W1] other lengths and other values are not ids', () => {
  for (const parse of [parseRoomId, parseParticipantId, parseMessageId]) {
    for (const value of [
      undefined,
      null,
      1,
      1n,
      {},
      [],
      ['AQIDBAUGBwgJCgsMDQ4PEA'],
      bytes,
      Symbol('id'),
    ]) {
      expect(parse(value)).toBeUndefined()
    }
    expect(parse(new String('AQIDBAUGBwgJCgsMDQ4PEA'))).toBeUndefined()
  }
  for (const length of [0, 15, 17]) {
    expect(bytesToRoomId(new Uint8Array(length))).toBeUndefined()
    expect(bytesToMessageId(new Uint8Array(length))).toBeUndefined()
    expect(bytesToParticipantId(new Uint8Array(length).fill(1))).toBeUndefined()
  }
})

test('[W2] zero is no participant, and as a message id it means unknown', () => {
  expect(bytesToParticipantId(new Uint8Array(16))).toBeUndefined()
  expect(parseParticipantId(UNKNOWN_MESSAGE_ID)).toBeUndefined()
  expect(bytesToMessageId(new Uint8Array(16))).toBe(UNKNOWN_MESSAGE_ID)
})

test('a value that went round the parser is a programming error', () => {
  expect(() => idToBytes('short' as RoomId)).toThrow(TypeError)
})
