import { connect, type Socket } from 'node:net'
import { createMemoryEngine, DEFAULT_LIMITS } from '@conclave/server'
import type { Engine } from '@conclave/server'
import { createTestRoom } from '@conclave/server/testing'
import { afterEach, expect, test, vi } from 'vitest'
import { SocketClient, start, stopAll } from './sockets.ts'

// Real sockets take long on a machine that has other work.
vi.setConfig({ testTimeout: 60_000 })

afterEach(stopAll)

const socketOf = (client: SocketClient): Socket =>
  (client.socket as unknown as { readonly _socket: Socket })._socket

test('[H25] all 24 of a room who say one long message at once read all of it, and none is slow', async () => {
  const count = 24
  const { url, hub } = await start({ limits: { maxParticipants: count } })
  const room = await createTestRoom()
  const clients = []
  for (let n = 0; n < count; n += 1) clients.push(await new SocketClient(url).joined(room))
  for (const client of clients) client.publish(new Uint8Array(60_000))
  const isDone = (client: SocketClient): true | undefined =>
    client.frames.length === count ? true : undefined
  await Promise.all(clients.map((client) => client.until(() => isDone(client))))
  expect(hub.stats().connections).toBe(count)
  expect(hub.stats().delivered).toBe(count * (count - 1))
})

test('[H25] a socket that takes nothing is ended, one that takes little at a time is kept and gets everything', async () => {
  const burst = { bytesBurst: 16_777_216, bytesPerSecond: 16_777_216 }
  const limits = { ...burst, outboundSlowMs: 1000, outboundHardBytes: 33_554_432 }
  const { url } = await start({ limits })
  const room = await createTestRoom()
  const alice = await new SocketClient(url).joined(room)
  const bob = await new SocketClient(url).joined(room)
  const eve = await new SocketClient(url).joined(room)
  socketOf(eve).pause()
  let taken = 0
  const timer = setInterval(() => {
    // A piece at a time, with pauses between.
    socketOf(bob).resume()
    setImmediate(() => socketOf(bob).pause())
    taken += 1
  }, 5)
  socketOf(bob).pause()
  // More than the system keeps for a socket.
  const count = 220
  for (let n = 0; n < count; n += 1) {
    alice.publish(new Uint8Array(65_000))
    await alice.until(() => (alice.frames.length > n ? true : undefined))
  }
  const left = await alice.until(() =>
    alice.messages.find(({ type }) => type === 'participantLeft'),
  )
  expect(left).toMatchObject({ participant: eve.participant, reason: 'lost' })
  await bob.until(() => (bob.frames.length === count ? true : undefined))
  clearInterval(timer)
  expect(taken).toBeGreaterThan(10)
  expect(bob.socket.readyState).toBe(bob.socket.OPEN)
})

test('[H39] an engine that stands still makes the hub stop reading sockets, and all that was said arrives', async () => {
  const inner = createMemoryEngine()
  let release: () => void = () => {}
  const opened = new Promise<void>((resolve) => (release = resolve))
  const engine: Engine = {
    attach: async (room, listener) => {
      const channel = await inner.attach(room, listener)
      return { ...channel, publish: (message) => opened.then(() => channel.publish(message)) }
    },
    close: () => inner.close(),
  }
  const limits = { publishesInFlight: 20, publishBurst: 20, publishPerSecond: 1_000_000 }
  const { url, hub } = await start({ engine, limits })
  const room = await createTestRoom()
  const alice = await new SocketClient(url).joined(room)
  const bob = await new SocketClient(url).joined(room)
  for (let n = 0; n < 60; n += 1) alice.publish(new Uint8Array([n]))
  await alice.heard('pong')
  expect(hub.stats()).toMatchObject({ pauses: 1, connections: 2 })
  // What was read and what was not waits.
  expect(hub.stats().received).toBeLessThan(30)
  release()
  await alice.until(() => (alice.frames.length === 60 ? true : undefined))
  await bob.until(() => (bob.frames.length === 60 ? true : undefined))
  expect(alice.messages.map(({ type }) => type)).not.toContain('refused')
  expect(alice.socket.readyState).toBe(alice.socket.OPEN)
})

test('[H26] a peer whose network is gone is gone within the ping and its deadline', async () => {
  const limits = { pingIntervalMs: 200, pongDeadlineMs: 200 }
  const { url } = await start({ limits })
  const room = await createTestRoom()
  const alice = await new SocketClient(url).joined(room)
  const bob = await new SocketClient(url).joined(room)
  socketOf(bob).pause()
  expect(await alice.heard('participantLeft')).toMatchObject({ reason: 'lost' })
  expect(alice.socket.readyState).toBe(alice.socket.OPEN)
  const { pingIntervalMs, pongDeadlineMs } = DEFAULT_LIMITS
  expect(pingIntervalMs + pongDeadlineMs).toBeLessThanOrEqual(10_000)
})

test('[H29] an offer of a protocol that the hub does not know is ignored', async () => {
  const { port } = await start()
  const ask = (target: string, upgrade: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1')
      let text = ''
      socket.on('data', (data: Buffer) => (text += data.toString('latin1')))
      socket.on('end', () => resolve(text))
      socket.on('error', reject)
      const offer = `Connection: Upgrade, HTTP2-Settings\r\nUpgrade: ${upgrade}\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA`
      socket.write(`GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${offer}\r\n\r\n`)
    })
  expect(await ask('/healthz', 'h2c')).toMatch(/^HTTP\/1.1 200 [^]*\{"status":"ok"\}/)
  expect(await ask('/hub', 'h2c')).toMatch(/^HTTP\/1.1 426 /)
  expect(await ask('/healthz', 'WebSocket')).toMatch(/^HTTP\/1.1 404 /)
})
