/** `npm run dev` serves the sources and the hub at one address, and leaves nothing behind. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { HUB_PATH, SUBPROTOCOL } from '@conclave/wire'
import { root } from '../prepare.mjs'

let child: ChildProcess | undefined
afterEach(() => child?.kill('SIGKILL'))

test('one address for the app, which reloads, and the hub; one signal ends both', async () => {
  const port = await freePort()
  const origin = `http://localhost:${port}`
  const { ready, ended } = start(port)
  expect(await ready).toContain(origin)

  const page = await (await fetch(`${origin}/r/AAAAAAAAAAAAAAAAAAAAAA`)).text()
  expect(page).toContain('/@vite/client')
  // A change in a package reloads the page: it comes from the sources.
  const rooms = await (await fetch(`${origin}/src/rooms.ts`)).text()
  expect(rooms).toContain('packages/client/src/')
  expect(await upgrade(port, origin)).toBe(101)
  expect(await upgrade(port, 'http://elsewhere.example')).toBe(403)

  child?.kill('SIGTERM')
  expect(await ended).toBe(0)
  await expect(fetch(`${origin}/healthz`)).rejects.toThrow('fetch failed')
})

test('says which port is taken', async () => {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const { ended, said } = start(port)
  expect(await ended).toBe(1)
  expect(said()).toContain(`Port ${port}`)
  server.close()
})

interface Run {
  /** Resolves to the output when the task is ready. */
  readonly ready: Promise<string>
  readonly ended: Promise<number>
  said(): string
}

function start(port: number): Run {
  let said = ''
  const started = spawn(process.execPath, [join(root, 'tools/tasks/dev.ts')], {
    env: { ...process.env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child = started
  const ended = new Promise<number>((resolve) => {
    started.on('exit', (code) => resolve(code ?? -1))
  })
  const ready = new Promise<string>((resolve, reject) => {
    const hear = (chunk: Buffer): void => {
      said += chunk.toString()
      if (said.includes('Press Ctrl+C')) resolve(said)
    }
    started.stdout.on('data', hear)
    started.stderr.on('data', hear)
    void ended.then(() => reject(new Error(`ended early: ${said}`)))
  })
  ready.catch(() => {})
  return { ready, ended, said: () => said }
}

/** The status of an answer to a WebSocket handshake, as a page of an origin would make it. */
function upgrade(port: number, origin: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      Host: `localhost:${port}`,
      Origin: origin,
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
      'Sec-WebSocket-Protocol': SUBPROTOCOL,
    }
    const asked = request({ host: '127.0.0.1', port, path: HUB_PATH, headers })
    asked.on('upgrade', ({ statusCode }, socket) => {
      socket.destroy()
      resolve(statusCode ?? 0)
    })
    asked.on('response', ({ statusCode }) => resolve(statusCode ?? 0))
    asked.on('error', reject)
    asked.end()
  })
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
