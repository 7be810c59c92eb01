/** Fastify. */
import fastify from 'fastify'
import { addHub, type Running } from './hub.ts'

export async function start(port = 0): Promise<Running> {
  const app = fastify({ forceCloseConnections: true })
  app.get('/hello', () => 'hello')
  await app.listen({ port, host: '127.0.0.1' })
  return addHub(app.server, () => app.close())
}
