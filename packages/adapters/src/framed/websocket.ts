/**
 * Sealed events over a plain WebSocket: of browsers, of Node, or of the `ws` library. spec T40
 *
 * @module
 */
import type { AnyEvents } from '../channel/channel-events.ts'
import { checkBytes, checkObject, kindOf } from '../channel/channel-options.ts'
import type { SealedChannelOptions } from '../channel/channel-options.ts'
import { AdapterError } from '../errors.ts'
import { decodeFrame, encodeBinaryFrame, encodeTextFrame } from './event-frame.ts'
import { checkFrameSize } from './frame-size.ts'
import { sealChannel } from '../channel/sealed-channel.ts'
import type { SealedChannel } from '../channel/sealed-channel.ts'
import type { EventTransport } from '../channel/transport.ts'
import { dataOf, waitForEvent } from '../wait-for-event.ts'

/** The most bytes of a frame, either way, unless you say otherwise. spec T42 */
export const MAX_SOCKET_FRAME_BYTES: number = 2 ** 20

/** The most bytes that wait in the socket, unless you say otherwise. spec T42 */
export const MAX_SOCKET_BUFFERED_BYTES: number = 8 * 2 ** 20

/** What is needed of a WebSocket. */
export interface WebSocketLike {
  readonly readyState: number
  readonly bufferedAmount: number
  binaryType: string
  send(data: string | Uint8Array<ArrayBuffer>): void
  addEventListener(type: SocketEvent, listener: (event: object) => void): void
  removeEventListener(type: SocketEvent, listener: (event: object) => void): void
}

/** How events are framed, beside how they are sealed. */
export interface WebSocketOptions<
  Events extends object = AnyEvents,
> extends SealedChannelOptions<Events> {
  /** `binary` is a third shorter; sets the socket's `binaryType`. What arrives is read in either encoding. */
  readonly encoding?: 'json' | 'binary'
  readonly maxFrameBytes?: number
  readonly maxBufferedBytes?: number
}

/**
 * Seals a WebSocket. What is sent before it is open waits for it. The socket stays yours, to close too; other listeners
 * of it hear everything, also what is dropped here.
 *
 * @throws TypeError, RangeError that name the argument
 */
export function sealWebSocket<Events extends object = AnyEvents>(
  socket: WebSocketLike,
  options: WebSocketOptions<Events>,
): SealedChannel<Events> {
  checkObject('options', options)
  checkBytes('maxFrameBytes', options.maxFrameBytes)
  checkBytes('maxBufferedBytes', options.maxBufferedBytes)
  return sealChannel<Events>(createTransport(socket, options), options)
}

function createTransport(
  socket: WebSocketLike,
  {
    encoding = 'json',
    maxFrameBytes = MAX_SOCKET_FRAME_BYTES,
    maxBufferedBytes = MAX_SOCKET_BUFFERED_BYTES,
  }: Pick<WebSocketOptions, 'encoding' | 'maxFrameBytes' | 'maxBufferedBytes'>,
): EventTransport {
  if (typeof (socket as Partial<WebSocketLike> | null)?.bufferedAmount !== 'number') {
    throw new TypeError(`"socket" expected a WebSocket, got ${kindOf(socket)}`)
  }
  if (encoding !== 'json' && encoding !== 'binary') {
    throw new TypeError('"encoding" expected "json" or "binary"')
  }
  if (encoding === 'binary') socket.binaryType = 'arraybuffer'
  return {
    encoding,
    async send(name, envelope, signal) {
      const frame =
        envelope instanceof Uint8Array
          ? encodeBinaryFrame(name, envelope)
          : encodeTextFrame({ name, envelope })
      const byteLength = checkFrameSize(frame, maxFrameBytes)
      if (socket.readyState === CONNECTING) {
        await waitForEvent(socket, ['open', 'close', 'error'], signal)
      }
      if (socket.readyState !== OPEN) throw new AdapterError('ERR_ADAPTER_NOT_OPEN', undefined)
      // A socket tells nobody when it has room again.
      if (socket.bufferedAmount + byteLength > maxBufferedBytes) {
        throw new AdapterError('ERR_ADAPTER_QUEUE_FULL', { limit: 'bytes', max: maxBufferedBytes })
      }
      socket.send(frame)
    },
    receive(handler) {
      const receive = (event: object): void => {
        const frame = decodeFrame(dataOf(event), maxFrameBytes)
        handler(frame?.name, frame?.envelope)
      }
      socket.addEventListener('message', receive)
      return () => socket.removeEventListener('message', receive)
    },
  }
}

/** The events of a socket that matter here. */
export type SocketEvent = 'open' | 'close' | 'error' | 'message'

const CONNECTING = 0
const OPEN = 1
