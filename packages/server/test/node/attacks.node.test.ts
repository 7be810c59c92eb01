import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestRoom } from '@conclave/server/testing'
import { afterEach, expect, test, vi } from 'vitest'
import { maskedText, SocketClient, start, stopAll, upgradeRequest } from './sockets.ts'

// Real sockets take long on a machine that has other work.
vi.setConfig({ testTimeout: 60_000 })

const opened: Socket[] = []

afterEach(async () => {
  for (const socket of opened.splice(0)) socket.destroy()
  await stopAll()
})

/** A bare connection from an address of this machine. */
function open(port: number, localAddress: string): Socket {
  const socket = connect({ port, host: '127.0.0.1', localAddress })
  socket.on('error', () => {})
  opened.push(socket)
  return socket
}

const MALLORY = '127.0.0.66'
const PATIENT = { timeout: 30_000 }

const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => socket.once('close', () => resolve()))

/** Resolves when the hub says the end of a WebSocket, with its code. */
const endOf = (socket: Socket): Promise<number> =>
  new Promise((resolve) => {
    socket.on('data', (data: Buffer) => {
      const at = data.indexOf(CLOSE)
      if (at >= 0) resolve(data.readUInt16BE(at + 2))
    })
  })
/** The opcode of a close frame. */
const CLOSE = 0x88

test('[H40] silent connections of one address leave the hub to others, and end by its clock', async () => {
  const limits = { socketsPerAddress: 3, sockets: 5, requestDeadlineMs: 500 }
  const { url, port, origin, hub } = await start({ limits })
  const silent = Array.from({ length: 20 }, () => open(port, MALLORY))
  const gone = Promise.all(silent.map(closed))
  expect((await fetch(`${origin}/healthz`)).status).toBe(200)
  const room = await createTestRoom()
  await new SocketClient(url).joined(room)
  await gone
  expect(hub.stats().sockets).toMatchObject({ 'sockets-of-address': 17, silent: 3 })
})

test('[H41] a client that does not read a file is ended, one that reads it slowly gets it', async () => {
  const staticDir = mkdtempSync(join(tmpdir(), 'conclave-'))
  try {
    writeFileSync(join(staticDir, 'index.html'), '<!doctype html>')
    writeFileSync(join(staticDir, 'large.bin'), Buffer.alloc(20_000_000, 7))
    const { port, hub } = await start({ limits: { requestDeadlineMs: 500 } }, { staticDir })
    const ask = (socket: Socket): boolean =>
      socket.write(`GET /large.bin HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
    const stalled = open(port, MALLORY)
    stalled.pause()
    ask(stalled)
    const slow = open(port, MALLORY)
    ask(slow)
    let bytes = 0
    slow.on('data', (piece: Buffer) => {
      bytes += piece.length
      slow.pause()
      setTimeout(() => slow.resume(), 1)
    })
    await Promise.all([
      once(slow, 'end'),
      vi.waitUntil(() => hub.stats().sockets.stalled === 1, PATIENT),
    ])
    expect(bytes).toBeGreaterThan(20_000_000)
  } finally {
    rmSync(staticDir, { recursive: true })
  }
})

test('[H40] an address that asks for files without end is told to wait, then closed, and others are not', async () => {
  const { port, origin, hub } = await start({ limits: { requestBurst: 5, requestsPerSecond: 1 } })
  const socket = open(port, MALLORY)
  let text = ''
  socket.on('data', (data: Buffer) => (text += data.toString('latin1')))
  socket.write('GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(8))
  await vi.waitUntil(() => text.split('HTTP/1.1 ').length > 8, PATIENT)
  expect(text.match(/HTTP\/1.1 (\d+)/g)?.map((line) => line.slice(9))).toContain('429')
  const other = open(port, MALLORY)
  socket.write('GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(20))
  await Promise.all([closed(socket), closed(other), closed(open(port, MALLORY))])
  expect(hub.stats().sockets.flood).toBe(3)
  expect((await fetch(`${origin}/healthz`)).status).toBe(200)
})

/** A WebSocket without a client library, which is in no room. */
async function upgraded(port: number): Promise<Socket> {
  const socket = open(port, MALLORY)
  socket.write(upgradeRequest(port))
  await once(socket, 'data')
  return socket
}

test('[H42] a flood of pongs ends its connection with 4429, and disturbs nobody', async () => {
  const { url, port } = await start()
  const room = await createTestRoom()
  const alice = await new SocketClient(url).joined(room)
  const bob = await new SocketClient(url).joined(room)
  const flood = await upgraded(port)
  const end = endOf(flood)
  const pong = Buffer.from([0x8a, 0x80, 1, 2, 3, 4])
  flood.write(Buffer.concat(Array.from({ length: 10_000 }, () => pong)))
  for (let n = 0; n < 5; n += 1) {
    alice.publish(new Uint8Array([n]))
    await bob.until(() => (bob.frames.length > n ? true : undefined))
  }
  expect(await end).toBe(4429)
})

test('[H42] a message that is written byte by byte ends its connection, one that comes in time does not', async () => {
  const { port } = await start({ limits: { messageDeadlineMs: 300, joinDeadlineMs: 60_000 } })
  const writer = await upgraded(port)
  const quick = await upgraded(port)
  const ping = Buffer.from(maskedText('{"type":"ping","id":7}'))
  const end = endOf(writer)
  for (const byte of ping.subarray(0, 5)) {
    writer.write(Buffer.from([byte]))
    await new Promise((resolve) => setImmediate(resolve))
  }
  for (let n = 0; n < 3; n += 1) {
    quick.write(ping.subarray(0, 9))
    quick.write(ping.subarray(9))
    await once(quick, 'data')
  }
  expect(await end).toBe(4410)
  quick.write(ping)
  await once(quick, 'data')
})

test('[H43] a burst of many connections of one address is worked off in rounds: another pair goes on between', async () => {
  const { url } = await start({
    limits: { connectionsPerAddress: 40, bytesPerSecond: 1_000_000_000 },
  })
  const [busy, quiet] = [await createTestRoom(), await createTestRoom()]
  const alice = await new SocketClient(url).joined(quiet)
  const bob = await new SocketClient(url).joined(quiet)
  const mallory = []
  for (let n = 0; n < 16; n += 1) {
    const client = new SocketClient(url, { localAddress: MALLORY })
    mallory.push(await client.joined(busy))
  }
  const count = 200
  for (const client of mallory) for (let n = 0; n < count; n += 1) client.publish(new Uint8Array(1))
  const [first] = mallory
  if (first === undefined) throw new Error('unreachable')
  const busyFrames = 15 * count
  alice.publish(new Uint8Array(1))
  await bob.until(() => bob.frames[0])
  // The rest of the burst, in which nothing is lost, comes after it.
  const before = first.frames.filter(({ type }) => type === 'deliver').length
  expect(before).toBeLessThan(busyFrames)
  const delivered = (): number => first.frames.filter(({ type }) => type === 'deliver').length
  await first.until(() => (delivered() === busyFrames ? true : undefined))
})
