/** Hono on Node. */
import { once } from 'node:events'
import { Server } from 'node:http'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { addHub, type Running } from './hub.ts'

export async function start(port = 0): Promise<Running> {
  const app = new Hono()
  app.get('/hello', (context) => context.text('hello'))
  const server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' })
  if (!(server instanceof Server)) throw new Error('expected a server of HTTP/1.1')
  await once(server, 'listening')
  return addHub(server, async () => {
    server.close()
    server.closeAllConnections()
  })
}
