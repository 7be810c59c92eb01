import { connect } from 'node:net'
import { createTestRoom, tapServer } from '@conclave/server/testing'
import { encodeMessage } from '@conclave/wire'
import { afterEach, expect, test, vi } from 'vitest'
import { maskedText, SocketClient, start, stopAll, upgradeRequest } from '../node/sockets.ts'
import { bytes } from '../support.ts'

// Real sockets and processes take long on a machine that has other work.
vi.setConfig({ testTimeout: 60_000 })

afterEach(stopAll)

test('the tap sees every byte that a client sends: request, frames without masks, control frames', async () => {
  const seen = { socket: '', frames: '' }
  const { url, origin } = await start(
    {},
    {
      beforeListen: tapServer(({ layer, bytes: piece }) => {
        seen[layer] += Buffer.from(piece).toString('latin1')
      }),
    },
  )
  await fetch(`${origin}/r/canary-path?canary-query`, { headers: { 'x-canary': 'canary-header' } })
  const alice = await new SocketClient(url, { headers: { cookie: 'canary-cookie' } }).joined(
    await createTestRoom(),
  )
  alice.publish(bytes('canary-payload'))
  alice.socket.send('canary-text')
  alice.socket.ping('canary-ping')
  alice.socket.close(1000, 'canary-close')
  await alice.ended
  for (const canary of [
    'canary-path',
    'canary-query',
    'canary-header',
    'canary-cookie',
    'conclave.v1',
  ]) {
    expect(seen.socket).toContain(canary)
  }
  for (const canary of [
    'canary-payload',
    'canary-text',
    'canary-ping',
    'canary-close',
    alice.participant,
  ]) {
    expect(seen.frames).toContain(canary)
  }
})

test('the tap sees exactly what was sent, once, also what comes with the handshake or is malformed', async () => {
  const seen: Record<string, number[]> = { socket: [], frames: [] }
  const { port, hub } = await start(
    {},
    { beforeListen: tapServer(({ layer, bytes: piece }) => void seen[layer]?.push(...piece)) },
  )
  const upgrade = upgradeRequest(port)
  const ping = maskedText(encodeMessage({ type: 'ping', id: 1 }))
  const reservedBit = [0xf1, 0x86, 0, 0, 0, 0, ...bytes('canary')]
  const sent = Buffer.concat([Buffer.from(upgrade), Buffer.from(ping), Buffer.from(reservedBit)])
  const socket = connect(port, '127.0.0.1', () => socket.write(sent))
  socket.on('error', () => {}).resume()
  await new Promise((resolve) => socket.on('end', resolve))
  socket.destroy()
  expect(Buffer.from(seen['socket'] ?? [])).toEqual(sent)
  expect(Buffer.from(seen['frames'] ?? []).toString()).toBe(
    `${encodeMessage({ type: 'ping', id: 1 })}canary`,
  )
  expect(hub.stats().received).toBe(1)
})
