/**
 * The loop that people write: every client is sent every message of every other one.
 *
 * @module
 */
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false })
server.on('connection', (socket) => {
  socket.on('message', (data, binary) => {
    for (const client of server.clients) {
      if (client !== socket && client.readyState === client.OPEN) client.send(data, { binary })
    }
  })
})
server.once('listening', () => process.send?.((server.address() as AddressInfo).port))
process.once('disconnect', () => process.exit())
