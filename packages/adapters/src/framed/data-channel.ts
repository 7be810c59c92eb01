/**
 * Sealed events over an `RTCDataChannel`: carriers between the peers, such as media servers, see envelopes only. spec T60
 *
 * @module
 */
import { checkObject, describeType } from '@conclave/base'
import type { AnyEvents, EventNameOf } from '../channel/channel-events.ts'
import type { SealedChannelOptions } from '../channel/channel-options.ts'
import { sealChannel } from '../channel/sealed-channel.ts'
import type { SealedChannel } from '../channel/sealed-channel.ts'
import { checkByteLimit, createFramedTransport } from './framed-transport.ts'

/** The size that every peer accepts, and the limit of a frame unless the caller sets another. RFC 8841 §6.1, spec T62 */
export const MAX_DATA_CHANNEL_BYTES: number = 2 ** 16

/** The most bytes that wait in the channel, unless the caller sets another limit. spec T63 */
export const MAX_DATA_CHANNEL_BUFFERED_BYTES: number = 2 ** 20

/** The part of an `RTCDataChannel` that is used. */
export interface DataChannelLike {
  readonly readyState: string
  readonly bufferedAmount: number
  readonly bufferedAmountLowThreshold: number
  binaryType: string
  send(data: Uint8Array<ArrayBuffer>): void
  addEventListener(type: DataChannelEvent, listener: (event: object) => void): void
  removeEventListener(type: DataChannelEvent, listener: (event: object) => void): void
}

/** The limits of a data channel, beside how its events are sealed. */
export interface DataChannelOptions<
  Events extends object = AnyEvents,
  Clear extends EventNameOf<Events> = never,
> extends SealedChannelOptions<Events, Clear> {
  readonly maxFrameBytes?: number
  readonly maxBufferedBytes?: number
}

/**
 * Seals a data channel and sets its `binaryType`. Events that are sent before it is open, or while its buffer is full,
 * wait. On an unordered channel events may arrive in another order. Closing the channel stays yours.
 *
 * @throws TypeError, RangeError that name the argument
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export function sealDataChannel<
  Events extends object = AnyEvents,
  Clear extends EventNameOf<Events> = never,
>(
  channel: DataChannelLike,
  options: DataChannelOptions<Events, Clear>,
): SealedChannel<Events, Clear> {
  checkObject('options', options)
  const { maxFrameBytes = MAX_DATA_CHANNEL_BYTES } = options
  const { maxBufferedBytes = MAX_DATA_CHANNEL_BUFFERED_BYTES } = options
  checkByteLimit('maxFrameBytes', maxFrameBytes)
  checkByteLimit('maxBufferedBytes', maxBufferedBytes)
  if (typeof (channel as Partial<DataChannelLike> | null)?.bufferedAmount !== 'number') {
    throw new TypeError(`"channel" expected an RTCDataChannel, got ${describeType(channel)}`)
  }
  const transport = createFramedTransport(channel, {
    ...{
      encoding: 'binary',
      maxFrameBytes,
      maxReceivedBytes: MAX_RECEIVED_BYTES,
      maxBufferedBytes,
    },
    states: { connecting: 'connecting', open: 'open' },
    whenFull: 'wait',
  })
  const sealed = sealChannel<Events, Clear>(transport, options)
  channel.binaryType = 'arraybuffer'
  return sealed
}

/** The events that a data channel is listened to for. */
export type DataChannelEvent = 'open' | 'close' | 'error' | 'message' | 'bufferedamountlow'

/** The other peer may send larger frames than we do; engines bound them by the negotiated size. */
const MAX_RECEIVED_BYTES: number = 2 * 2 ** 20
