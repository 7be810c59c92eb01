import type { AddressInfo } from 'node:net'
import { deriveLinkKeys, generateLinkSecret, randomMessageId } from '@conclave/e2ee'
import { createSessionKeys } from '@conclave/e2ee/session'
import { VirtualClock } from '@conclave/base/testing'
import {
  decodeClientMessage,
  decodeDataFrame,
  encodeDataFrame,
  encodeMessage,
} from '@conclave/wire'
import type { ConnectionLimits, MessageId, ServerMessage } from '@conclave/wire'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type WebSocket as ServerSocket, WebSocketServer } from 'ws'
import { HubTransport } from '../../src/hub/hub-transport.ts'
import { LIMITS } from './hub-limits.ts'

let server: WebSocketServer
let transport: HubTransport
let clock: VirtualClock
let pings: number
let published: MessageId[]
let dropped: number
let downs: number

beforeEach(async () => {
  server = new WebSocketServer({ port: 0, handleProtocols: () => 'conclave.v1' })
  const { port } = server.address() as AddressInfo
  const { room, access } = await deriveLinkKeys(generateLinkSecret())
  clock = new VirtualClock()
  ;[pings, published, dropped, downs] = [0, [], 0, 0]
  const url = `ws://127.0.0.1:${port}/hub`
  transport = new HubTransport({ url, room, access, session: await createSessionKeys(), clock })
  transport.on('dropped', () => (dropped += 1))
  transport.on('down', () => (downs += 1))
})

afterEach(async () => {
  transport.close()
  for (const socket of server.clients) socket.terminate()
  await new Promise((resolve) => server.close(resolve))
})

test('[R4] a session that only listens says something every 5 s, and is kept', async () => {
  const socket = await joined()
  for (let second = 1; second <= 12; second += 1) {
    clock.advance(1000)
    socket.send('{')
    await expect.poll(() => dropped).toBe(second)
  }
  await expect.poll(() => pings).toBe(2)
  expect(downs).toBe(0)
})

test('[W18] a session has no more messages on their way than the hub takes, and goes on with each answer', async () => {
  const socket = await joined({ ...LIMITS, publishesInFlight: 2, maxMessageBytes: 1048 })
  expect(transport.canPublish(1001)).toBe(false)
  const ids = Array.from({ length: 4 }, () => randomMessageId())
  for (const id of ids) transport.publish({ id, payload: new Uint8Array(1) })
  await expect.poll(() => published).toEqual(ids.slice(0, 2))
  const answer = (id: MessageId | undefined, position: bigint): void =>
    socket.send(encodeDataFrame({ type: 'ack', channel: 7, position, id: id as MessageId }))
  answer(ids[0], 1n)
  await expect.poll(() => published).toEqual(ids.slice(0, 3))
  socket.send(encodeMessage({ type: 'refused', id: ids[1] as MessageId, reason: 'absent' }))
  await expect.poll(() => published).toEqual(ids)
})

/** Opens the transport to a hub that lets it in and names these limits. */
async function joined(limits: ConnectionLimits = LIMITS): Promise<ServerSocket> {
  const accepted = new Promise<ServerSocket>((resolve) => {
    server.once('connection', (socket) => {
      const say = (message: ServerMessage): void => socket.send(encodeMessage(message))
      socket.on('message', (data: Buffer, isBinary) => {
        const frame = isBinary ? decodeDataFrame(new Uint8Array(data)) : undefined
        if (frame?.type === 'publish') published.push(frame.id)
        const message = isBinary ? undefined : decodeClientMessage(String(data))
        if (message?.type === 'ping') pings += 1
        if (message?.type !== 'join') return
        say({ type: 'joined', room: message.room, channel: 7, participants: [], limits })
        resolve(socket)
      })
      say({ type: 'challenge', version: 1, nonce: 'A'.repeat(43) })
    })
  })
  await transport.open()
  return accepted
}
