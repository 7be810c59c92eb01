/**
 * A client that says what it is told to say, from an address of this machine.
 *
 * @module
 */
import { decodeBase64Url } from '@conclave/base'
import { createTestSession, randomMessage } from '@conclave/server/testing'
import type { TestRoom } from '@conclave/server/testing'
import { encodeDataFrame, encodeMessage } from '@conclave/wire'
import { WebSocket } from 'ws'

/** A WebSocket that is in a room. */
export interface Member {
  readonly socket: WebSocket
  /** The code with which it ended. */
  readonly ended: Promise<number>
  publish(payload: Uint8Array): void
}

/** Joins a room. Rejects when the hub lets nobody in. */
export async function joinRoom(
  room: TestRoom,
  { port, from, onFrame }: { port: number; from: string; onFrame?: (data: Buffer) => void },
): Promise<Member> {
  const session = await createTestSession()
  const host = `127.0.0.1:${port}`
  const socket = new WebSocket(`ws://${host}/hub`, 'conclave.v1', {
    origin: `http://${host}`,
    localAddress: from,
  })
  const ended = new Promise<number>((resolve) => socket.once('close', resolve))
  const channel = await new Promise<number>((resolve, reject) => {
    socket.on('error', reject)
    void ended.then((code) => reject(new Error(`closed with ${code}`)))
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) return onFrame?.(data)
      const message = JSON.parse(String(data)) as { type: string; nonce: string; channel: number }
      if (message.type === 'joined') resolve(message.channel)
      if (message.type !== 'challenge') return
      const nonce = decodeBase64Url(message.nonce) ?? new Uint8Array()
      void room
        .join({ nonce, host, session })
        .then((join) => socket.send(encodeMessage(join)), reject)
    })
  })
  return {
    socket,
    ended,
    publish: (payload) =>
      socket.send(
        encodeDataFrame({ type: 'publish', channel, id: randomMessage(), to: undefined, payload }),
      ),
  }
}
