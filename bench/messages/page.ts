/**
 * One of two participants who send each other values of a reliable topic over a data connection.
 *
 * @module
 */
import { Room, type Topic } from '@conclave/client'

/** The ways in which a page loses its data connection: one channel ends, or the connection does, without a word to its owner. */
export type DataKill = 'channel closed' | 'connection closed'

/** The functions that the runner calls. */
export interface MessagesPage {
  /** Joins and opens the topic; resolves when the hub has let it in. */
  join(
    link: string,
    options: {
      readonly name: string
      readonly hub: string
      readonly iceServers: readonly RTCIceServer[]
    },
  ): Promise<void>
  /** Whether the other one has the topic open, and a connection with open channels stands each way. */
  isWell(): boolean
  /** Resolves when more may be sent. */
  say(text: string): Promise<void>
  heard(): readonly string[]
  /** Ends one of the connections that stand; `chance` from 0 to 1 chooses which. */
  kill(how: DataKill, chance: number): void
  /** How many connections it made. */
  made(): number
  leave(): Promise<void>
}

declare global {
  interface Window {
    messages: MessagesPage
  }
}

const ends: { readonly connection: RTCPeerConnection; readonly channel: RTCDataChannel }[] = []
const { RTCPeerConnection: Connection } = globalThis
let made = 0
globalThis.RTCPeerConnection = class extends Connection {
  constructor(configuration?: RTCConfiguration) {
    super(configuration)
    made += 1
  }

  override createDataChannel(label: string, options?: RTCDataChannelInit): RTCDataChannel {
    const channel = super.createDataChannel(label, options)
    if (options?.ordered !== false) ends.push({ connection: this, channel })
    return channel
  }
}

let room: Room | undefined
let topic: Topic<string> | undefined
const heard: string[] = []
const waiting = new Set<Promise<unknown>>()
const open = () => ends.filter(({ channel }) => channel.readyState === 'open')

window.messages = {
  async join(link, options) {
    room = await Room.join(link, { ...options, iceTransportPolicy: 'relay', persons: false })
    topic = await room.topic<string>('values')
    topic.on('value', ({ value }) => heard.push(value))
  },
  isWell: () =>
    room?.state === 'connected' && topic?.participants.length === 1 && open().length === 2,
  async say(text) {
    while (waiting.size > MAX_WAITING) await Promise.race(waiting)
    const sending = topic?.send(text) ?? Promise.reject(new Error('nobody joined'))
    waiting.add(sending)
    void sending.finally(() => waiting.delete(sending))
  },
  heard: () => heard,
  kill(how, chance) {
    const stands = open()
    const end = stands[Math.floor(chance * stands.length)]
    if (how === 'channel closed') end?.channel.close()
    else end?.connection.close()
  },
  made: () => made,
  leave: async () => room?.leave(),
}

/** Values that this session sent and that wait. */
const MAX_WAITING = 64
