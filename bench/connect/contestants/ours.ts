/**
 * Conclave over the bus: signalling and data sealed under the keys of a room of two sessions that authenticate each other.
 *
 * @module
 */
import { encrypted } from '@conclave/client'
import { SharedKeySource } from '@conclave/e2ee'
import type { Driver, Namespace } from '@conclave/p2p'
import { Receiver, Sender } from '@conclave/p2p/channels'
import { RelayClient } from '../relay-client.ts'
import { type Contestant, GREETING, type Place } from './contestant.ts'

type Handler = (message: unknown) => void

/** A driver over the bus. */
class RelayDriver implements Driver {
  readonly #bus: RelayClient
  readonly #textHandlers = new Map<Handler, (text: string) => void>()

  constructor(bus: RelayClient) {
    this.#bus = bus
  }
  async on(namespace: Namespace, handler: Handler): Promise<void> {
    const ofText = (text: string): void => handler(JSON.parse(text))
    this.#textHandlers.set(handler, ofText)
    await this.#bus.subscribe(JSON.stringify(namespace), ofText)
  }
  async off(namespace: Namespace, handler: Handler): Promise<void> {
    const ofText = this.#textHandlers.get(handler)
    if (ofText !== undefined) await this.#bus.unsubscribe(JSON.stringify(namespace), ofText)
  }
  async emit(namespace: Namespace, message: unknown): Promise<void> {
    await this.#bus.publish(JSON.stringify(namespace), JSON.stringify(message))
  }
}

/** `Sender` and `Receiver` over an encrypted driver. */
export const ours: Contestant = {
  async host(place) {
    const { driver, bus } = await driverOf(place)
    const sender = new Sender({ driver, iceServers: [] })
    sender.addEventListener(
      'channel:open',
      ({ detail }) => void sender.send(GREETING, { peer: detail.id, channel: 'chat' }),
    )
    await sender.start({ room: place.room, channels: { chat: { ordered: true } } })
    return async () => {
      await sender.stop()
      bus.close()
    }
  },
  async join(place, moments) {
    const { driver, bus } = await driverOf(place)
    const receiver = new Receiver({ driver, iceServers: [] })
    receiver.addEventListener('connect', () => moments.connected())
    receiver.addEventListener('channel:message', ({ detail }) =>
      moments.message(String(detail.data)),
    )
    await receiver.start({ room: place.room })
    return async () => {
      await receiver.stop()
      bus.close()
    }
  },
}

async function driverOf({ relay, secret }: Place): Promise<{
  readonly driver: ReturnType<typeof encrypted>
  readonly bus: RelayClient
}> {
  const bus = new RelayClient(relay)
  const keys = new SharedKeySource(Uint8Array.from(atob(secret), (c) => c.charCodeAt(0)))
  return { driver: encrypted(new RelayDriver(bus), { keys }), bus }
}
