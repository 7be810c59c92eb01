import {
  bytesToParticipantId,
  bytesToRoomId,
  encodeAccessProof,
  encodeSessionProof,
} from '@conclave/wire'
import type { ParticipantId, RoomId } from '@conclave/wire'
import { expect, test } from 'vitest'

const room = bytesToRoomId(new Uint8Array(16).fill(1)) as RoomId
const participant = bytesToParticipantId(new Uint8Array(16).fill(2)) as ParticipantId
const nonce = new Uint8Array(32).fill(3)

test.each([
  ['conclave/1 hub access', encodeAccessProof],
  ['conclave/1 hub session', encodeSessionProof],
])('[W8] %s: host, nonce, room and participant in this order', (label, encode) => {
  const bytes = encode({ host: 'a:1', nonce, room, participant })
  expect([...bytes]).toEqual([
    ...new TextEncoder().encode(label),
    ...[0, 0, 3, 0x61, 0x3a, 0x31],
    ...Array<number>(32).fill(3),
    ...Array<number>(16).fill(1),
    ...Array<number>(16).fill(2),
  ])
})

test('[W8] no two contexts share their bytes', () => {
  const contexts = [
    { host: 'a:1', nonce, room, participant },
    { host: 'a:11', nonce, room, participant },
    { host: 'a:1', nonce: nonce.with(0, 4), room, participant },
    { host: 'a:1', nonce, room: participant as string as RoomId, participant },
    { host: 'a:1', nonce, room, participant: room as string as ParticipantId },
  ]
  const texts = [encodeAccessProof, encodeSessionProof].flatMap((encode) =>
    contexts.map((context) => encode(context).join()),
  )
  expect(new Set(texts).size).toBe(2 * contexts.length)
})

test('a nonce of another length and an endless host are programming errors', () => {
  expect(() =>
    encodeAccessProof({ host: 'a', nonce: new Uint8Array(31), room, participant }),
  ).toThrow(RangeError)
  expect(() => encodeAccessProof({ host: 'a'.repeat(65_536), nonce, room, participant })).toThrow(
    RangeError,
  )
})
