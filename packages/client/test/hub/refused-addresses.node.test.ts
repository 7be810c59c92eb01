/** Browsers that refuse to open the hub's address, as they do with `ws:` from an https page. */
import type { AddressInfo } from 'node:net'
import { VirtualClock } from '@conclave/base/testing'
import { deriveLinkKeys, generateLinkSecret } from '@conclave/e2ee'
import { createSessionKeys } from '@conclave/e2ee/session'
import { decodeClientMessage, encodeMessage } from '@conclave/wire'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { WebSocketServer } from 'ws'
import { HubTransport } from '../../src/hub/hub-transport.ts'
import { LIMITS } from './hub-limits.ts'

let server: WebSocketServer
let clock: VirtualClock
let transport: HubTransport
let log: string[]
let wake: (() => void) | undefined

beforeEach(async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await new Promise((resolve) => server.once('listening', resolve))
  server.on('connection', (socket) => {
    socket.send(encodeMessage({ type: 'challenge', version: 1, nonce: 'A'.repeat(43) }))
    socket.on('message', (text: Buffer) => {
      const message = decodeClientMessage(String(text))
      if (message?.type !== 'join') return
      const { room } = message
      const joined = { type: 'joined', room, channel: 7, participants: [], limits: LIMITS } as const
      socket.send(encodeMessage(joined))
    })
  })
  const { room, access } = await deriveLinkKeys(generateLinkSecret())
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/hub`
  clock = new VirtualClock()
  log = []
  const wakeSignals = {
    subscribe(listener: () => void): () => void {
      wake = listener
      return () => (wake = undefined)
    },
  }
  const session = await createSessionKeys()
  transport = new HubTransport({ url, room, session, access, clock, wakeSignals })
  for (const type of ['up', 'down', 'ended'] as const) transport.on(type, () => log.push(type))
})

afterEach(async () => {
  vi.unstubAllGlobals()
  transport.close()
  for (const socket of server.clients) socket.terminate()
  await new Promise((resolve) => server.close(resolve))
})

test('[R42] an address that the browser refuses ends the first connect with the cause', async () => {
  refuse()
  await expect(transport.open()).rejects.toMatchObject({
    ...{ code: 'ERR_CLIENT_ARGUMENT', details: { argument: 'hub' } },
    cause: { name: 'SecurityError' },
  })
  expect([clock.pending, wake]).toEqual([0, undefined])
})

test('[R42] an attempt that the browser refuses later is lost, and others follow', async () => {
  await transport.open()
  refuse()
  for (const socket of server.clients) socket.terminate()
  await expect.poll(() => log).toEqual(['up', 'down'])
  for (let attempt = 0; attempt < 5; attempt += 1) clock.advance(5000)
  wake?.()
  expect(clock.pending).toBe(1)
  vi.unstubAllGlobals()
  clock.advance(5000)
  await expect.poll(() => log).toEqual(['up', 'down', 'up'])
})

const refuse = (): void => {
  vi.stubGlobal('WebSocket', function refusing() {
    throw new DOMException('The operation is insecure.', 'SecurityError')
  })
}
