import { FrameUnmasker } from './frame-unmasker.ts'

/** Receives a copy of the bytes that clients send, before anything looks at them. */
export type Tap = (record: TapRecord) => void

/** A piece of the bytes that a client sent. The joined pieces of one connection and layer are all of its bytes. */
export interface TapRecord {
  /** Counts connections from 1. */
  readonly connection: number
  /**
   * `socket`: the bytes on the socket, HTTP included.
   * `frames`: the payloads of WebSocket frames, control frames included, without their masks.
   */
  readonly layer: 'socket' | 'frames'
  readonly bytes: Uint8Array
}

/** The part of Node's HTTP server that a tap needs. */
export interface TappedServer {
  on(event: 'connection', listener: (socket: TappedSocket) => void): unknown
  on(
    event: 'upgrade',
    listener: (request: unknown, socket: TappedSocket, head: Uint8Array) => void,
  ): unknown
}

/** The part of Node's sockets that a tap needs. */
export interface TappedSocket {
  push(chunk: Uint8Array | null, encoding?: string): boolean
  on(event: 'data', listener: () => void): unknown
  off(event: 'data', listener: () => void): unknown
}

/**
 * Records every byte that clients send to a server, for tests that prove what a server could read:
 * `serve({ …, beforeListen: tapServer(tap) })`. Copies bytes where they enter a socket's buffer, so that their readers
 * still get all of them.
 */
export function tapServer(tap: Tap): (server: TappedServer) => void {
  return (server) => {
    const tappedBySocket = new WeakMap<TappedSocket, Tapped>()
    let count = 0
    server.on('connection', (socket) => {
      const tapped: Tapped = { connection: (count += 1), unmasker: undefined }
      tappedBySocket.set(socket, tapped)
      const push = socket.push.bind(socket)
      socket.push = (chunk, encoding) => {
        if (chunk !== null) {
          const { connection, unmasker } = tapped
          tap({ connection, layer: 'socket', bytes: new Uint8Array(chunk) })
          if (unmasker !== undefined)
            tap({ connection, layer: 'frames', bytes: unmasker.push(chunk) })
        }
        return push(chunk, encoding)
      }
      // A listener for data makes Node's HTTP parser read from the socket instead of from beneath it.
      socket.on('data', ignore)
      socket.off('data', ignore)
    })
    server.on('upgrade', (_request, socket, head) => {
      const tapped = tappedBySocket.get(socket)
      if (tapped === undefined) return
      tapped.unmasker = new FrameUnmasker()
      tap({ connection: tapped.connection, layer: 'frames', bytes: tapped.unmasker.push(head) })
    })
  }
}

interface Tapped {
  readonly connection: number
  /** Set when the connection becomes a WebSocket. */
  unmasker: FrameUnmasker | undefined
}

function ignore(): void {}
