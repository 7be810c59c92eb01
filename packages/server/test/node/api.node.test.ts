/** The API of a hub, asked by those who have an access key, and by those who have none. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createHub, createMemoryEngine, localOrigins } from '@conclave/server'
import { attachHub, createApiHandler } from '@conclave/server/node'
import express from 'express'
import { SignJWT } from 'jose'
import { afterEach, expect, onTestFinished, test } from 'vitest'
import { createApp, encodeJson } from '../access/tokens.ts'
import type { TestKey } from '../access/tokens.ts'
import { unreachable } from '../support.ts'
import { ask, BODY, KICK, startApi, tokenFor } from './api-requests.ts'
import type { Ask, Answered } from './api-requests.ts'
import { start, stopAll } from './sockets.ts'

afterEach(stopAll)

const UNAUTHORIZED = { status: 401, text: '{"error":"unauthorized"}' }

test('[G70, G71] a request is answered for each kind of key', async () => {
  const { port, keys } = await startApi()
  for (const key of keys)
    expect(await ask(port, { token: await tokenFor(key, { port }) })).toMatchObject({
      status: 200,
      text: '{}',
    })
})

test('[G70] a hub without apps has none of these paths', async () => {
  const { port } = await start()
  const { keys } = await createApp()
  const token = await tokenFor(keys[0] ?? unreachable(), { port })
  expect(await ask(port, { token })).toMatchObject({ status: 405, text: '405\n' })
  expect(await ask(port, { token, method: 'GET' })).toMatchObject({ status: 404 })
})

test('[G72] the answer is the same for everything that is wrong before a request is authenticated', async () => {
  const { port, keys } = await startApi()
  const [first, second] = [keys[0] ?? unreachable(), keys[1] ?? unreachable()]
  const stranger = (await createApp()).keys[0] ?? unreachable()
  const token = (
    more: Partial<Parameters<typeof tokenFor>[1]> = {},
    key = first,
  ): Promise<string> => tokenFor(key, { port, ...more })
  const nowS = Math.floor(Date.now() / 1000)
  const requests: Readonly<Record<string, Ask>> = {
    'no token': {},
    'something else': { headers: { authorization: 'Basic YWxpY2U6c2VjcmV0' } },
    'no JWT': { token: 'a.b' },
    'an app that nobody knows': { token: await token({ header: { kid: 'unknown' } }) },
    'the key of another app': { token: await token({}, { ...stranger, key: first.key }) },
    'another algorithm': {
      token: await token({}, { key: { ...first.key, id: second.key.id }, signs: first.signs }),
    },
    'no algorithm': { token: await unsigned(first, port) },
    'a public key as a secret': { token: await confused(second, port) },
    'a capability': { token: await token({ header: { typ: 'conclave-capability+jwt' } }) },
    'no type': { token: await token({ header: { typ: undefined } }) },
    'another hub': { token: await token({ changes: { aud: 'evil.example' } }) },
    'an old token': { token: await token({ changes: { iat: nowS - 71, exp: nowS - 11 } }) },
    'a long token': { token: await token({ changes: { exp: nowS + 61 } }) },
    'another path': { token: await token(), path: '/api/v1/ban' },
    'a path with a query': { token: await token(), path: `${KICK}?a` },
    'an operation that nobody knows': { path: '/api/v1/everything' },
    'another method': { token: await token(), method: 'PUT' },
    'a preflight': {
      pieces: [],
      method: 'OPTIONS',
      headers: { 'access-control-request-method': 'POST' },
    },
    'another body': { token: await token(), pieces: ['{"user":"bob","channel":""}'] },
    'no body': { token: await token(), pieces: [] },
    'a page': { token: await token(), headers: { origin: `http://127.0.0.1:${port}` } },
    'a page without an origin': { token: await token(), headers: { origin: 'null' } },
    'a body that is announced as too large': {
      headers: { 'content-length': '9999999' },
      pieces: [],
    },
  }
  const seen: Answered[] = []
  for (const [name, request] of Object.entries(requests)) {
    const answer = await ask(port, request)
    expect(answer, name).toMatchObject(UNAUTHORIZED)
    seen.push(answer)
  }
  const names = seen.map(({ headers }) =>
    Object.keys(headers)
      .filter((name) => name !== 'keep-alive')
      .toSorted()
      .join(),
  )
  expect(new Set(names).size).toBe(1)
})

test('[G73] a token is used once', async () => {
  const { port, keys } = await startApi()
  const token = await tokenFor(keys[0] ?? unreachable(), { port })
  expect(await ask(port, { token })).toMatchObject({ status: 200 })
  expect(await ask(port, { token })).toMatchObject(UNAUTHORIZED)
  const [one, other] = [ask, ask].map(async (send) =>
    send(port, {
      token: await tokenFor(keys[1] ?? unreachable(), { port, changes: { jti: 'A'.repeat(22) } }),
    }),
  )
  const statuses = [(await one)?.status, (await other)?.status]
  expect(new Set(statuses)).toEqual(new Set([200, 401]))
})

test('[G73] a request whose body was not the one that was signed does not use the token up', async () => {
  const { port, keys } = await startApi()
  const token = await tokenFor(keys[0] ?? unreachable(), { port })
  expect(await ask(port, { token, pieces: ['{}'] })).toMatchObject(UNAUTHORIZED)
  expect(await ask(port, { token })).toMatchObject({ status: 200 })
})

test('[G74] an authenticated request that makes no sense is told what is wrong', async () => {
  const { port, keys } = await startApi()
  const key = keys[0] ?? unreachable()
  const send = async (
    body: string,
    more: Ask & { readonly changes?: object } = {},
  ): Promise<Answered> => {
    const token = await tokenFor(key, { port, body, changes: { ...more.changes } })
    return ask(port, { pieces: [body], ...more, token })
  }
  const large = 'x'.repeat(131_073)
  expect(await send('{"user":"alice"}')).toMatchObject({
    status: 400,
    text: '{"error":"malformed"}',
  })
  expect(await send(JSON.stringify({ ...BODY, more: 1 }))).toMatchObject({ status: 400 })
  expect(await send(large)).toMatchObject({ status: 413, text: '{"error":"too-large"}' })
  const length = { 'content-length': String(large.length) }
  expect(await send(large, { headers: length })).toMatchObject({ status: 413 })
  const path = '/api/v1/everything'
  expect(await send('{}', { path, changes: { htu: path } })).toMatchObject({
    status: 404,
    text: '{"error":"unknown-operation"}',
  })
  const put = await send('{}', { method: 'PUT', changes: { htm: 'PUT' } })
  expect(put).toMatchObject({ status: 405, text: '{"error":"method"}', headers: { allow: 'POST' } })
})

test('[G74] a body that does not come in time ends the request', async () => {
  const { port, keys } = await startApi({ limits: { requestDeadlineMs: 100 } })
  const token = await tokenFor(keys[0] ?? unreachable(), { port })
  const never = new Promise<void>(() => {})
  const answer = await ask(port, { token, pieces: ['{"user":', never] })
  expect(answer).toMatchObject({
    status: 408,
    text: '{"error":"late"}',
    headers: { connection: 'close' },
  })
})

test('[G76] answers have the security headers and none of CORS, and are not stored', async () => {
  const { port, keys } = await startApi()
  for (const token of [undefined, await tokenFor(keys[0] ?? unreachable(), { port })]) {
    const { headers } = await ask(port, { token })
    expect(headers).toMatchObject({
      ...{ 'cache-control': 'no-store', 'content-type': 'application/json' },
      ...{ 'x-content-type-options': 'nosniff', 'cross-origin-resource-policy': 'same-origin' },
    })
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  }
})

test('[G70, H35] the API stands below the path of the app', async () => {
  const { port, keys } = await startApi({}, { basePath: '/meet/' })
  for (const path of ['/meet/api/v1/kick', KICK])
    expect(
      await ask(port, { path, token: await tokenFor(keys[0] ?? unreachable(), { port }) }),
    ).toMatchObject({ status: 200 })
})

test('[G70, G75] a hub that goes away says so after it knows who asks', async () => {
  const { port, keys, served } = await startApi()
  await served.hub.drain()
  const token = await tokenFor(keys[0] ?? unreachable(), { port })
  expect(await ask(port, { token })).toMatchObject({
    status: 503,
    text: '{"error":"draining"}',
    headers: { 'retry-after': '1' },
  })
  expect(await ask(port, {})).toMatchObject(UNAUTHORIZED)
})

test('[G70] counters tell the answers by their codes', async () => {
  const { port, keys, served } = await startApi()
  await ask(port, { token: await tokenFor(keys[0] ?? unreachable(), { port }) })
  await ask(port, {})
  expect(served.hub.stats().api).toMatchObject({ ok: 1, unauthorized: 1, malformed: 0 })
})

test.each(['node:http', 'Express'])(
  '[G70, H61] the API stands beside a hub on a server of %s',
  async (kind) => {
    const { app, keys } = await createApp()
    const token = keys[0] ?? unreachable()
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const hub = createHub({
      engine: createMemoryEngine(),
      origins: localOrigins(port),
      apps: [app],
    })
    const attached = attachHub(server, hub, { path: '/team/hub' })
    onTestFinished(async () => {
      await attached.close()
      server.close()
      server.closeAllConnections()
    })
    const handle = createApiHandler(hub, { path: '/team/api/v1/' })
    if (kind === 'Express') {
      const application = express()
      application.use(
        handle,
        express.json(),
        (_request, response) => void response.send('application'),
      )
      server.on('request', application)
    } else
      server.on('request', (request, response) =>
        handle(request, response, () => response.end('application')),
      )
    expect(
      await ask(port, { path: '/team/api/v1/kick', token: await tokenFor(token, { port }) }),
    ).toMatchObject({ status: 200 })
    expect(await ask(port, { path: '/team/api/v1/kick' })).toMatchObject(UNAUTHORIZED)
    expect(await ask(port, {})).toMatchObject({ status: 200, text: 'application' })
  },
)

test('[G70] a handler is for a hub with apps, at a path that ends with /api/v1/', async () => {
  const plain = createHub({ engine: createMemoryEngine(), origins: ['https://meet.example'] })
  expect(() => createApiHandler(plain)).toThrow('"hub" expected a hub with apps')
  const { app } = await createApp()
  const hub = createHub({
    engine: createMemoryEngine(),
    origins: ['https://meet.example'],
    apps: [app],
  })
  expect(() => createApiHandler(hub, { path: '/api/' })).toThrow('"path" expected')
})

/** A token without a signature. RFC 8725 §2.1 */
async function unsigned(key: TestKey, port: number): Promise<string> {
  const [, claims = ''] = (await tokenFor(key, { port })).split('.')
  return `${encodeJson({ alg: 'none', kid: key.key.id, typ: 'conclave-request+jwt' })}.${claims}.`
}

/** A token of HS256 whose secret is a public key. RFC 8725 §2.1 */
async function confused({ key }: TestKey, port: number): Promise<string> {
  const secret = new TextEncoder().encode(JSON.stringify(key.key))
  const [, claims = ''] = (
    await tokenFor({ key, signs: secret }, { port, header: { alg: 'HS256' } })
  ).split('.')
  const payload = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, unknown>
  const header = { alg: 'HS256', kid: key.id, typ: 'conclave-request+jwt' }
  return new SignJWT(payload).setProtectedHeader(header).sign(secret)
}
