import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { connect, createServer } from 'node:tls'
import type { TLSSocket } from 'node:tls'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createSelfSigned } from '../../src/node/self-signed.ts'
import { WebSocket, WebSocketServer } from 'ws'
import { dropUnread, leftBytes } from '../../src/node/socket-facts.ts'

// Real sockets take long on a machine that has other work.
vi.setConfig({ testTimeout: 30_000 })

test('[H25, H48] over TLS the bytes that a client takes are seen while one long write lasts', async () => {
  const server = createServer(createSelfSigned(['127.0.0.1'])).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const accepted = once(server, 'secureConnection') as Promise<[TLSSocket]>
  const client = connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
  const [stream] = await accepted
  onTestFinished(() => void stream.destroy())
  client.on('error', () => {})
  stream.on('error', () => {})
  let isWritten = false
  stream.write(new Uint8Array(32 * MIB), () => (isWritten = true))
  // The system keeps less than the rest for a socket that nobody reads.
  await new Promise<void>((resolve) => {
    let taken = 0
    client.on('data', ({ length }) => {
      taken += length
      if (taken < 16 * MIB) return
      client.pause()
      resolve()
    })
  })
  expect(isWritten).toBe(false)
  expect(leftBytes(stream)).toBeGreaterThanOrEqual(16 * MIB)
  client.destroy()
})

test('[H42] the rest of a flood that was read is dropped, and none of it is handed over', async () => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  onTestFinished(() => server.close())
  await once(server, 'listening')
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const [socket] = (await once(server, 'connection')) as [WebSocket]
  let pongs = 0
  const flooded = new Promise<void>((resolve) => {
    socket.on('pong', () => {
      pongs += 1
      if (pongs < 65) return
      dropUnread(socket)
      socket.pause()
      resolve()
    })
  })
  await once(client, 'open')
  const pong = Buffer.from([0x8a, 0x80, 1, 2, 3, 4])
  const { _socket: stream } = client as unknown as { readonly _socket: Socket }
  stream.write(Buffer.concat(Array.from({ length: 5000 }, () => pong)))
  await flooded
  await turn()
  expect(pongs).toBe(65)
  client.terminate()
  socket.terminate()
})

const MIB = 1_048_576
