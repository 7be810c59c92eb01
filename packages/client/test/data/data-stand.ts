/** Sessions with data over a hub in memory whose deliveries a test makes, or that delivers by itself. */
import { VirtualClock } from '@conclave/base/testing'
import type { ParticipantId } from '@conclave/wire'
import type { MediaTransport } from '../../src/call/media-transport.ts'
import { RoomData } from '../../src/data/room-data.ts'
import { RoomMessages } from '../../src/messages/room-messages.ts'
import { LocalHub, type LocalTransport } from '../../src/testing/local-hub.ts'
import { type SessionParts, sessionParts } from '../messages/session-parts.ts'

/** One session, and what it heard. */
export interface DataMember extends SessionParts {
  readonly messages: RoomMessages
  readonly transport: LocalTransport
  readonly data: RoomData
  readonly heard: string[]
  readonly dropped: string[]
  readonly changes: ParticipantId[]
}

/** How a session joins. */
export interface JoinOptions {
  /** `false`: its application uses no data. */
  readonly takesData?: boolean
  /** Left out: data goes over the hub only. */
  readonly media?: MediaTransport
}

/** A room of such sessions. */
export class DataStand {
  readonly hub: LocalHub
  readonly clock: VirtualClock = new VirtualClock()
  readonly members: DataMember[] = []

  constructor(hub = new LocalHub()) {
    this.hub = hub
  }

  /** Everybody enters the roster of everybody. */
  async meet<T extends readonly string[]>(...names: T): Promise<{ [K in keyof T]: DataMember }> {
    for (const name of names) await this.join(name)
    await this.settle()
    return this.members as unknown as { [K in keyof T]: DataMember }
  }

  async join(name: string, { takesData = true, media }: JoinOptions = {}): Promise<DataMember> {
    const parts = await sessionParts()
    const { self, sealer, introductions, ownKeys } = parts
    const { clock } = this
    const transport = this.hub.transport(self)
    const info = { name, published: {}, ...(takesData && { data: true as const }) }
    const messages = new RoomMessages({
      ...{ transport, sealer, introductions, ownKeys, self, clock, info },
    })
    const dropped: string[] = []
    messages.on('dropped', ({ reason }) => dropped.push(reason))
    const data = new RoomData({
      ...{
        parts: { messages, transport, sealer, clock, media },
        isUp: false,
        takers: [],
      },
      dropped: (reason) => dropped.push(reason),
      failed: (error) => dropped.push(String(error)),
    })
    const [heard, changes]: [string[], ParticipantId[]] = [[], []]
    data.path.on('file', ({ bytes }) => heard.push(new TextDecoder().decode(bytes)))
    data.path.on('changed', ({ participant }) => changes.push(participant))
    const member = { ...parts, messages, transport, data, heard, dropped, changes }
    this.members.push(member)
    await transport.open()
    return member
  }

  /** Delivers what waits, and what follows from it. */
  async settle(): Promise<void> {
    let before = -1
    while (before !== this.hub.seen.length || this.hub.queue.length > 0) {
      before = this.hub.seen.length
      await this.hub.flush(this.members.map(({ messages }) => messages))
      // Sealing and opening of data end in tasks of the platform.
      for (let turn = 0; turn < 8; turn += 1) await new Promise((done) => setImmediate(done))
    }
  }

  close(): void {
    for (const { data, messages, sealer } of this.members) {
      data.close()
      messages.close()
      sealer.close()
    }
  }
}

export const text = (content: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(content)
