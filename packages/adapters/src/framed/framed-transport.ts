import { checkInteger, isBytes } from '@conclave/base'
import type { EventTransport } from '../channel/transport.ts'
import { AdapterError } from '../errors.ts'
import { dataOf, waitForEvent } from '../wait-for-event.ts'
import { BlobQueue, isBlob } from './blob-queue.ts'
import {
  checkFrameSize,
  decodeEventFrame,
  encodeEventFrame,
  encodeTextFrame,
} from './event-frame.ts'

/** The part of a WebSocket or a data channel that carries frames. */
export interface FrameCarrier {
  readonly readyState: unknown
  readonly bufferedAmount: number
  /** Of data channels: no `bufferedamountlow` follows while the buffer is at or below it. */
  readonly bufferedAmountLowThreshold?: number
  send(data: string | Uint8Array<ArrayBuffer>): void
  addEventListener(type: CarrierEvent, listener: (event: object) => void): void
  removeEventListener(type: CarrierEvent, listener: (event: object) => void): void
}

/** How one kind of carrier differs from the other. */
export interface FramedTransportOptions {
  readonly encoding: 'json' | 'binary'
  /** The values of `readyState`. */
  readonly states: { readonly connecting: unknown; readonly open: unknown }
  readonly maxFrameBytes: number
  readonly maxReceivedBytes: number
  readonly maxBufferedBytes: number
  /** `wait`: the carrier tells by `bufferedamountlow` when its buffer has drained, and events wait for it. */
  readonly whenFull: 'refuse' | 'wait'
}

/**
 * Sends events as frames of a WebSocket or a data channel. An event that is sent while the carrier connects waits for
 * it. spec T40, T60
 */
export function createFramedTransport(
  carrier: FrameCarrier,
  options: FramedTransportOptions,
): EventTransport {
  const { encoding, states, maxFrameBytes, maxReceivedBytes, maxBufferedBytes, whenFull } = options
  const isFull = (byteLength: number): boolean =>
    carrier.bufferedAmount + byteLength > maxBufferedBytes
  const willDrain = (): boolean =>
    carrier.readyState === states.open &&
    carrier.bufferedAmount > (carrier.bufferedAmountLowThreshold ?? 0)

  return {
    encoding,
    async send(name, envelope, signal) {
      const frame = isBytes(envelope)
        ? encodeEventFrame(name, envelope)
        : encodeTextFrame({ name, envelope })
      const byteLength = checkFrameSize(frame, maxFrameBytes)
      if (carrier.readyState === states.connecting) {
        await waitForEvent(carrier, ['open', 'close', 'error'], signal)
      }
      while (whenFull === 'wait' && isFull(byteLength) && willDrain()) {
        await waitForEvent(carrier, ['bufferedamountlow', 'close', 'error'], signal)
      }
      if (carrier.readyState !== states.open) {
        throw new AdapterError('ERR_ADAPTER_NOT_OPEN', undefined)
      }
      if (whenFull === 'refuse' && isFull(byteLength)) {
        throw new AdapterError('ERR_ADAPTER_QUEUE_FULL', { limit: 'bytes', max: maxBufferedBytes })
      }
      carrier.send(frame)
    },
    receive(handler) {
      const deliver = (data: unknown): void => {
        const frame = decodeEventFrame(data, maxReceivedBytes)
        handler(frame?.name, frame?.envelope)
      }
      const blobs = new BlobQueue(deliver)
      const receive = (event: object): void => {
        const data = dataOf(event)
        if (isBlob(data) || blobs.size > 0) blobs.add(data, maxReceivedBytes)
        else deliver(data)
      }
      carrier.addEventListener('message', receive)
      return () => carrier.removeEventListener('message', receive)
    },
  }
}

/** Checks a limit that the caller may leave out. @throws TypeError, RangeError that name the argument */
export function checkByteLimit(name: string, value: number | undefined): void {
  if (value !== undefined) checkInteger(name, value, { min: 0, max: Number.MAX_SAFE_INTEGER })
}

/** The events that a carrier is listened to for. */
type CarrierEvent = 'open' | 'close' | 'error' | 'message' | 'bufferedamountlow'
