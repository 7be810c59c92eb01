/**
 * `simple-peer` over the bus, in clear: the one who comes says so, the one who waits makes the offer.
 *
 * @module
 */
import Peer from 'simple-peer/simplepeer.min.js'
import { RelayClient } from '../relay-client.ts'
import { type Contestant, GREETING } from './contestant.ts'

/** The library leaves signalling to its user. */
export const simplePeer: Contestant = {
  async host({ relay, room }) {
    const bus = new RelayClient(relay)
    let peer: Peer | undefined
    await bus.subscribe(`${room}/host`, (text) => {
      if (text !== 'here') return peer?.signal(JSON.parse(text))
      peer = new Peer({ initiator: true, config: { iceServers: [] } })
      peer.on('signal', (signal) => void bus.publish(`${room}/guest`, JSON.stringify(signal)))
      peer.on('connect', () => peer?.send(GREETING))
    })
    return () => {
      peer?.destroy()
      bus.close()
    }
  },
  async join({ relay, room }, moments) {
    const bus = new RelayClient(relay)
    const peer = new Peer({ config: { iceServers: [] } })
    peer.on('signal', (signal) => void bus.publish(`${room}/host`, JSON.stringify(signal)))
    peer.on('connect', () => moments.connected())
    peer.on('data', (data) => moments.message(String(data)))
    await bus.subscribe(`${room}/guest`, (text) => peer.signal(JSON.parse(text)))
    await bus.publish(`${room}/host`, 'here')
    return () => {
      peer.destroy()
      bus.close()
    }
  },
}
