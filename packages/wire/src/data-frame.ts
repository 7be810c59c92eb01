import { bytesToMessageId, bytesToParticipantId, idToBytes, UNKNOWN_MESSAGE_ID } from './ids.ts'
import type { MessageId, ParticipantId } from './ids.ts'
import { DATA_HEADER_BYTES, MAX_EXTENSION_BYTES, MAX_PAYLOAD_BYTES } from './protocol.ts'

/** A sealed message on its way to the hub. */
export interface PublishFrame {
  readonly type: 'publish'
  readonly channel: number
  readonly id: MessageId
  /** One recipient, or `undefined` for everyone else in the room. */
  readonly to: ParticipantId | undefined
  readonly payload: Uint8Array
}

/** A sealed message on its way from the hub. */
export interface DeliverFrame {
  readonly type: 'deliver'
  readonly channel: number
  /** Position in the hub's order of the channel, from 1; messages to others leave gaps. */
  readonly position: bigint
  readonly id: MessageId
  /** Set by the hub from the connection that published, never by the publisher. */
  readonly from: ParticipantId
  readonly payload: Uint8Array
}

/** Tells the publisher the position of its message. */
export interface AckFrame {
  readonly type: 'ack'
  readonly channel: number
  readonly position: bigint
  readonly id: MessageId
}

/** An event of a guarded channel on its way to the hub, which may be dropped: it has neither position nor acknowledgement. spec W29 */
export interface SignalFrame {
  readonly type: 'signal'
  readonly channel: number
  readonly id: MessageId
  /** One recipient, or `undefined` for everyone else in the channel. */
  readonly to: ParticipantId | undefined
  readonly payload: Uint8Array
}

/** An event that may be dropped, on its way from the hub. spec W29 */
export interface SignalledFrame {
  readonly type: 'signalled'
  readonly channel: number
  readonly id: MessageId
  /** Set by the hub from the connection that sent it, never by the sender. */
  readonly from: ParticipantId
  readonly payload: Uint8Array
}

/** A frame of a binary message. spec W9 */
export type DataFrame = PublishFrame | DeliverFrame | AckFrame | SignalFrame | SignalledFrame

/**
 * Decodes a data frame. Returns `undefined`, not throws, for anything malformed. The payload is a view into `bytes`: it
 * changes with them. spec W9 W10 W11 W12 W13
 *
 * @param options.maxPayloadBytes lets a hub tell a payload that is too large from a malformed frame
 */
export function decodeDataFrame(
  bytes: Uint8Array,
  { maxPayloadBytes = MAX_PAYLOAD_BYTES }: { readonly maxPayloadBytes?: number } = {},
): DataFrame | undefined {
  if (bytes.length < DATA_HEADER_BYTES) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, DATA_HEADER_BYTES)
  const extensionBytes = view.getUint16(2)
  const start = DATA_HEADER_BYTES + extensionBytes
  if (view.getUint8(1) !== 0 || extensionBytes > MAX_EXTENSION_BYTES || start > bytes.length) {
    return undefined
  }
  const id = bytesToMessageId(bytes.subarray(16, 32))
  if (id === undefined || id === UNKNOWN_MESSAGE_ID) return undefined
  const channel = view.getUint32(4)
  const position = view.getBigUint64(8)
  const peer = bytesToParticipantId(bytes.subarray(32, 48))
  const payload = bytes.subarray(start)
  const hasPayload = payload.length > 0 && payload.length <= maxPayloadBytes
  switch (view.getUint8(0)) {
    case PUBLISH:
      if (position !== 0n || !hasPayload) return undefined
      return { type: 'publish', channel, id, to: peer, payload }
    case DELIVER:
      if (position === 0n || peer === undefined || !hasPayload) return undefined
      return { type: 'deliver', channel, position, id, from: peer, payload }
    case ACK:
      if (position === 0n || peer !== undefined || payload.length > 0) return undefined
      return { type: 'ack', channel, position, id }
    case SIGNAL:
      if (position !== 0n || !hasPayload) return undefined
      return { type: 'signal', channel, id, to: peer, payload }
    case SIGNALLED:
      if (position !== 0n || peer === undefined || !hasPayload) return undefined
      return { type: 'signalled', channel, id, from: peer, payload }
    default:
      return undefined
  }
}

/**
 * The bytes of a data frame, in a fresh array. spec W9
 *
 * @throws RangeError for a channel, position or payload that no frame can carry; TypeError for a zero id
 */
export function encodeDataFrame(frame: DataFrame): Uint8Array<ArrayBuffer> {
  const payload = frame.type === 'ack' ? NO_BYTES : frame.payload
  const position = 'position' in frame ? frame.position : 0n
  const peer = 'to' in frame ? frame.to : 'from' in frame ? frame.from : undefined
  checkFrame(frame, payload.length)
  const bytes = new Uint8Array(DATA_HEADER_BYTES + payload.length)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, TYPE_BY_NAME[frame.type])
  view.setUint32(4, frame.channel)
  view.setBigUint64(8, position)
  bytes.set(idToBytes(frame.id), 16)
  if (peer !== undefined) bytes.set(idToBytes(peer), 32)
  bytes.set(payload, DATA_HEADER_BYTES)
  return bytes
}

/**
 * Decodes only the message id of a frame that may be malformed, so that a refusal can name the message. Returns
 * {@link UNKNOWN_MESSAGE_ID} when the bytes end before the id.
 */
export function decodeMessageId(bytes: Uint8Array): MessageId {
  // Bytes that were transferred are empty, and have no parts.
  if (bytes.length < 32) return UNKNOWN_MESSAGE_ID
  return bytesToMessageId(bytes.subarray(16, 32)) ?? UNKNOWN_MESSAGE_ID
}

/** Whether bytes begin as those of a signal, which may be malformed: a hub counts them apart. spec W29 */
export function isSignalFrame(bytes: Uint8Array): boolean {
  return bytes[0] === SIGNAL
}

function checkFrame(frame: DataFrame, payloadBytes: number): void {
  if (!Number.isInteger(frame.channel) || frame.channel < 0 || frame.channel > 0xffff_ffff) {
    throw new RangeError(`"channel" expected an unsigned 32-bit integer, got ${frame.channel}`)
  }
  if ('position' in frame && (frame.position < 1n || frame.position > MAX_POSITION)) {
    throw new RangeError(`"position" expected 1 to 2^64-1, got ${frame.position}`)
  }
  if (frame.type !== 'ack' && (payloadBytes < 1 || payloadBytes > MAX_PAYLOAD_BYTES)) {
    throw new RangeError(`"payload" expected 1 to ${MAX_PAYLOAD_BYTES} bytes, got ${payloadBytes}`)
  }
  if (frame.id === UNKNOWN_MESSAGE_ID) throw new TypeError('"id" expected a message id, got zero')
}

const PUBLISH = 1
const DELIVER = 2
const ACK = 3
const SIGNAL = 4
const SIGNALLED = 5
const TYPE_BY_NAME = {
  ...{ publish: PUBLISH, deliver: DELIVER, ack: ACK },
  ...{ signal: SIGNAL, signalled: SIGNALLED },
} as const
const MAX_POSITION = 0xffff_ffff_ffff_ffffn
const NO_BYTES = new Uint8Array(0)
