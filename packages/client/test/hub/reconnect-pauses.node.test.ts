import type { AddressInfo } from 'node:net'
import { VirtualClock } from '@conclave/base/testing'
import { deriveLinkKeys, generateLinkSecret, randomParticipantId } from '@conclave/e2ee'
import { CLOSE_CODES, decodeClientMessage, encodeMessage } from '@conclave/wire'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type WebSocket as ServerSocket, WebSocketServer } from 'ws'
import { HubTransport } from '../../src/hub/hub-transport.ts'
import { LIMITS } from './hub-limits.ts'

let server: WebSocketServer
let clock: VirtualClock
let transport: HubTransport
/** The connection that was let in last. */
let socket: ServerSocket | undefined
let counts: { up: number; down: number }
/** The delays of all timers of the transport. */
let delaysMs: number[]

beforeEach(async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await new Promise((resolve) => server.once('listening', resolve))
  server.on('connection', letIn)
  delaysMs = []
  clock = new VirtualClock()
  clock.setTimeout = (callback, delayMs) => {
    delaysMs.push(delayMs)
    return VirtualClock.prototype.setTimeout.call(clock, callback, delayMs)
  }
  const { room, access } = await deriveLinkKeys(generateLinkSecret())
  const { port } = server.address() as AddressInfo
  const url = `ws://127.0.0.1:${port}/hub`
  transport = new HubTransport({ url, room, self: randomParticipantId(), access, clock })
  counts = { up: 0, down: 0 }
  for (const type of ['up', 'down'] as const) transport.on(type, () => (counts[type] += 1))
  vi.spyOn(crypto, 'getRandomValues').mockImplementation((array) => {
    if (array instanceof Uint8Array && array.length === 4) array.fill(255)
    return array
  })
})

afterEach(async () => {
  vi.restoreAllMocks()
  transport.close()
  for (const client of server.clients) client.terminate()
  await new Promise((resolve) => server.close(resolve))
})

const codes = Object.entries(CLOSE_CODES).filter(([, { retry }]) => retry)

test.each(codes)(
  '[R3, W14] after %s pauses grow until a connection stood for 10 s',
  async (_name, { code }) => {
    await transport.open()
    const pausesMs: (number | undefined)[] = []
    for (let n = 0; n < 6; n += 1) pausesMs.push(await pauseAfter(code))
    expect(pausesMs).toEqual([500, 1000, 2000, 4000, 5000, 5000])
    clock.advance(STOOD_MS - 1)
    expect(await pauseAfter(code)).toBe(5000)
    clock.advance(STOOD_MS)
    expect(await pauseAfter(code)).toBe(0)
  },
)

/** Ends the connection and lets the next one in; returns the pause between them. */
async function pauseAfter(code: number): Promise<number | undefined> {
  const { up, down } = counts
  delaysMs.length = 0
  socket?.close(code)
  await expect.poll(() => counts.down).toBe(down + 1)
  const pauseMs = delaysMs.at(-1)
  clock.advance(pauseMs ?? 0)
  await expect.poll(() => counts.up).toBe(up + 1)
  return pauseMs
}

/** Lets a connection in: challenge, any proof, joined. */
function letIn(connection: ServerSocket): void {
  connection.on('message', (data: Buffer, isBinary) => {
    const message = isBinary ? undefined : decodeClientMessage(String(data))
    if (message?.type !== 'join') return
    socket = connection
    const { room } = message
    const joined = { type: 'joined', room, channel: 7, participants: [], limits: LIMITS } as const
    connection.send(encodeMessage(joined))
  })
  connection.send(encodeMessage({ type: 'challenge', version: 1, nonce: 'A'.repeat(43) }))
}

const STOOD_MS = 10_000
