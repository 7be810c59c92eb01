/**
 * Sealed events over a plain WebSocket: of browsers, of Node, or of the `ws` library. spec T40
 *
 * @module
 */
import { checkObject, describeType } from '@conclave/base'
import type { AnyEvents, EventNameOf } from '../channel/channel-events.ts'
import type { SealedChannelOptions } from '../channel/channel-options.ts'
import { sealChannel } from '../channel/sealed-channel.ts'
import type { SealedChannel } from '../channel/sealed-channel.ts'
import { checkByteLimit, createFramedTransport } from './framed-transport.ts'

/** The most bytes of a frame, sent or received, unless the caller sets another limit. spec T42 */
export const MAX_SOCKET_FRAME_BYTES: number = 2 ** 20

/** The most bytes that wait in the socket, unless the caller sets another limit. spec T42 */
export const MAX_SOCKET_BUFFERED_BYTES: number = 8 * 2 ** 20

/** The part of a WebSocket that is used. */
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
  Clear extends EventNameOf<Events> = never,
> extends SealedChannelOptions<Events, Clear> {
  /** `binary` is a third shorter and sets the socket's `binaryType`. Either encoding is read. */
  readonly encoding?: 'json' | 'binary'
  readonly maxFrameBytes?: number
  readonly maxBufferedBytes?: number
}

/**
 * Seals a WebSocket. Events that are sent before it is open wait for it. Closing the socket stays yours; its other
 * listeners still receive every message, also those that are dropped here.
 *
 * @throws TypeError, RangeError that name the argument
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export function sealWebSocket<
  Events extends object = AnyEvents,
  Clear extends EventNameOf<Events> = never,
>(socket: WebSocketLike, options: WebSocketOptions<Events, Clear>): SealedChannel<Events, Clear> {
  checkObject('options', options)
  const { encoding = 'json', maxFrameBytes = MAX_SOCKET_FRAME_BYTES } = options
  const { maxBufferedBytes = MAX_SOCKET_BUFFERED_BYTES } = options
  checkByteLimit('maxFrameBytes', maxFrameBytes)
  checkByteLimit('maxBufferedBytes', maxBufferedBytes)
  if (typeof (socket as Partial<WebSocketLike> | null)?.bufferedAmount !== 'number') {
    throw new TypeError(`"socket" expected a WebSocket, got ${describeType(socket)}`)
  }
  if (encoding !== 'json' && encoding !== 'binary') {
    throw new TypeError('"encoding" expected "json" or "binary"')
  }
  const transport = createFramedTransport(socket, {
    ...{ encoding, maxFrameBytes, maxReceivedBytes: maxFrameBytes, maxBufferedBytes },
    states: { connecting: 0, open: 1 },
    // A socket does not tell when its buffer has drained.
    whenFull: 'refuse',
  })
  const channel = sealChannel<Events, Clear>(transport, options)
  if (encoding === 'binary') socket.binaryType = 'arraybuffer'
  return channel
}

/** The events that a socket is listened to for. */
export type SocketEvent = 'open' | 'close' | 'error' | 'message'
