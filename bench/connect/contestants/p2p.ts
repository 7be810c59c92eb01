/**
 * `p2p` over the bus, in clear, with its own two classes.
 *
 * @module
 */
import { Receiver, Sender } from 'p2p/dist/p2p.esm.js'
import { RelayClient } from '../relay-client.ts'
import { type Contestant, GREETING } from './contestant.ts'

type Handler = (message: unknown) => void

/** The driver that the library asks for: three functions over namespaces. */
class RelayDriver {
  readonly #bus: RelayClient
  readonly #textHandlers = new Map<Handler, (text: string) => void>()

  constructor(bus: RelayClient) {
    this.#bus = bus
  }
  async subscribe(namespace: readonly string[], handler: Handler): Promise<void> {
    const ofText = (text: string): void => handler(JSON.parse(text))
    this.#textHandlers.set(handler, ofText)
    await this.#bus.subscribe(namespace.join('/'), ofText)
  }
  async unsubscribe(namespace: readonly string[], handler: Handler): Promise<void> {
    const ofText = this.#textHandlers.get(handler)
    if (ofText !== undefined) await this.#bus.unsubscribe(namespace.join('/'), ofText)
  }
  async publish(namespace: readonly string[], message: unknown): Promise<void> {
    await this.#bus.publish(namespace.join('/'), JSON.stringify(message))
  }
}

/** The library that the seed's quick start is about. */
export const p2p: Contestant = {
  async host({ relay, room }) {
    const bus = new RelayClient(relay)
    const sender = new Sender({ driver: new RelayDriver(bus), iceServers: [] })
    sender.addEventListener('channel:open', ({ detail }) => detail.channel.send(GREETING))
    await sender.start({ room, channels: { chat: { ordered: true } } })
    return () => {
      sender.stop()
      bus.close()
    }
  },
  async join({ relay, room }, moments) {
    const bus = new RelayClient(relay)
    const receiver = new Receiver({ driver: new RelayDriver(bus), iceServers: [] })
    receiver.addEventListener('connect', () => moments.connected())
    receiver.addEventListener('channel:message', ({ detail }) =>
      moments.message(String(detail.data)),
    )
    await receiver.start({ room })
    return () => {
      receiver.stop()
      bus.close()
    }
  },
}
