/**
 * Sealed events over an `RTCDataChannel`, for those that go over servers, and within for those that do not. spec T60
 *
 * @module
 */
import type { AnyEvents } from '../channel/channel-events.ts'
import { checkBytes, checkObject, kindOf } from '../channel/channel-options.ts'
import type { SealedChannelOptions } from '../channel/channel-options.ts'
import { AdapterError } from '../errors.ts'
import { decodeFrame, encodeBinaryFrame } from './event-frame.ts'
import { checkFrameSize } from './frame-size.ts'
import { sealChannel } from '../channel/sealed-channel.ts'
import type { SealedChannel } from '../channel/sealed-channel.ts'
import type { EventTransport } from '../channel/transport.ts'
import { dataOf, waitForEvent } from '../wait-for-event.ts'

/** What every peer takes that says nothing else, unless you say otherwise. RFC 8841 §6.1, spec T62 */
export const MAX_DATA_CHANNEL_BYTES: number = 2 ** 16

/** The most bytes that wait in the channel, unless you say otherwise. spec T63 */
export const MAX_DATA_CHANNEL_BUFFERED_BYTES: number = 2 ** 20

/** What is needed of an `RTCDataChannel`. */
export interface DataChannelLike {
  readonly readyState: string
  readonly bufferedAmount: number
  readonly bufferedAmountLowThreshold: number
  binaryType: string
  send(data: Uint8Array<ArrayBuffer>): void
  addEventListener(type: DataChannelEvent, listener: (event: object) => void): void
  removeEventListener(type: DataChannelEvent, listener: (event: object) => void): void
}

/** How much goes at a time, beside how it is sealed. */
export interface DataChannelOptions<
  Events extends object = AnyEvents,
> extends SealedChannelOptions<Events> {
  readonly maxFrameBytes?: number
  readonly maxBufferedBytes?: number
}

/**
 * Seals a data channel, and sets its `binaryType`. What is sent before it is open, or while too much is in its buffer, waits.
 * On an unordered channel events arrive in another order. The channel stays yours, to close too.
 *
 * @throws TypeError, RangeError that name the argument
 */
export function sealDataChannel<Events extends object = AnyEvents>(
  channel: DataChannelLike,
  options: DataChannelOptions<Events>,
): SealedChannel<Events> {
  checkObject('options', options)
  checkBytes('maxFrameBytes', options.maxFrameBytes)
  checkBytes('maxBufferedBytes', options.maxBufferedBytes)
  return sealChannel<Events>(createTransport(channel, options), options)
}

function createTransport(
  channel: DataChannelLike,
  {
    maxFrameBytes = MAX_DATA_CHANNEL_BYTES,
    maxBufferedBytes = MAX_DATA_CHANNEL_BUFFERED_BYTES,
  }: Pick<DataChannelOptions, 'maxFrameBytes' | 'maxBufferedBytes'>,
): EventTransport {
  if (typeof (channel as Partial<DataChannelLike> | null)?.bufferedAmount !== 'number') {
    throw new TypeError(`"channel" expected an RTCDataChannel, got ${kindOf(channel)}`)
  }
  channel.binaryType = 'arraybuffer'
  const isFull = (byteLength: number): boolean =>
    channel.bufferedAmount + byteLength > maxBufferedBytes &&
    // At or below it no event will come.
    channel.bufferedAmount > channel.bufferedAmountLowThreshold
  return {
    encoding: 'binary',
    async send(name, envelope, signal) {
      const frame = encodeBinaryFrame(name, envelope as Uint8Array<ArrayBuffer>)
      const byteLength = checkFrameSize(frame, maxFrameBytes)
      if (channel.readyState === 'connecting') {
        await waitForEvent(channel, ['open', 'close', 'error'], signal)
      }
      while (channel.readyState === 'open' && isFull(byteLength)) {
        await waitForEvent(channel, ['bufferedamountlow', 'close', 'error'], signal)
      }
      if (channel.readyState !== 'open') throw new AdapterError('ERR_ADAPTER_NOT_OPEN', undefined)
      channel.send(frame)
    },
    receive(handler) {
      const receive = (event: object): void => {
        const frame = decodeFrame(dataOf(event), MAX_RECEIVED_BYTES)
        handler(frame?.name, frame?.envelope)
      }
      channel.addEventListener('message', receive)
      return () => channel.removeEventListener('message', receive)
    },
  }
}

/** The events of a data channel that matter here. */
export type DataChannelEvent = 'open' | 'close' | 'error' | 'message' | 'bufferedamountlow'

/** Others may send more at a time than we do; engines bound it by what was negotiated. */
const MAX_RECEIVED_BYTES: number = 2 * 2 ** 20
