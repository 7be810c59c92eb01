/** How soon a connection notices that nothing is answered. */
import { once } from 'node:events'
import { VirtualClock } from '@conclave/base/testing'
import { deriveLinkKeys, generateLinkSecret, randomMessageId } from '@conclave/e2ee'
import { createSessionKeys } from '@conclave/e2ee/session'
import { decodeClientMessage, encodeDataFrame, encodeMessage } from '@conclave/wire'
import type { MessageId } from '@conclave/wire'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { type WebSocket as ServerSocket, WebSocketServer } from 'ws'
import { WebSocketConnection } from '../../src/hub/websocket-connection.ts'
import { LIMITS } from './hub-limits.ts'

/** A hub that lets everybody in, and then says only what a test says. */
let hub: ServerSocket
let clock: VirtualClock
let connection: WebSocketConnection
/** Counts what came to the hub, and what happened to the connection. */
let heard: { publishes: number; pings: number }
let events: string[]

beforeEach(async () => {
  clock = new VirtualClock()
  heard = { publishes: 0, pings: 0 }
  events = []
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  onTestFinished(() => server.close())
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('expected a port')
  const { room, access } = await deriveLinkKeys(generateLinkSecret())
  const session = await createSessionKeys()
  const accepted = once(server, 'connection')
  const joined = new Promise<void>((resolve) => {
    const note = (event: string) => (): unknown => events.push(event)
    connection = new WebSocketConnection(
      { url: `ws://127.0.0.1:${address.port}/hub`, room, session, access, clock },
      {
        joined: () => resolve(),
        ...{ control: note('answer'), frame: note('answer'), malformed: note('read') },
        ...{ unsigned: note('unsigned'), closed: note('closed') },
      },
    )
  })
  ;[hub] = (await accepted) as [ServerSocket]
  onTestFinished(() => hub.terminate())
  hub.on('message', (data: Buffer, isBinary) => {
    const message = isBinary ? undefined : decodeClientMessage(String(data))
    if (isBinary) heard.publishes += 1
    if (message?.type === 'ping') heard.pings += 1
    if (message?.type !== 'join') return
    const answer = { type: 'joined', room, channel: 7, participants: [], limits: LIMITS } as const
    hub.send(encodeMessage(answer))
  })
  hub.send(encodeMessage({ type: 'challenge', version: 1, nonce: 'A'.repeat(43) }))
  await joined
})

/** Says so many bytes, and waits until they are at the hub. */
async function say(bytes: number): Promise<MessageId> {
  const id = randomMessageId()
  connection.send({ id, payload: new Uint8Array(bytes) })
  await expect.poll(() => heard.publishes).toBe(1)
  return id
}

/** Answers, and waits until the connection read it. */
async function answer(data: string | Uint8Array): Promise<void> {
  hub.send(data)
  hub.send('{')
  await expect.poll(() => events).toContain('read')
}

test('[R207] a message without an answer shows within 3 s that the network is gone', async () => {
  await say(32)
  clock.advance(1000)
  await expect.poll(() => heard.pings).toBe(1)
  clock.advance(2001)
  expect(events).toEqual([])
  clock.advance(1)
  expect(events).toEqual(['closed'])
})

test.each(['ack', 'refused'] as const)('[R207] an answer is one: %s', async (type) => {
  const id = await say(32)
  await answer(
    type === 'ack'
      ? encodeDataFrame({ type, channel: 7, id, position: 1n })
      : encodeMessage({ type, id, reason: 'absent' }),
  )
  clock.advance(4999)
  await answer('{')
  expect(heard.pings).toBe(0)
})

test('[R207] everything that comes is a sign of life, and an answer behind much has more time', async () => {
  await say(48_000)
  clock.advance(900)
  await answer(encodeMessage({ type: 'pong', id: 0 }))
  clock.advance(1000)
  await expect.poll(() => heard.pings).toBe(1)
  clock.advance(4999)
  expect(events).not.toContain('closed')
  clock.advance(1)
  expect(events).toContain('closed')
})
