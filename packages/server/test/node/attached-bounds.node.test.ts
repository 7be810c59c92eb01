/** The bounds of a hub on a server of an application, where that server reads the requests. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createHub, createMemoryEngine, localOrigins } from '@conclave/server'
import type { HubLimits } from '@conclave/server'
import { attachHub, createApiHandler } from '@conclave/server/node'
import express from 'express'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createApp } from '../access/tokens.ts'
import type { TestKey } from '../access/tokens.ts'
import { unreachable } from '../support.ts'
import { ask, BODY, tokenFor } from './api-requests.ts'
import { SocketClient } from './sockets.ts'

const KINDS = ['node:http', 'Express'] as const

describe.each(KINDS)('on a server of %s', (kind) => {
  test('[H67, G74] a body that is too large, or does not come, is answered and holds nothing', async () => {
    const { port, key } = await listen(kind, { requestDeadlineMs: 200 })
    const large = 'x'.repeat(131_073)
    const token = await tokenFor(key, { port, body: large })
    const answer = await ask(port, { token, pieces: [large] })
    expect(answer).toMatchObject({ status: 413, headers: { connection: 'close' } })
    const slow = await tokenFor(key, { port })
    const pieces = [JSON.stringify(BODY).slice(0, 5), new Promise<void>(() => {})]
    expect(await ask(port, { token: slow, pieces })).toMatchObject({ status: 408 })
    expect(await ask(port, { token: await tokenFor(key, { port }) })).toMatchObject({ status: 200 })
  })

  test('[H67, H40] the requests of an address are counted, and its connection ends with the first too many', async () => {
    const { port, key } = await listen(kind, { requestBurst: 3, requestsPerSecond: 1 })
    // At once, so that a slow machine fills the bucket no faster than they come.
    const answers = await Promise.all(Array.from({ length: 12 }, () => ask(port, {})))
    expect(answers.filter(({ status }) => status === 401).length).toBeGreaterThanOrEqual(3)
    const refused = answers.filter(({ status }) => status === 429)
    expect(refused.length).toBeGreaterThan(0)
    for (const { headers } of refused)
      expect(headers).toMatchObject({ connection: 'close', 'retry-after': '10' })
    const token = await tokenFor(key, { port })
    const headers = { 'x-forwarded-for': '192.0.2.7' }
    expect(await ask(port, { token, headers })).toMatchObject({ status: 200 })
    // Those of the application are not the hub's.
    for (let left = 9; left > 0; left -= 1)
      expect(await ask(port, { path: '/page' })).toMatchObject({ status: 200, text: 'application' })
  })

  test('[H67] the upgrades of an address are counted as they are anywhere', async () => {
    const { port } = await listen(kind, { attemptBurst: 2, attemptsPerSecond: 1 })
    const url = `ws://127.0.0.1:${port}/hub`
    const connect = () => new SocketClient(url, { origin: 'https://evil.example' }).ended
    const ends = await Promise.all(Array.from({ length: 12 }, connect))
    expect(new Set(ends)).toEqual(new Set([403, 429]))
  })
})

async function listen(
  kind: (typeof KINDS)[number],
  limits: Partial<HubLimits>,
): Promise<{ readonly port: number; readonly key: TestKey }> {
  const { app, keys } = await createApp()
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const hub = createHub({
    ...{ engine: createMemoryEngine(), origins: localOrigins(port), apps: [app], limits },
  })
  const attached = attachHub(server, hub)
  onTestFinished(async () => {
    await attached.close()
    server.close()
    server.closeAllConnections()
  })
  // A proxy, so that a test has another address.
  const handle = createApiHandler(hub, { trustedProxies: ['127.0.0.1'] })
  if (kind === 'Express') {
    const application = express()
    application.use(handle)
    application.use((_request, response) => void response.send('application'))
    server.on('request', application)
  } else
    server.on('request', (request, response) =>
      handle(request, response, () => response.end('application')),
    )
  return { port, key: keys[0] ?? unreachable() }
}
