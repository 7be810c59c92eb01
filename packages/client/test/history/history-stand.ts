/** Sessions of a room that keep history, over a hub in memory. */
import { Emitter } from '@conclave/base'
import { VirtualClock } from '@conclave/base/testing'
import type { HistoryRule } from '@conclave/e2ee/authority'
import { signRoomMessage } from '@conclave/e2ee/session'
import type { ParticipantId } from '@conclave/wire'
import type { HistoryExchange } from '../../src/history/history-exchange.ts'
import { createHistory } from '../../src/history/room-history.ts'
import { decodeChat, encodeBody, MESSAGE_KINDS } from '../../src/messages/bodies.ts'
import { RoomMessages } from '../../src/messages/room-messages.ts'
import { LocalHub, type LocalTransport } from '../../src/testing/local-hub.ts'
import { ROOM, type SessionParts, sessionParts } from '../messages/session-parts.ts'

/** A session of the stand. */
export interface Member extends SessionParts {
  readonly name: string
  readonly transport: LocalTransport
  readonly messages: RoomMessages
  readonly history: HistoryExchange
  /** The texts of the chat, as they are shown: told ones first. */
  readonly shown: () => readonly string[]
  /** Bodies of kind `history` that came, by their sender. */
  readonly received: { readonly from: ParticipantId; readonly body: Uint8Array }[]
  readonly dropped: Record<string, number>
  /** Whether it takes part in the exchange; a test speaks for one that does not. */
  answers: boolean
  setRule(rule: HistoryRule): void
  say(text: string): Promise<void>
}

/** A room. Everything that is sent waits until `flush`. */
export class HistoryStand {
  readonly hub = new LocalHub()
  readonly clock = new VirtualClock()
  readonly members: Member[] = []

  /**
   * Joins, and meets those who are there.
   */
  async join(
    name: string,
    { rule = 'call', answers = true }: { rule?: HistoryRule; answers?: boolean } = {},
  ): Promise<Member> {
    const parts = await sessionParts()
    const transport = this.hub.transport(parts.self)
    const info = { name, published: {} }
    const { clock } = this
    const messages = new RoomMessages({ ...parts, transport, clock, info })
    const names = new Map<string, string>([[parts.self, name]])
    const rules = new Rules(rule)
    const history = createHistory({
      ...{ ...parts, room: ROOM, clock, messages, person: undefined, rules },
      nameOf: (id) => names.get(id) ?? '',
    })
    const live: string[] = []
    const received: Member['received'] = []
    const dropped: Record<string, number> = {}
    const drop = (reason: string, count: number): void => {
      dropped[reason] = (dropped[reason] ?? 0) + count
    }
    messages.on('joined', (event) => names.set(event.participant, event.info.name))
    messages.on('message', ({ from, kind, body }) => {
      if (kind === MESSAGE_KINDS.chat) live.push(decodeChat(body)?.text ?? 'malformed')
      if (kind !== MESSAGE_KINDS.history) return
      received.push({ from, body })
      if (member.answers && !history.receive(from, body)) drop('malformed-body', 1)
    })
    messages.on('dropped', ({ reason, count }) => drop(reason, count))
    history.on('dropped', ({ reason, count }) => drop(reason, count))
    const member: Member = {
      ...parts,
      ...{ name, transport, messages, history, received, dropped, answers },
      shown: () => [...history.told.map(({ chat }) => chat.text), ...live],
      setRule: (next) => rules.set(next),
      say: async (text) => {
        live.push(text)
        await messages.broadcast(MESSAGE_KINDS.chat, encodeBody({ text, at: 0 })).sent
      },
    }
    this.members.push(member)
    await transport.open()
    await this.flush()
    // The first one waits for others, and learns that there are none.
    if (this.members.length === 1) await this.pass(3000)
    return member
  }

  /** Leaves, and is not looked at from now on. */
  async leave(member: Member): Promise<void> {
    this.members.splice(this.members.indexOf(member), 1)
    member.history.close()
    member.messages.close()
    member.transport.close()
    await this.flush()
  }

  /** Delivers everything, and what follows from it. */
  async flush(): Promise<void> {
    const settled = async (): Promise<void> => {
      for (const { messages, history } of this.members) {
        await messages.settled()
        await history.settled
        await messages.settled()
      }
    }
    for (let quiet = 0; quiet < 3;) {
      await this.hub.flush([{ settled }])
      quiet = this.hub.queue.length === 0 ? quiet + 1 : 0
    }
  }

  /** Lets time pass, in small steps. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 100) {
      this.clock.advance(Math.min(left, 100))
      await this.flush()
    }
  }

  /** How many messages of kind `history` were sent. */
  get sent(): number {
    return this.members.reduce((sum, { received }) => sum + received.length, 0)
  }
}

/** A signed message of a session to the chat. */
export const signedChat = (
  { session }: SessionParts,
  { sequence, text }: { readonly sequence: number; readonly text: string },
): Promise<Uint8Array<ArrayBuffer>> =>
  signRoomMessage(encodeBody({ text, at: 0 }), {
    ...{ session, room: ROOM, sequence: BigInt(sequence), kind: MESSAGE_KINDS.chat },
  })

class Rules extends Emitter<{ readonly changed: Record<never, never> }> {
  history: HistoryRule
  readonly isInside = true

  constructor(rule: HistoryRule) {
    super()
    this.history = rule
  }

  set(rule: HistoryRule): void {
    this.history = rule
    this.emit('changed', {})
  }
}
