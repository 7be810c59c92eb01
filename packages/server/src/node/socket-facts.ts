/**
 * Facts about sockets that Node and ws know, and have no public name for.
 *
 * @module
 */
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'

/** How many bytes the client has taken, as far as the system tells: what was given to it, without what it has not taken. */
export function leftBytes(stream: Duplex): number {
  const { bytesWritten = 0, writeQueueSize = 0 } = handleOf(stream)
  return bytesWritten - writeQueueSize
}

/** Whether bytes wait for the client. */
export function isWaiting(stream: Duplex): boolean {
  return stream.writableLength > 0 || (handleOf(stream).writeQueueSize ?? 0) > 0
}

/** Whether Node's HTTP server reads no more of a connection until more of its answers has been sent off. */
export function isAnsweringMuch(socket: object): boolean {
  return '_paused' in socket && socket._paused === true
}

/** How many bytes were read of a message that has not come as a whole; 1 for one that began and has none. */
export function unfinishedBytes(socket: WebSocket): number {
  const { _receiver: receiver } = socket as unknown as { readonly _receiver?: Receiver }
  const {
    _bufferedBytes: buffered = 0,
    _messageLength: fragments = 0,
    _fragmented = 0,
  } = receiver ?? {}
  return Math.max(buffered + fragments, _fragmented > 0 ? 1 : 0)
}

/** Drops what was read and not taken apart: nothing more of it is handed over. */
export function dropUnread(socket: WebSocket): void {
  const { _receiver: receiver } = socket as unknown as { readonly _receiver?: Receiver }
  if (receiver?._buffers === undefined) return
  receiver._buffers.length = 0
  receiver._bufferedBytes = 0
}

/** That of the connection also where TLS stands on it, which counts whole writes only. */
function handleOf(stream: Duplex): Handle {
  const { _handle: handle } = stream as { _handle?: Handle & { readonly _parent?: Handle } }
  return handle?._parent ?? handle ?? {}
}

interface Handle {
  readonly bytesWritten?: number
  readonly writeQueueSize?: number
}

interface Receiver {
  _bufferedBytes?: number
  readonly _buffers?: unknown[]
  readonly _messageLength?: number
  readonly _fragmented?: number
}
