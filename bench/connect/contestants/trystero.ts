/**
 * `trystero` over the bus by a strategy of topics, with a password, so that its signalling is encrypted.
 *
 * @module
 */
import { createTopicStrategy } from '@trystero-p2p/core'
import { RelayClient } from '../relay-client.ts'
import { type Contestant, GREETING, type Place } from './contestant.ts'

const joinRoom = createTopicStrategy({
  init: ({ relayUrl }) => new RelayClient(relayUrl),
  subscribeTopic: async (bus, topic, onMessage) => {
    const handler = (text: string): void => void onMessage(topic, text)
    await bus.subscribe(topic, handler)
    return () => void bus.unsubscribe(topic, handler)
  },
  publishTopic: async (bus, topic, message) => {
    await bus.publish(topic, typeof message === 'string' ? message : JSON.stringify(message))
  },
})

/** Both sides are alike in this library. */
export const trystero: Contestant = {
  async host(place) {
    const room = enter(place)
    const greeting = room.makeAction('greeting')
    room.onPeerJoin = (peer): void => void greeting.send(GREETING, { target: peer })
    return () => room.leave()
  },
  async join(place, moments) {
    const room = enter(place)
    const greeting = room.makeAction('greeting')
    greeting.onMessage = (text): void => moments.message(String(text))
    room.onPeerJoin = (): void => moments.connected()
    return () => room.leave()
  },
}

function enter({ relay, room, secret }: Place): ReturnType<typeof joinRoom> {
  return joinRoom(
    { appId: 'bench', password: secret, relayUrl: relay, rtcConfig: { iceServers: [] } },
    room,
  )
}
