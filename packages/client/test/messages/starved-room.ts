/** A room whose members share one starved process: everything that is delivered comes seconds late, in order. */
import { VirtualClock, createRandom } from '@conclave/base/testing'
import { decodeEnvelopeHeader } from '@conclave/e2ee'
import type { ParticipantId } from '@conclave/wire'
import { MESSAGE_KINDS } from '../../src/messages/bodies.ts'
import { RoomMessages } from '../../src/messages/room-messages.ts'
import { RoomCodeRounds } from '../../src/persons/room-code-rounds.ts'
import { type Delivery, LocalHub } from '../../src/testing/local-hub.ts'
import { sessionParts, ROOM } from './session-parts.ts'

export interface StarvedMember {
  readonly self: ParticipantId
  readonly messages: RoomMessages
  readonly rounds: RoomCodeRounds
  readonly roster: Set<ParticipantId>
  /** The hellos and introductions that it sent to each other one. */
  readonly asked: Map<ParticipantId, number>
}

export class StarvedRoom {
  readonly clock = new VirtualClock()
  readonly hub = new LocalHub()
  readonly members: StarvedMember[] = []
  readonly #random: () => number
  readonly #delayMs: () => number
  readonly #waiting: { readonly delivery: Delivery; readonly atMs: number }[] = []
  /** The last delivery of each pair: a connection does not reorder. */
  readonly #lastAtMs = new Map<string, number>()
  #counted = 0

  /** @param options.delayMs the shortest and the longest time until a delivery comes */
  constructor({
    seed,
    delayMs,
  }: {
    readonly seed: number
    readonly delayMs: readonly [number, number]
  }) {
    this.#random = createRandom(seed)
    const [least, most] = delayMs
    this.#delayMs = () => least + this.#random() * (most - least)
  }

  async join(): Promise<StarvedMember> {
    const { clock, hub } = this
    const { self, session, keys, introductions, ...parts } = await sessionParts()
    const info = { name: 'somebody', published: {} }
    const transport = hub.transport(self)
    const messages = new RoomMessages({
      self,
      introductions,
      ...parts,
      ...{ transport, clock, info },
    })
    const rounds = new RoomCodeRounds({
      ...{ room: ROOM, self: { id: self, signingKey: session.signingKey, personKey: undefined } },
      ...{ root: keys, clock },
      broadcast: (kind, body) => messages.broadcast(kind, body, { isAskedFor: true }).sent,
      ask: (participants) => messages.ask(participants),
      changed: () => {},
      failed: (error) => {
        throw error
      },
    })
    const member = { self, messages, rounds, roster: new Set<ParticipantId>(), asked: new Map() }
    messages.on('joined', ({ participant }) => {
      member.roster.add(participant)
      const introduction = introductions.of(participant)
      if (introduction !== undefined) rounds.join({ id: participant, ...introduction })
    })
    messages.on('left', ({ participant }) => {
      member.roster.delete(participant)
      rounds.leave(participant)
    })
    messages.on('message', ({ from, kind, body }) => {
      if (kind === MESSAGE_KINDS.commitment || kind === MESSAGE_KINDS.nonce)
        rounds.receive(from, kind, body)
    })
    this.members.push(member)
    void transport.open()
    return member
  }

  async pass(byMs: number): Promise<void> {
    for (let ms = 0; ms < byMs; ms += STEP_MS) {
      this.clock.advance(STEP_MS)
      const nowMs = this.clock.now()
      await this.#settle()
      const due = this.#waiting.filter(({ atMs }) => atMs <= nowMs)
      if (due.length === 0) continue
      const rest = this.#waiting.filter(({ atMs }) => atMs > nowMs)
      this.#waiting.splice(0, this.#waiting.length, ...rest)
      for (const { delivery } of due) this.hub.invent(delivery)
      await this.#settle()
    }
  }

  close(): void {
    for (const { messages, rounds } of this.members) {
      rounds.close()
      messages.close()
    }
  }

  async #settle(): Promise<void> {
    for (let turn = 0; turn < 3; turn += 1) {
      await Promise.all(
        this.members.map(({ messages, rounds }) =>
          Promise.all([messages.settled(), rounds.settled]),
        ),
      )
    }
    this.#count()
    for (const delivery of this.hub.queue.splice(0)) {
      const stream = `${delivery.from} ${delivery.to}`
      const atMs = Math.max(this.clock.now() + this.#delayMs(), this.#lastAtMs.get(stream) ?? 0)
      this.#lastAtMs.set(stream, atMs)
      this.#waiting.push({ delivery, atMs })
    }
  }

  #count(): void {
    const fresh = this.hub.seen.slice(this.#counted)
    for (const { from, to, payload } of fresh) {
      const kind = decodeEnvelopeHeader(payload)?.kind
      if (kind !== undefined && kind !== MESSAGE_KINDS.hello) continue
      const asked = this.members.find(({ self }) => self === from)?.asked
      asked?.set(to, (asked.get(to) ?? 0) + 1)
    }
    this.#counted = this.hub.seen.length
  }
}

const STEP_MS = 100
