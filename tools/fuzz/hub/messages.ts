/**
 * Messages of a WebSocket, nearly right: control messages, data frames, and neither.
 *
 * @module
 */
import {
  bytesToMessageId,
  bytesToParticipantId,
  encodeDataFrame,
  encodeMessage,
} from '@conclave/wire'
import type { JoinMessage } from '@conclave/wire'
import { deepJson, mutateBytes, mutateText, randomJson } from '../mutate.ts'
import type { Random } from '../random.ts'
import { frameMessage } from './frames.ts'

/** The bytes of one message, in frames; `join` is one that was granted, `channel` that of the connection. */
export function messageInput(
  random: Random,
  { join, channel }: { readonly join: JoinMessage; readonly channel: number },
): Buffer {
  if (random.oneIn(2)) return frameMessage(random, dataInput(random, channel), false)
  return frameMessage(random, Buffer.from(controlInput(random, join)), true)
}

function dataInput(random: Random, channel: number): Uint8Array {
  const payload = random.bytes(1 + random.length(random.oneIn(50) ? 66_000 : 300))
  const to = random.oneIn(3) ? bytesToParticipantId(random.bytes(16)) : undefined
  const id = bytesToMessageId(random.bytes(16))
  if (id === undefined) return payload
  const frame = encodeDataFrame({
    type: 'publish',
    channel,
    id,
    to,
    payload: payload.subarray(0, 65_536),
  })
  return random.oneIn(3) ? frame : mutateBytes(random, [frame])
}

function controlInput(random: Random, join: JoinMessage): string {
  const { room, participant } = join
  const valid = [
    encodeMessage({ type: 'ping', id: random.uint32() }),
    encodeMessage({ type: 'leave', room }),
    encodeMessage(join),
    encodeMessage({ type: 'remove', room, participant, statements: ['AQID'] }),
  ]
  if (random.oneIn(12)) return randomJson(random)
  if (random.oneIn(400)) return deepJson(random)
  return random.oneIn(4) ? (valid[0] ?? '') : mutateText(random, valid)
}
