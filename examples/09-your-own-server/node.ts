/** `node:http`. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { addHub, type Running } from './hub.ts'

export async function start(port = 0): Promise<Running> {
  const server = createServer((request, response) => {
    if (request.url === '/hello') response.end('hello')
    else response.writeHead(404).end()
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return addHub(server, async () => {
    server.close()
    server.closeAllConnections()
  })
}
