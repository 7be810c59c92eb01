/** The part that is the same for every server: a hub at `/realtime/hub`, beside your routes. */
import type { Server } from 'node:http'
import { createHub, createMemoryEngine } from '@conclave/server'
import { attachHub } from '@conclave/server/node'

/** A server with a hub. */
export interface Running {
  /** The address to make links for: `createRoomLink(base)`. */
  readonly base: string
  close(): Promise<void>
}

/** Adds a hub to a server that listens; `end` ends that server. */
export function addHub(server: Server, end: () => Promise<unknown>): Running {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('expected a port')
  // In production this is the address that people see, such as https://team.example.
  const origin = `http://127.0.0.1:${address.port}`
  const hub = createHub({
    engine: createMemoryEngine(),
    origins: [origin],
    // Lets programs in too. Leave it out when only pages come.
    allowNonBrowser: true,
  })
  const attached = attachHub(server, hub, { path: '/realtime/hub' })
  return {
    base: `${origin}/realtime/`,
    async close() {
      await attached.close()
      await end()
    },
  }
}
