import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { createHub, createMemoryEngine, localOrigins } from '@conclave/server'
import { serve } from '@conclave/server/node'
import { afterEach, expect, test } from 'vitest'
import { start, stopAll, upgradeRequest } from './sockets.ts'

afterEach(stopAll)

/** The first line of the answer to bytes on a connection. */
async function answerTo(port: number, request: string): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' })
  await once(socket, 'connect')
  socket.end(request)
  return (await text(socket)).split('\r\n')[0] ?? ''
}

const PAGE = 'Accept: text/html\r\nConnection: close\r\n\r\n'

test('[H70] a target that is no path is refused, and the hub goes on', async () => {
  const { port, origin } = await start()
  for (const target of ['*', 'http://meet.example/healthz', 'meet.example:443', 'x', '?', '#/']) {
    const line = await answerTo(port, `GET ${target} HTTP/1.1\r\nHost: a\r\n${PAGE}`)
    expect([target, line.slice(0, 12)]).toEqual([target, 'HTTP/1.1 400'])
  }
  expect((await fetch(`${origin}/healthz`)).status).toBe(200)
})

test('[H70] no target of up to 16 KB stops the hub', async () => {
  const { port, origin } = await start()
  const odd = [
    '/',
    '//',
    '/%',
    '/%2f',
    '/\\',
    '/..',
    `/${'../'.repeat(2000)}`,
    `/${'a/'.repeat(7000)}`,
  ]
  const more = [
    '/r/*',
    '/r//',
    '/__proto__',
    '/constructor',
    '/hub',
    '/hub/',
    '/;',
    '/%00',
    '/r/%2e%2e',
  ]
  for (const target of [...odd, ...more]) {
    const line = await answerTo(port, `GET ${target} HTTP/1.1\r\nHost: a\r\n${PAGE}`)
    expect(line).toMatch(/^HTTP\/1\.1 (?:200|400|404|426) /)
  }
  expect((await fetch(`${origin}/healthz`)).status).toBe(200)
})

test('[H70] an exception while a request or an upgrade is handled ends that connection only', async () => {
  const lines: string[] = []
  const served = await serve({
    port: 0,
    hub: ({ port }) => {
      const log = (line: string): void => void lines.push(line)
      const hub = createHub({ engine: createMemoryEngine(), origins: localOrigins(port), log })
      const fail = (): never => {
        throw new Error('a fault')
      }
      return Object.create(hub, { admit: { value: fail }, admitRequest: { value: fail } })
    },
  })
  try {
    const { port } = served
    expect(await answerTo(port, `GET / HTTP/1.1\r\nHost: a\r\n${PAGE}`)).toBe('')
    expect(await answerTo(port, upgradeRequest(port))).toBe('')
    const failures = lines.filter((line) => line.includes('"event":"failed","part":"http"'))
    expect(failures).toHaveLength(2)
    expect(served.hub.stats().failed.http).toBe(2)
  } finally {
    await served.close()
  }
})
