/**
 * A Socket.IO server with one room.
 *
 * @module
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server } from 'socket.io'

const http = createServer()
const io = new Server(http, { transports: ['websocket'], serveClient: false })
io.on('connection', (socket) => {
  void socket.join('room')
  socket.on('message', (data) => socket.to('room').emit('message', data))
})
http.listen(0, '127.0.0.1', () => process.send?.((http.address() as AddressInfo).port))
process.once('disconnect', () => process.exit())
