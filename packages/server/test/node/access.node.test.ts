import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { createHub, createMemoryEngine, localOrigins } from '@conclave/server'
import type { HookRequest } from '@conclave/server'
import { createWebhookAuthorizer, serve } from '@conclave/server/node'
import { WebSocket } from 'ws'
import { keepFacts } from '../../src/node/request-facts.ts'
import { post } from '../../src/node/post.ts'
import { createRequest } from '../access/support.ts'

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

/** The address of a server of an application. */
async function listen(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  const server: Server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  ends.push(
    () =>
      new Promise((resolve) => {
        server.close(resolve)
        server.closeAllConnections()
      }),
  )
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/authorize`
}

const send = (url: string, signal = new AbortController().signal): ReturnType<typeof post> =>
  post({ url, headers: { 'x-test': '1' }, body: new Uint8Array([123, 125]), signal, maxBytes: 8 })

test('[G49] the server of an application gets a request, and its answer is read as a whole', async () => {
  const seen: unknown[] = []
  const url = await listen((request, response) => {
    request.on('data', (piece: Buffer) => seen.push(piece.toString()))
    request.on('end', () => {
      seen.push(request.method, request.headers['x-test'], request.headers['content-length'])
      response.write('1234')
      response.end('5678')
    })
  })
  const { status, body } = await send(url)
  expect([status, Buffer.from(body).toString()]).toEqual([200, '12345678'])
  expect(seen).toEqual(['{}', 'POST', '1', '2'])
})

test('[G49] a redirect is not followed', async () => {
  let asked = 0
  const other = await listen((_request, response) => {
    asked += 1
    response.end()
  })
  const url = await listen((_request, response) => {
    response.writeHead(307, { location: other })
    response.end()
  })
  expect(await send(url)).toMatchObject({ status: 307 })
  expect(asked).toBe(0)
})

test('[G49] an answer that is too long, one that breaks off, and none are failures', async () => {
  const long = await listen((_request, response) => response.end('123456789'))
  await expect(send(long)).rejects.toThrow('too long')
  const broken = await listen((_request, response) => {
    response.writeHead(200, { 'content-length': 8 })
    response.write('1234', () => response.destroy())
  })
  await expect(send(broken)).rejects.toThrow('aborted')
  const controller = new AbortController()
  const silent = await listen(() => controller.abort())
  await expect(send(silent, controller.signal)).rejects.toThrow('aborted')
})

test('[G49] an authorizer asks the server by a webhook', async () => {
  const url = await listen((request, response) => {
    const isSigned = /^v1,[\w+/]{43}=$/.test(String(request.headers['webhook-signature']))
    response.end(
      isSigned ? '{"user":"alice","device":"phone","rights":["call"],"expiresInMs":1000}' : '',
    )
  })
  const authorizer = createWebhookAuthorizer({ app: 'shop', url, secret: SECRET })
  const { signal } = new AbortController()
  const decision = await authorizer.decide(createRequest(), { signal })
  expect(decision).toMatchObject({ type: 'granted', grant: { app: 'shop', user: 'alice' } })
})

test.each([
  ['app', { app: 'a b' }],
  ['url', { url: 'http://shop.example/' }],
  ['secret', { secret: 'whsec_AA' }],
])('[G49] an authorizer with a wrong "%s" is an error', (name, changes) => {
  const options = { app: 'shop', url: 'https://shop.example/', secret: SECRET, ...changes }
  expect(() => createWebhookAuthorizer(options)).toThrow(`"${name}" expected`)
})

test('[G48] a hook sees the headers of the upgrade over a real WebSocket', async () => {
  let onAsked: (request: HookRequest) => void = () => {}
  const asked = new Promise<HookRequest>((resolve) => (onAsked = resolve))
  const served = await serve({
    port: 0,
    hub: ({ port }) =>
      createHub({
        ...{ engine: createMemoryEngine(), origins: localOrigins(port), closed: true },
        authorize: (request) => {
          onAsked(request)
          return false
        },
      }),
  })
  ends.push(() => served.close())
  const origin = `http://localhost:${served.port}`
  const socket = new WebSocket(`ws://localhost:${served.port}/hub`, 'conclave.v1', {
    ...{ origin, headers: { cookie: 'session=1' } },
  })
  ends.push(async () => socket.terminate())
  socket.on('message', () => {
    const wants = ['subscribe']
    const message = { type: 'subscribe', id: 1, channel: 'private-x', wants, token: '', info: '' }
    socket.send(JSON.stringify(message))
  })
  const { request, host, token } = await asked
  expect([host, token, request.origin]).toEqual([`localhost:${served.port}`, undefined, origin])
  expect(request.address).toMatch(/127\.0\.0\.1|::1/)
  expect([request.header('Cookie'), request.header('upgrade')]).toEqual(['session=1', undefined])
})

test('[G48] of the headers as many are kept as fit into 8 KiB, the telling ones first', () => {
  const facts = (headers: Record<string, string | string[]>): ReturnType<typeof keepFacts> =>
    keepFacts({ headers } as unknown as IncomingMessage, '192.0.2.1')
  const long = 'a'.repeat(8000)
  const { header } = facts({ 'x-a': long, cookie: 'session=1', 'x-b': long, 'x-c': ['1', '2'] })
  expect([header('cookie'), header('x-a'), header('x-b'), header('x-c')]).toEqual([
    ...['session=1', long, undefined, '1,2'],
  ])
  expect(facts({ cookie: 'a'.repeat(8193) }).header('cookie')).toBeUndefined()
  expect(facts({ cookie: 'session=1' }).headerBytes).toBe('cookie'.length + 'session=1'.length)
})
