/** A hub that says when its clients may come back. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { VirtualClock } from '@conclave/base/testing'
import { HubTransport } from '@conclave/client'
import { deriveLinkKeys, generateLinkSecret } from '@conclave/e2ee'
import { createSessionKeys } from '@conclave/e2ee/session'
import { CLOSE_CODES, decodeClientMessage, encodeMessage } from '@conclave/wire'
import { expect, onTestFinished, test } from 'vitest'
import { type WebSocket as ServerSocket, WebSocketServer } from 'ws'
import { LIMITS } from './hub-limits.ts'

test.each([
  [7000, 7000],
  // However long the hub wants them to stay away.
  [4_000_000_000, 60_000],
])(
  '[R230] after a goodbye of %i ms a session comes back after %i ms, and no sooner for a sign',
  async (afterMs, awayMs) => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    await once(server, 'listening')
    const sockets: ServerSocket[] = []
    server.on('connection', (socket) => {
      sockets.push(socket)
      socket.on('message', (data: Buffer) => {
        const message = decodeClientMessage(String(data))
        if (message?.type !== 'join') return
        const { room } = message
        const joined = {
          type: 'joined',
          room,
          channel: 7,
          participants: [],
          limits: LIMITS,
        } as const
        socket.send(encodeMessage(joined))
      })
      socket.send(encodeMessage({ type: 'challenge', version: 1, nonce: 'A'.repeat(43) }))
    })
    const clock = new VirtualClock()
    const { port } = server.address() as AddressInfo
    const transport = new HubTransport({
      ...(await deriveLinkKeys(generateLinkSecret())),
      ...{ clock, session: await createSessionKeys(), url: `ws://127.0.0.1:${port}/hub` },
    })
    onTestFinished(() => {
      transport.close()
      server.close()
    })
    await transport.open()
    const down = new Promise((resolve) => transport.on('down', resolve))
    sockets[0]?.send(encodeMessage({ type: 'goodbye', afterMs }))
    sockets[0]?.close(CLOSE_CODES.draining.code)
    await down
    transport.wake()
    clock.advance(awayMs - 1)
    expect(clock.pending).toBe(1)
    transport.wake()
    expect(clock.pending).toBe(1)
    const connected = once(server, 'connection')
    // The random part.
    clock.advance(1001)
    await connected
    expect(sockets).toHaveLength(2)
  },
)
