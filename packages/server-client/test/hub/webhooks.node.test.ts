/** A real hub tells a real server of an application what happens. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createWebhooks } from '@conclave/server/node'
import { verifyWebhook } from '@conclave/server-client'
import type { ChannelEvent, WebhookDelivery } from '@conclave/server-client'
import { expect, onTestFinished, test } from 'vitest'
import { enter, PRESENCE, PRIVATE, startHub } from './real-hub.ts'

type Fault = (request: IncomingMessage, response: ServerResponse, origin: string) => void

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const tell = ({ type, channel, ...event }: ChannelEvent): string =>
  [type, channel, 'member' in event ? event.member.user : ''].join(' ').trim()

test('[G80, G83] members come and go, in their order, at the latest when the hub ends', async () => {
  const receiver = await listen()
  const hub = await startHub({ webhooks: createWebhooks([receiver]) })
  const alice = await enter(hub, 'alice')
  const bob = await enter(hub, 'bob')
  await enter(hub, 'carol', PRIVATE)
  bob.close()
  await alice.heard('memberLeft')
  await hub.served.close()
  const events = receiver.deliveries.flatMap((delivery) => delivery.events)
  const ends = [`channelVacated ${PRESENCE}`, `channelVacated ${PRIVATE}`]
  expect(events.slice(-2).map(tell).toSorted()).toEqual(ends)
  expect(events.slice(0, -2).map(tell)).toEqual([
    `channelOccupied ${PRESENCE}`,
    `memberAdded ${PRESENCE} alice`,
    `memberAdded ${PRESENCE} bob`,
    `channelOccupied ${PRIVATE}`,
    `memberRemoved ${PRESENCE} bob`,
  ])
  expect(new Set(events.map(({ id }) => id)).size).toBe(7)
  expect(Math.abs((events[0]?.atMs ?? 0) - Date.now())).toBeLessThan(60_000)
  expect(receiver.deliveries[0]).toMatchObject({ app: 'team', dropped: 0 })
  expect(new Set(receiver.paths)).toEqual(new Set(['/hook']))
})

/** Things that a server does in place of taking a delivery. */
const FAULTS: Readonly<Record<string, Fault>> = {
  '500': (_request, response) => void response.writeHead(500).end(),
  'a redirect': (_request, response, origin) =>
    void response.writeHead(307, { Location: `${origin}/elsewhere` }).end(),
  'a broken connection': (request) => request.socket.destroy(),
  'more than is read': (_request, response) => void response.end('x'.repeat(1_000_000)),
}

test('[G82] after each kind of failure a delivery is repeated, with the same id', async () => {
  const check = async (name: string, fault: Fault): Promise<void> => {
    const receiver = await listen(fault)
    const hub = await startHub({ webhooks: createWebhooks([receiver]) })
    await enter(hub, 'alice', PRIVATE)
    await receiver.until(1)
    await hub.served.close()
    expect(receiver.paths, name).toEqual(['/hook', '/hook', '/hook'])
    const [first, second] = receiver.ids
    expect(second, name).toBe(first)
    expect(receiver.deliveries.map(({ events }) => events.map(tell))).toEqual([
      [`channelOccupied ${PRIVATE}`],
      [`channelVacated ${PRIVATE}`],
    ])
    const { webhooks } = hub.served.hub.stats()
    expect(webhooks, name).toEqual({ delivered: 2, failed: 1, dropped: 0 })
  }
  await Promise.all(Object.entries(FAULTS).map(([name, fault]) => check(name, fault)))
})

test('[G82] a receiver that never answers holds up nobody', async () => {
  const receiver = await listen(() => {})
  const hub = await startHub({ webhooks: createWebhooks([receiver]) })
  await enter(hub, 'alice', PRIVATE)
  await receiver.until(1)
  const bob = await enter(hub, 'bob', PRIVATE)
  await hub.client.publish(PRIVATE, Uint8Array.of(1))
  await bob.until(() => bob.frames[0])
  expect(hub.served.hub.stats().webhooks).toEqual({ delivered: 0, failed: 0, dropped: 0 })
  receiver.close()
})

test('a receiver that is none is an error', () => {
  const wrong = {
    url: { url: 'http://team.example' },
    secret: { secret: 'secret' },
    app: { app: 'a b' },
  }
  const valid = { app: 'team', url: 'https://team.example/hook', secret: SECRET }
  for (const [name, change] of Object.entries(wrong))
    expect(() => createWebhooks([{ ...valid, ...change }])).toThrow(`"${name}" expected`)
  expect(() => createWebhooks([valid, valid])).toThrow('"app" expected one receiver')
})

/** The server of an application; its first answer is a fault, if there is one. */
async function listen(fault?: Fault): Promise<{
  readonly app: string
  readonly url: string
  readonly secret: string
  readonly deliveries: WebhookDelivery[]
  readonly ids: string[]
  readonly paths: string[]
  until(requests: number): Promise<void>
  close(): void
}> {
  const deliveries: WebhookDelivery[] = []
  const [ids, paths, changed]: [string[], string[], (() => void)[]] = [[], [], []]
  let origin = ''
  const server = createServer((request, response) => {
    void (async () => {
      const pieces: Buffer[] = []
      for await (const piece of request) pieces.push(piece as Buffer)
      ids.push(String(request.headers['webhook-id']))
      paths.push(request.url ?? '')
      for (const notify of changed.splice(0)) notify()
      if (fault !== undefined && ids.length === 1) return fault(request, response, origin)
      const { headers } = request
      const delivery = await verifyWebhook({ headers, body: Buffer.concat(pieces), secret: SECRET })
      if (delivery !== undefined) deliveries.push(delivery)
      response.writeHead(delivery === undefined ? 400 : 204).end()
    })()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = (): void => {
    server.close()
    server.closeAllConnections()
  }
  onTestFinished(close)
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    ...{ app: 'team', url: `${origin}/hook`, secret: SECRET, deliveries, ids, paths, close },
    async until(requests) {
      while (ids.length < requests) await new Promise<void>((resolve) => changed.push(resolve))
    },
  }
}
