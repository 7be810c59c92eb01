import { expect, test } from 'vitest'
import { parseParticipantId, parseRoomId } from '@conclave/wire'
import vectors from '../../../../spec/vectors/sframe.json' with { type: 'json' }
import { openFrame } from '../../src/worker/frame-opener.ts'
import { baseKeyRequest } from '../../src/page/base-key.ts'
import { receiverKey, receivingTrack, seal, senderKey } from '../support/frames.ts'

const fromHex = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
const toHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

const keyOptions = (vector: {
  readonly suite: number
  readonly kid: string
  readonly baseKey: string
}) => ({
  suite: vector.suite === 5 ? (5 as const) : (4 as const),
  kid: BigInt(`0x${vector.kid}`),
  baseKey: fromHex(vector.baseKey),
})

test.for(vectors.baseKeys)('[M8] what a base key of suite $suite is derived from', (vector) => {
  const room = parseRoomId(vector.room)
  const participant = parseParticipantId(vector.participant)
  if (!room || !participant) throw new Error('not ids')
  const suite = vector.suite === 5 ? 5 : 4
  const request = baseKeyRequest(BigInt(`0x${vector.kid}`), { room, participant, suite })
  expect({ ...request, context: toHex(request.context) }).toEqual({
    label: vector.label,
    context: vector.context,
    length: vector.length,
  })
})

test.for(vectors.frames)(
  '[M1, M4, M45, M46, M47, M48] sealed and opened: $name',
  async (vector) => {
    const options = keyOptions(vector)
    const sender = await senderKey({ ...options, first: vector.counter })
    expect(toHex(await seal(sender, fromHex(vector.frame), vector))).toBe(vector.sealed)
    const receiver = await receiverKey(options)
    const { label, mimeType } = vector
    const frame = { data: fromHex(vector.sealed), mimeType }
    const opened = await openFrame(
      frame,
      receivingTrack(label, (kid) => (kid === options.kid ? receiver : undefined)),
    )
    const data = fromHex(vector.opened ?? vector.frame)
    expect(opened).toEqual({ type: 'opened', key: receiver, data })
  },
)

test.for(vectors.received)('[M46] opened: $name', async (vector) => {
  const receiver = await receiverKey(keyOptions(vector))
  const { label, mimeType } = vector
  const frame = { data: fromHex(vector.sealed), mimeType }
  const opened = await openFrame(
    frame,
    receivingTrack(label, () => receiver),
  )
  expect(opened).toEqual({ type: 'opened', key: receiver, data: fromHex(vector.opened) })
})

test.for(vectors.dropped)('[M11, M5, M45, M46, M47, M48] dropped: $name', async (vector) => {
  const receiver = await receiverKey(keyOptions(vector))
  const { label, mimeType, reason } = vector
  const frame = { data: fromHex(vector.sealed), mimeType }
  const opened = await openFrame(
    frame,
    receivingTrack(label, () => receiver),
  )
  expect(opened).toMatchObject({ type: 'dropped', reason })
  expect(receiver.isProven).toBe(false)
})

test('[M3, M9] frames that are sealed at the same time are those that are sealed one after the other', async () => {
  const track = { label: 'camera', mimeType: 'video/vp9' }
  const frames = Array.from({ length: 60 }, (_, at) => new Uint8Array(1 + at * 40).fill(1 + 2 * at))
  const one = await senderKey()
  const inTurns: string[] = []
  for (const frame of frames) inTurns.push(toHex(await seal(one, frame, track)))
  const other = await senderKey()
  const atOnce = await Promise.all(frames.map((frame) => seal(other, frame, track)))
  expect(atOnce.map(toHex)).toEqual(inTurns)
})
