/**
 * `peerjs` over its own PeerServer, in clear.
 *
 * @module
 */
import { Peer } from 'peerjs'
import { type Contestant, GREETING, type Place } from './contestant.ts'

/** The one who waits is known by an id that both pages know. */
export const peerjs: Contestant = {
  async host(place) {
    const peer = new Peer(place.room, optionsFor(place))
    peer.on('connection', (connection) => {
      connection.on('open', () => connection.send(GREETING))
    })
    await new Promise((resolve) => peer.on('open', resolve))
    return () => peer.destroy()
  },
  async join(place, moments) {
    const peer = new Peer(optionsFor(place))
    await new Promise((resolve) => peer.on('open', resolve))
    const connection = peer.connect(place.room, { reliable: true })
    connection.on('open', () => moments.connected())
    connection.on('data', (data) => moments.message(String(data)))
    return () => peer.destroy()
  },
}

function optionsFor({ peerServer }: Place): object {
  return { host: '127.0.0.1', port: peerServer, path: '/', config: { iceServers: [] } }
}
