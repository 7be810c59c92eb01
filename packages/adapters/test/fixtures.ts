/** Fixtures of several test files: a ring with a key, a pair of transports that the test flushes by hand, a wait. */
import { generateAesGcmKey, Keyring } from '@conclave/e2ee'
import { sealChannel } from '@conclave/adapters'
import type {
  AnyEvents,
  DroppedArrival,
  EventTransport,
  SealedChannel,
  SealedChannelOptions,
} from '@conclave/adapters'

export const KEY_ID = 'room-42'
export const CONTEXT = { kind: 'realtime', scope: 'room', scopeId: '42' } as const

/** A ring that seals with a key out of one repeated byte. */
export function ringOf(value = 7, epoch = 1): Keyring {
  const ring = new Keyring()
  ring.rotate({ keyId: KEY_ID, epoch, key: new Uint8Array(32).fill(value) })
  return ring
}

export const bareKey = (): Promise<CryptoKey> => generateAesGcmKey()

/** A message under way. */
export interface Message {
  name: unknown
  envelope: unknown
}

/** A carrier that everybody is on: what one sends lies there until the test delivers it, to all. */
export class Carrier {
  readonly encoding: 'json' | 'binary'
  readonly messages: Message[] = []
  readonly #handlers = new Set<(name: unknown, envelope: unknown) => void>()

  constructor(encoding: 'json' | 'binary' = 'json') {
    this.encoding = encoding
  }

  /** Somebody's end of it. */
  join(): EventTransport {
    return {
      encoding: this.encoding,
      send: (name, envelope) => {
        this.messages.push({
          name,
          envelope: this.encoding === 'json' ? JSON.parse(JSON.stringify(envelope)) : envelope,
        })
      },
      receive: (handler) => {
        this.#handlers.add(handler)
        return () => this.#handlers.delete(handler)
      },
    }
  }

  /** Delivers to everybody, the sender too. */
  deliver(...messages: readonly Message[]): void {
    for (const { name, envelope } of messages) {
      for (const handler of this.#handlers) handler(name, envelope)
    }
  }

  /** Delivers all that lies there. */
  flush(): void {
    this.deliver(...this.messages.splice(0))
  }
}

/** One end with everything that it was told. */
export interface Heard<Events extends object> {
  readonly channel: SealedChannel<Events>
  readonly values: unknown[]
  readonly drops: DroppedArrival[]
}

/** Seals an end of a carrier; listens to the event `message`, and to what is dropped. */
export function joinSealed<Events extends object = AnyEvents>(
  carrier: Carrier,
  options: Omit<Partial<SealedChannelOptions<Events>>, 'clear'> & {
    readonly sender: string
    readonly clear?: readonly string[]
  },
): Heard<AnyEvents> {
  const channel = sealChannel(carrier.join(), {
    keys: ringOf(),
    context: CONTEXT,
    ...(options as Partial<SealedChannelOptions>),
    sender: options.sender,
  })
  return listen(channel)
}

/** Listens to the event `message`, and to what is dropped. */
function listen(channel: SealedChannel): Heard<AnyEvents> {
  const heard = { channel, values: [] as unknown[], drops: [] as DroppedArrival[] }
  channel.on('message', (value) => heard.values.push(value))
  channel.on('dropped', (arrival) => heard.drops.push(arrival))
  return heard
}

/** Resolves when everything that arrived on a channel is settled: the channel drops its own events last. */
export async function settled(
  carrier: Carrier,
  ...ends: readonly Heard<AnyEvents>[]
): Promise<void> {
  const waiting = ends.map(
    ({ channel }) =>
      new Promise<void>((resolve) => {
        const stop = channel.on('dropped', ({ eventName }) => {
          if (eventName !== MARK) return
          stop()
          resolve()
        })
      }),
  )
  carrier.deliver({ name: MARK, envelope: 'in clear' })
  await Promise.all(waiting)
  for (const { drops } of ends)
    drops.splice(
      drops.findIndex(({ eventName }) => eventName === MARK),
      1,
    )
}

const MARK = 'mark-of-the-test'

/** The error with which a promise rejects; call it before anything else happens. */
export function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  )
}
