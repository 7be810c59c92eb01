/** Sessions that speak under their own keys, over a hub in memory whose deliveries a test makes by hand. */
import { VirtualClock } from '@conclave/base/testing'
import { decodeEnvelopeHeader } from '@conclave/e2ee'
import type { ParticipantId } from '@conclave/wire'
import type { KeyLimits } from '../../src/keys/key-schedule.ts'
import { MESSAGE_KINDS } from '../../src/messages/bodies.ts'
import { RoomMessages } from '../../src/messages/room-messages.ts'
import { type Delivery, LocalHub, type LocalTransport } from '../../src/testing/local-hub.ts'
import { type SessionParts, sessionParts } from '../messages/session-parts.ts'

/** One session. */
export interface Member extends SessionParts {
  readonly transport: LocalTransport
  readonly messages: RoomMessages
  readonly roster: ParticipantId[]
  readonly log: string[]
  readonly heard: string[]
  readonly dropped: Record<string, number>
  say(said: string): Promise<void>
}

/** A room with its hub and its time. */
export class KeyedRoom {
  readonly hub: LocalHub = new LocalHub()
  readonly clock: VirtualClock = new VirtualClock()
  readonly members: Member[] = []
  /** Decides which deliveries are lost. */
  isLost: (delivery: Delivery) => boolean = () => false

  /** A session that joins. */
  async join(keyLimits: Partial<KeyLimits> = {}): Promise<Member> {
    const parts = await sessionParts()
    const transport = this.hub.transport(parts.self)
    const info = { name: 'somebody', published: {} }
    const messages = new RoomMessages({ ...parts, transport, clock: this.clock, info, keyLimits })
    const [roster, log, heard]: [ParticipantId[], string[], string[]] = [[], [], []]
    const dropped: Record<string, number> = {}
    messages.on('joined', ({ participant }) => roster.push(participant))
    messages.on('left', ({ participant }) => {
      roster.splice(roster.indexOf(participant), 1)
      log.push(`left ${participant}`)
    })
    messages.on('presence', ({ participant, presence }) => log.push(`${presence} ${participant}`))
    messages.on('message', ({ body }) => heard.push(new TextDecoder().decode(body)))
    messages.on('dropped', ({ reason, count }) => {
      dropped[reason] = (dropped[reason] ?? 0) + count
    })
    const say = async (said: string): Promise<void> => {
      await messages.broadcast(MESSAGE_KINDS.chat, text(said)).sent
      await this.flush()
    }
    const member = { ...parts, transport, messages, roster, log, heard, dropped, say }
    this.members.push(member)
    await transport.open()
    return member
  }

  /** So many sessions that have each other in their rosters. */
  async meet(count: number): Promise<[Member, Member, Member]> {
    for (let n = 0; n < count; n += 1) {
      await this.join()
      await this.flush()
    }
    return this.members as [Member, Member, Member]
  }

  /** A hello that the hub does not deliver. */
  async withheldHello(from: Member, to: Member): Promise<Delivery> {
    this.isLost = (delivery) => delivery.from === from.self && delivery.to === to.self
    const before = this.hub.seen.length
    from.transport.lose()
    this.hub.connect(from.transport)
    await this.flush()
    const hello = this.hub.seen.slice(before).find((sent) => this.isLost(sent))
    this.isLost = () => false
    if (hello === undefined || kindOf(hello) !== MESSAGE_KINDS.hello) throw new Error('no hello')
    return hello
  }

  /** All messages to the room, as the hub saw them. */
  get said(): readonly Delivery[] {
    return this.hub.seen.filter(({ payload }) => isToRoom(payload))
  }

  /** The newest message that a member said to the room. */
  lastOf({ self }: Member): Uint8Array {
    const last = this.said.findLast(({ from }) => from === self)
    if (last === undefined) throw new Error('expected a message to the room')
    return last.payload
  }

  /** Lets time pass, and delivers. */
  async pass(byMs: number): Promise<void> {
    const stepMs = byMs > 20_000 ? 1000 : 50
    for (let ms = 0; ms < byMs; ms += stepMs) {
      this.clock.advance(stepMs)
      await this.flush()
    }
  }

  /** Waits until everything that came is opened. */
  async settle(): Promise<void> {
    for (let round = 0; round < 2; round += 1) {
      await Promise.all(this.members.map(({ messages }) => messages.settled()))
    }
  }

  /** Delivers everything, and the answers. */
  async flush(): Promise<void> {
    await this.settle()
    do {
      for (const delivery of this.hub.queue.splice(0))
        if (!this.isLost(delivery)) this.hub.invent(delivery)
      await this.settle()
    } while (this.hub.queue.length > 0)
  }
}

/** The bytes of a text. */
export function text(said: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(said)
}

/** The kind that a sealed message claims. */
export function kindOf({ payload }: { readonly payload: Uint8Array }): number | undefined {
  return decodeEnvelopeHeader(payload)?.kind
}

/** Whether a sealed message claims to be for the room. */
export function isToRoom(payload: Uint8Array): boolean {
  return decodeEnvelopeHeader(payload)?.audience === 'room'
}

/** Whether a member holds the key of another one's epoch. */
export async function holds(member: Member, { self }: Member, epoch: bigint): Promise<boolean> {
  const exported = member.ownKeys.export('label', new Uint8Array(), 16, epoch, self)
  return exported.then(
    () => true,
    () => false,
  )
}
