/** A hub that lets a session in, and then says what no hub says. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { VirtualClock, createRandom } from '@conclave/base/testing'
import {
  deriveLinkKeys,
  generateLinkSecret,
  randomMessageId,
  randomParticipantId,
} from '@conclave/e2ee'
import { createSessionKeys } from '@conclave/e2ee/session'
import { decodeClientMessage, encodeDataFrame, encodeMessage } from '@conclave/wire'
import { expect, onTestFinished, test } from 'vitest'
import { type WebSocket as ServerSocket, WebSocketServer } from 'ws'
import { HubTransport } from '../../src/hub/hub-transport.ts'
import { LIMITS } from './hub-limits.ts'

test('[R181] a hub that names no interval is probed once a second', async () => {
  const { clock, socket, log, pings } = await joined({ ...LIMITS, pingIntervalMs: 0 })
  for (let passedMs = 0; passedMs < 5000; passedMs += 100) {
    clock.advance(100)
    // What was said is here before the answer to this, and its answer is there.
    socket.ping()
    await once(socket, 'pong')
  }
  expect(pings.length).toBeGreaterThan(1)
  expect(pings.length).toBeLessThanOrEqual(5)
  expect(log).not.toContain('down')
})

test('[R21] garbage of every kind changes nothing', async () => {
  const { socket, log } = await joined(LIMITS)
  const objects = ['{', '[]', 'null', '{"type":"joined"}', '{"type":"__proto__"}']
  for (const text of ['', ...objects, '['.repeat(8000), 'x'.repeat(20_000)]) {
    for (let times = 0; times < 30; times += 1) socket.send(text)
  }
  const random = createRandom(1)
  for (let times = 0; times < 500; times += 1) {
    socket.send(Uint8Array.from({ length: random() * 500 }, () => random() * 256))
  }
  const [id, from] = [randomMessageId(), randomParticipantId()]
  const payload = new Uint8Array(1)
  socket.send(encodeDataFrame({ type: 'deliver', channel: 7, position: 1n, id, from, payload }))
  await expect.poll(() => log.at(-1)).toBe('message')
  const dropped = log.slice(0, -1)
  // A type that a later hub may have is passed over. spec W19
  expect(dropped).toHaveLength(7 * 30 + 500)
  expect(new Set(dropped)).toEqual(new Set(['malformed-control', 'malformed-frame']))
})

/** A session in the room of such a hub, what it tells, and the hub's end of its connection. */
async function joined(limits: typeof LIMITS): Promise<{
  readonly clock: VirtualClock
  readonly socket: ServerSocket
  readonly log: readonly string[]
  readonly pings: readonly unknown[]
}> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  const [log, pings, sockets]: [string[], unknown[], ServerSocket[]] = [[], [], []]
  server.on('connection', (socket) => {
    sockets.push(socket)
    socket.on('message', (data: Buffer) => {
      const said = decodeClientMessage(String(data))
      if (said?.type === 'ping') {
        pings.push(said)
        socket.send(encodeMessage({ type: 'pong', id: said.id }))
      }
      if (said?.type !== 'join') return
      const { room } = said
      socket.send(encodeMessage({ type: 'joined', room, channel: 7, participants: [], limits }))
    })
    socket.send(encodeMessage({ type: 'challenge', version: 1, nonce: 'A'.repeat(43) }))
  })
  const clock = new VirtualClock()
  const { port } = server.address() as AddressInfo
  const transport = new HubTransport({
    ...(await deriveLinkKeys(generateLinkSecret())),
    ...{ clock, session: await createSessionKeys(), url: `ws://127.0.0.1:${port}/hub` },
  })
  transport.on('down', () => log.push('down'))
  transport.on('dropped', ({ reason }) => log.push(reason))
  transport.on('message', () => log.push('message'))
  onTestFinished(() => {
    transport.close()
    server.close()
  })
  await transport.open()
  const [socket] = sockets
  if (socket === undefined) throw new Error('expected a connection')
  return { clock, socket, log, pings }
}
