/**
 * A WebSocket client that costs as little as possible: what is measured is the server.
 *
 * @module
 */
import type { Socket } from 'node:net'
import { WebSocket } from 'ws'

/** A client, and the stream below it, for several messages in one write. */
export interface Client {
  readonly socket: WebSocket
  readonly stream: Socket
  /** The first message for which `read` has an answer. */
  first<T>(read: (data: Buffer) => T | undefined): Promise<T>
}

/** Connects; messages are kept for `first` from the beginning on. */
export async function connect(url: string, protocol?: string): Promise<Client> {
  const origin = url.replace(/^ws/, 'http').replace(/(\d)\/.*$/, '$1')
  const socket = new WebSocket(url, protocol, { origin, perMessageDeflate: false })
  const early: Buffer[] = []
  const keep = (data: Buffer): void => void early.push(data)
  socket.on('message', keep)
  const stream = new Promise<Socket>((resolve) => {
    socket.once('upgrade', (response) => resolve(response.socket))
  })
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  return {
    socket,
    stream: await stream,
    first: (read) =>
      new Promise((resolve) => {
        const look = (data: Buffer): void => {
          const answer = read(data)
          if (answer === undefined) return
          socket.off('message', look)
          resolve(answer)
        }
        socket.off('message', keep)
        socket.on('message', look)
        for (const data of early.splice(0)) look(data)
      }),
  }
}

/** A whole message as a client writes it, with a mask of zeros. RFC 6455 §5.2 */
export function clientFrame(data: Buffer | string): Buffer {
  const bytes = Buffer.from(data as string)
  const opcode = typeof data === 'string' ? 0x81 : 0x82
  const { length } = bytes
  const head =
    length < 126
      ? Buffer.from([opcode, 0x80 | length])
      : Buffer.from([opcode, 0x80 | 126, length >> 8, length & 0xff])
  return Buffer.concat([head, Buffer.alloc(4), bytes])
}
