import type { AddressInfo } from 'node:net'
import {
  deriveLinkKeys,
  generateLinkSecret,
  randomMessageId,
  randomParticipantId,
  SEALED_OVERHEAD_BYTES,
} from '@conclave/e2ee'
import { createSessionKeys } from '@conclave/e2ee/session'
import {
  CLOSE_CODES,
  decodeClientMessage,
  decodeDataFrame,
  encodeDataFrame,
  encodeMessage,
} from '@conclave/wire'
import type { ServerMessage } from '@conclave/wire'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type WebSocket as ServerSocket, WebSocketServer } from 'ws'
import { HubTransport } from '../../src/hub/hub-transport.ts'
import { VirtualClock } from '@conclave/base/testing'
import { LIMITS } from './hub-limits.ts'
import { stand } from './stand.ts'

/** A hub that says what a test tells it to say, and no more. */
let server: WebSocketServer
let clock: VirtualClock
let transport: HubTransport
let log: string[]
let heard: (string | Uint8Array)[]
let waiting: ((socket: ServerSocket) => void)[]
let wakeListeners: Set<() => void>

beforeEach(async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await new Promise((resolve) => server.once('listening', resolve))
  waiting = []
  heard = []
  log = []
  server.on('connection', (socket) => {
    socket.on('message', (data: Buffer, isBinary) => heard.push(isBinary ? data : String(data)))
    waiting.shift()?.(socket)
  })
  clock = new VirtualClock()
  const { room, access } = await deriveLinkKeys(generateLinkSecret())
  const { port } = server.address() as AddressInfo
  const [session, url] = [await createSessionKeys(), `ws://127.0.0.1:${port}/hub`]
  wakeListeners = new Set()
  const wakeSignals = {
    subscribe(listener: () => void): () => void {
      wakeListeners.add(listener)
      return () => wakeListeners.delete(listener)
    },
  }
  transport = new HubTransport({ url, room, session, access, clock, wakeSignals })
  for (const type of ['up', 'down'] as const) transport.on(type, () => log.push(type))
  transport.on('dropped', ({ reason }) => log.push(`dropped ${reason}`))
  transport.on('ended', ({ reason }) => log.push(`ended ${reason}`))
  transport.on('message', () => log.push('message'))
  transport.on('refused', ({ id }) => log.push(`refused ${id}`))
})

afterEach(async () => {
  transport.close()
  for (const socket of server.clients) socket.terminate()
  await new Promise((resolve) => server.close(resolve))
})

test('[R4] a hub that stands still is noticed within 9 s, and found again', async () => {
  await joined()
  clock.advance(4999)
  await expect.poll(pings).toBe(0)
  clock.advance(1)
  await expect.poll(pings).toBe(1)
  const again = accept()
  clock.advance(3999)
  expect(log).toEqual(['up'])
  clock.advance(1)
  expect(log).toEqual(['up', 'down'])
  await connected(again)
  await expect.poll(() => log).toEqual(['up', 'down', 'up'])
})

test('[R4] a hub that names a shorter interval is probed after it', async () => {
  await joined({ ...LIMITS, pingIntervalMs: 1000 })
  clock.advance(1000)
  await expect.poll(pings).toBe(1)
})

test('[R4] a connection that answers is kept', async () => {
  const socket = await joined()
  clock.advance(5000)
  await expect.poll(pings).toBe(1)
  socket.send(encodeMessage({ type: 'pong', id: 1 }))
  socket.send('{')
  await expect.poll(() => log).toContain('dropped malformed-control')
  clock.advance(4000)
  clock.advance(1000)
  await expect.poll(pings).toBe(2)
  expect(log).not.toContain('down')
})

test('[R3] a hub that comes back after many attempts is found again', async () => {
  const socket = await joined()
  for (let attempt = 0; attempt < 4; attempt += 1) waiting.push((refused) => refused.terminate())
  const again = accept()
  socket.terminate()
  await expect.poll(() => log).toContain('down')
  await expect
    .poll(() => {
      clock.advance(STEP_MS)
      return log
    })
    .toEqual(['up', 'down', 'up'])
  await again
})

const ERRORS: Record<string, string> = { full: 'ERR_CLIENT_FULL', replaced: 'ERR_CLIENT_CLOSED' }

describe.each(Object.entries(CLOSE_CODES))('[R3, W14] close code %s', (name, { code, retry }) => {
  const reason = ['replaced', 'full', 'removed'].includes(name) ? name : 'refused'

  test(`[R3, W14] ${name} ${retry ? 'keeps' : 'ends'} a session that was in the room`, async () => {
    const socket = await joined()
    await stand(socket, { clock, forMs: STOOD_MS })
    const again = accept()
    socket.close(code)
    await expect.poll(() => log).toEqual(retry ? ['up', 'down'] : ['up', `ended ${reason}`])
    // The longest pause of a code that tells to wait.
    clock.advance(500)
    const rest = retry ? await again.then(() => 'joined') : clock.pending
    expect(rest).toBe(retry ? 'joined' : 0)
  })

  test(`[R3, W14] ${name} ${retry ? 'does not end' : 'ends'} the first connect`, async () => {
    waiting.push((socket) => socket.close(code))
    const again = accept()
    const opened = transport.open().then(
      () => 'up',
      (error: { code: string }) => error.code,
    )
    if (retry) await connected(again)
    expect(await opened).toBe(retry ? 'up' : (ERRORS[name] ?? 'ERR_CLIENT_REFUSED'))
    expect(log).toEqual(retry ? ['down', 'up'] : [`ended ${reason}`])
  })
})

test('[R3] a hub that is away at first is found when it is there', async () => {
  for (let attempt = 0; attempt < 4; attempt += 1) waiting.push((refused) => refused.terminate())
  const again = accept()
  const opened = transport.open()
  await connected(again)
  await opened
  expect(log).toEqual(['down', 'up'])
})

test('[R3] the caller’s signal ends the first connect, between attempts too', async () => {
  waiting.push((refused) => refused.terminate())
  const abort = new AbortController()
  const opened = transport.open({ signal: abort.signal })
  await expect.poll(() => log).toEqual(['down'])
  abort.abort()
  await expect(opened).rejects.toMatchObject({ code: 'ERR_CLIENT_ABORTED' })
  expect(log).toEqual(['down', 'ended left'])
  expect(clock.pending).toBe(0)
})

test('[R3] a transport closed during the first connect rejects with that code', async () => {
  const opened = transport.open()
  transport.close()
  await expect(opened).rejects.toMatchObject({ code: 'ERR_CLIENT_CLOSED' })
})

test.each([0, 800, 3000])(
  '[R22] a connection that opened in %i ms is probed, and lost after as long, 0.5 to 2 s',
  async (openedInMs) => {
    server.once('connection', () => clock.advance(openedInMs))
    await joined()
    wake()
    wake()
    await expect.poll(pings).toBe(1)
    const again = accept()
    clock.advance(Math.max(500, Math.min(openedInMs, 2000)) - 1)
    expect(log).toEqual(['up'])
    clock.advance(1)
    expect(log).toEqual(['up', 'down'])
    clock.advance(0)
    await again
  },
)

test('[R22] a probe does not wait for one that was slower, and an answer ends both', async () => {
  const socket = await joined()
  clock.advance(5000)
  await expect.poll(pings).toBe(1)
  wake()
  await expect.poll(pings).toBe(2)
  socket.send(encodeMessage({ type: 'pong', id: 2 }))
  socket.send('{')
  await expect.poll(() => log).toContain('dropped malformed-control')
  clock.advance(4999)
  expect(log).not.toContain('down')
})

test('[R22] no listener is left after the end', async () => {
  await joined()
  expect(wakeListeners.size).toBe(1)
  transport.close()
  expect(wakeListeners.size).toBe(0)
})

test('[R23] acknowledgements and deliveries tell the position', async () => {
  const socket = await joined()
  const id = randomMessageId()
  const from = randomParticipantId()
  const events: unknown[] = []
  transport.on('acknowledged', (event) => events.push(event))
  transport.on('message', ({ position }) => events.push(position))
  transport.publish({ id, payload: new Uint8Array(1) })
  socket.send(encodeDataFrame({ type: 'ack', channel: 7, position: 41n, id }))
  const payload = new Uint8Array(1)
  socket.send(encodeDataFrame({ type: 'deliver', channel: 7, position: 42n, id, from, payload }))
  await expect.poll(() => events).toEqual([{ id, position: 41n }, 42n])
})

test('[R21] an unreadable message is dropped and the connection kept', async () => {
  const socket = await joined()
  socket.send('no json')
  socket.send(new Uint8Array(10))
  socket.send(new Uint8Array(4096).fill(255))
  await expect
    .poll(() => log)
    .toEqual([
      'up',
      'dropped malformed-control',
      'dropped malformed-frame',
      'dropped malformed-frame',
    ])
})

test('[R6, R31] a message refused for its rate is sent again, one refused for good is reported', async () => {
  const socket = await joined()
  const [fast, large] = [randomMessageId(), randomMessageId()]
  transport.publish({ id: fast, payload: new Uint8Array(1) })
  transport.publish({ id: large, payload: new Uint8Array(1) })
  await expect.poll(published).toEqual([fast, large])
  socket.send(encodeMessage({ type: 'refused', id: fast, reason: 'rate' }))
  socket.send(encodeMessage({ type: 'refused', id: large, reason: 'too-large' }))
  await expect.poll(() => log).toEqual(['up', `refused ${large}`, 'dropped refused-by-hub'])
  clock.advance(1000)
  await expect.poll(published).toEqual([fast, large, fast])
  expect(transport.isPending(large)).toBe(false)
})

test('[R5] unacknowledged messages are published again after a reconnect, in order', async () => {
  const socket = await joined()
  const ids = [randomMessageId(), randomMessageId(), randomMessageId()]
  for (const id of ids) transport.publish({ id, payload: new Uint8Array(1) })
  await expect.poll(published).toEqual(ids)
  await stand(socket, { clock, forMs: STOOD_MS })
  const again = accept()
  socket.terminate()
  await expect.poll(() => log).toContain('down')
  clock.advance(0)
  await again
  await expect.poll(published).toEqual([...ids, ...ids])
})

test('[R31] a message larger than the hub takes is refused before it is sealed', async () => {
  await joined()
  expect(transport.canPublish(LIMITS.maxPayloadBytes - SEALED_OVERHEAD_BYTES)).toBe(true)
  expect(transport.canPublish(LIMITS.maxPayloadBytes)).toBe(false)
})

/** The device may have been away. */
function wake(): void {
  for (const listener of wakeListeners) listener()
}

/** Lets time pass until a connection is made. */
async function connected(connection: Promise<ServerSocket>): Promise<void> {
  let isThere = false
  void connection.then(() => {
    isThere = true
  })
  await expect
    .poll(() => {
      clock.advance(STEP_MS)
      return isThere
    })
    .toBe(true)
}

async function joined(limits = LIMITS): Promise<ServerSocket> {
  const accepted = accept(limits)
  await transport.open()
  return accepted
}

/** Lets the next connection in: challenge, any proof, joined. */
function accept(limits = LIMITS): Promise<ServerSocket> {
  return new Promise((resolve) => {
    waiting.push((socket) => {
      const say = (message: ServerMessage): void => socket.send(encodeMessage(message))
      socket.on('message', (data: Buffer, isBinary) => {
        const message = isBinary ? undefined : decodeClientMessage(String(data))
        if (message?.type !== 'join') return
        say({ type: 'joined', room: message.room, channel: 7, participants: [], limits })
        resolve(socket)
      })
      say({ type: 'challenge', version: 1, nonce: 'A'.repeat(43) })
    })
  })
}

/** So small that a connection which is being made keeps seconds of real time until its deadline. */
const STEP_MS = 50
/** How long a connection stands before the next attempt comes at once. */
const STOOD_MS = 10_000

const pings = (): number =>
  heard.filter((data) => typeof data === 'string' && decodeClientMessage(data)?.type === 'ping')
    .length

const published = (): string[] =>
  heard.flatMap((data) => {
    const frame = typeof data === 'string' ? undefined : decodeDataFrame(new Uint8Array(data))
    return frame?.type === 'publish' ? [frame.id] : []
  })
