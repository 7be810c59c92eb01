/** Express. */
import { once } from 'node:events'
import express from 'express'
import { addHub, type Running } from './hub.ts'

export async function start(port = 0): Promise<Running> {
  const app = express()
  app.get('/hello', (_request, response) => void response.send('hello'))
  const server = app.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return addHub(server, async () => {
    server.close()
    server.closeAllConnections()
  })
}
