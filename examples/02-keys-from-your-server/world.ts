/** Everything that runs: the page, your server, and a local server of Pusher's protocol that stands for Pusher. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startPusherServer } from '@conclave/adapters/testing'
import type { PusherServer } from '@conclave/adapters/testing'
import Pusher from 'pusher'
import { build, defaultClientConditions } from 'vite'
import { WebSocketServer } from 'ws'
import { Rooms } from './rooms.ts'
import { createApp } from './server.ts'

export interface World {
  readonly origin: string
  readonly rooms: Rooms
  readonly carrier: PusherServer
  close(): Promise<void>
}

export async function startWorld({ port = 0 }: { readonly port?: number } = {}): Promise<World> {
  const pageFolder = mkdtempSync(join(tmpdir(), 'keys-from-your-server-'))
  await build({
    ...{ configFile: false, root: fileURLToPath(new URL('page', import.meta.url)) },
    // Without `conditions` in your own application: this repository runs from its sources.
    ...{
      logLevel: 'error',
      resolve: { conditions: ['@conclave/source', ...defaultClientConditions] },
    },
    build: { outDir: pageFolder, emptyOutDir: true },
  })
  const carrier = await startPusherServer({ sockets: new WebSocketServer({ noServer: true }) })
  const { appId, key, secret, host } = carrier
  const pusher = new Pusher({ appId, key, secret, host, port: String(carrier.port), useTLS: false })
  const rooms = new Rooms()
  rooms.create('42', ['alice', 'bob', 'carol'])
  const config = { key, host, port: carrier.port }
  const server = createServer(createApp({ rooms, pusher, config, pageFolder }))
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    rooms,
    carrier,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await Promise.all([closed, carrier.close()])
      rmSync(pageFolder, { recursive: true, force: true })
    },
  }
}
