/** Why a hub cannot be reached. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createRoomLink, Room } from '@conclave/client'
import type { UnreachableHub } from '@conclave/client'
import { connectHub } from '@conclave/client/channels'
import { createHub, createMemoryEngine } from '@conclave/server'
import { serve } from '@conclave/server/node'
import { expect, onTestFinished, test } from 'vitest'

/** A server that answers with a status, and its host. */
async function answering(status: number, type = 'application/json'): Promise<string> {
  const server = createServer((_request, response) => {
    response.writeHead(status, { 'Content-Type': type }).end('{}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function reasonAt(host: string): Promise<string> {
  const client = connectHub({ url: `ws://${host}/hub`, authorize: () => undefined })
  const { details, reason } = await client.examine()
  expect(details.host).toBe(host)
  expect(reason).toContain(host)
  return details.reason
}

test('[R231] the hub tells that it is going away, and others do not say that they are hubs', async () => {
  expect(await reasonAt(await answering(503))).toBe('draining')
  expect(await reasonAt(await answering(503, 'text/html'))).toBe('unknown')
  expect(await reasonAt(await answering(200, 'text/html'))).toBe('unknown')
  expect(await reasonAt(await answering(404))).toBe('unknown')
  expect(await reasonAt('127.0.0.1:1')).toBe('no-answer')
})

test('[R231] a join that the hub refuses learns the host, and why when it asks', async () => {
  // Programs are not let in.
  const hub = createHub({ engine: createMemoryEngine(), origins: ['https://meet.example'] })
  const served = await serve({ hub, port: 0 })
  onTestFinished(() => served.close())
  const host = `127.0.0.1:${served.port}`
  const abort = new AbortController()
  const link = await createRoomLink(`http://${host}/`)
  const unreachable = new Promise<UnreachableHub | undefined>((onUnreachable) => {
    const options = { media: false, signal: abort.signal, onUnreachable } as const
    Room.join(link, options).catch(() => {})
  })
  const problem = await (await unreachable)?.examine()
  abort.abort()
  expect(problem).toMatchObject({
    ...{ code: 'ERR_CLIENT_UNREACHABLE', details: { host, reason: 'refused' } },
    fix: expect.stringContaining('allowNonBrowser'),
  })
})
