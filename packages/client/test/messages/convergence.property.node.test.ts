import { createRandom, VirtualClock } from '@conclave/base/testing'
import type { ParticipantId } from '@conclave/wire'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MESSAGE_KINDS } from '../../src/messages/bodies.ts'
import { RoomMessages } from '../../src/messages/room-messages.ts'
import { type Delivery, LocalHub, type LocalTransport } from '../../src/testing/local-hub.ts'
import { sessionParts } from './session-parts.ts'

test(
  '[R29, R43] two seconds after the last fault everybody has all that was said to them',
  { timeout: 120_000 },
  async () => {
    const histories = fc.record({
      seed: fc.nat(),
      members: fc.integer({ min: 2, max: 4 }),
      ticks: fc.integer({ min: 10, max: 40 }),
      loss: fc.constantFrom(0, 0.1, 0.33, 0.7, 1),
      delay: fc.constantFrom(0, 0.2, 0.6),
      copy: fc.constantFrom(0, 0.2),
      cut: fc.constantFrom(0, 0.02, 0.1),
      longTick: fc.boolean(),
    })
    await fc.assert(fc.asyncProperty(histories, converges), {
      seed: 29,
      numRuns: 250,
      endOnFailure: true,
    })
  },
)

interface History {
  readonly seed: number
  readonly members: number
  readonly ticks: number
  /** The parts of the deliveries that are lost and delayed; `copy` is the part that comes twice. */
  readonly loss: number
  readonly delay: number
  readonly copy: number
  /** How often a member loses its connection, for each tick. */
  readonly cut: number
  /** Whether ticks take seconds, so that grace periods end. */
  readonly longTick: boolean
}

async function converges(history: History): Promise<void> {
  const random = createRandom(history.seed)
  const clock = new VirtualClock()
  const hub = new LocalHub()
  const members = await Promise.all(
    Array.from({ length: history.members }, () => memberOf(hub, clock)),
  )
  const delayed: Delivery[] = []
  const away = new Set<Member>()
  for (const { transport } of members) void transport.open()
  for (let tick = 0; tick < history.ticks; tick += 1) {
    for (const member of members) {
      if (random() < 0.3) member.say(random() < 0.3 ? pick(members, random) : undefined)
      if (!away.has(member) && random() < history.cut) {
        away.add(member)
        member.transport.lose()
      } else if (away.has(member) && random() < 0.2) {
        away.delete(member)
        hub.connect(member.transport)
      }
    }
    await settle(members)
    const due = [...hub.queue.splice(0), ...delayed.splice(0)]
    if (history.delay > 0) due.sort(() => random() - 0.5)
    for (const delivery of due) {
      if (random() < history.loss) continue
      if (random() < history.copy) delayed.push(delivery)
      if (random() < history.delay) delayed.push(delivery)
      else hub.invent(delivery)
    }
    await settle(members)
    clock.advance(history.longTick ? 3000 * random() : 100)
  }
  for (const { transport } of away) hub.connect(transport)
  for (let calmMs = 0; calmMs < CALM_MS; calmMs += STEP_MS) {
    await settle(members)
    for (const delivery of [...hub.queue.splice(0), ...delayed.splice(0)]) hub.invent(delivery)
    await settle(members)
    clock.advance(STEP_MS)
  }
  for (const member of members) {
    const others = members.filter((other) => other !== member)
    expect([...member.roster].toSorted()).toEqual(others.map(({ self }) => self).toSorted())
    expect(member.lost).toBe(0)
    for (const other of others) {
      const heard = member.heard.get(other.self) ?? []
      const owed = other.said
        .filter(({ owedTo }) => owedTo.has(member.self))
        .map(({ text }) => text)
      expect(owed.filter((text) => !heard.includes(text))).toEqual([])
      const inOrder = other.said.map(({ text }) => text).filter((text) => heard.includes(text))
      const toRoom = (text: string): boolean => text.startsWith('room')
      for (const isOfStream of [toRoom, (text: string) => !toRoom(text)]) {
        expect(heard.filter(isOfStream)).toEqual(inOrder.filter(isOfStream))
      }
    }
    member.messages.close()
  }
}

interface Member {
  readonly self: ParticipantId
  readonly transport: LocalTransport
  readonly messages: RoomMessages
  readonly roster: Set<ParticipantId>
  readonly said: { readonly text: string; readonly owedTo: ReadonlySet<ParticipantId> }[]
  readonly heard: Map<ParticipantId, string[]>
  readonly lost: number
  /** Says something to the room or, if it is in the roster, to one member. */
  say(to?: Member): void
}

async function memberOf(hub: LocalHub, clock: VirtualClock): Promise<Member> {
  const parts = await sessionParts()
  const { self } = parts
  const transport = hub.transport(self)
  const info = { name: 'somebody', published: {} }
  const messages = new RoomMessages({ ...parts, transport, clock, info })
  const member = {
    self,
    transport,
    messages,
    roster: new Set<ParticipantId>(),
    said: [] as { text: string; owedTo: ReadonlySet<ParticipantId> }[],
    heard: new Map<ParticipantId, string[]>(),
    lost: 0,
    say(to?: Member) {
      const { roster, said } = member
      if (to !== undefined && !roster.has(to.self)) return
      const text = `${to === undefined ? 'room' : 'direct'} ${said.length}`
      const body = new TextEncoder().encode(text)
      said.push({ text, owedTo: to === undefined ? new Set(roster) : new Set([to.self]) })
      if (to === undefined) void messages.broadcast(MESSAGE_KINDS.chat, body).sent
      else void messages.send(to.self, MESSAGE_KINDS.signal, body)
    },
  }
  messages.on('joined', ({ participant }) => member.roster.add(participant))
  messages.on('left', ({ participant }) => member.roster.delete(participant))
  messages.on('message', ({ from, body }) => {
    const heard = member.heard.get(from) ?? []
    heard.push(new TextDecoder().decode(body))
    member.heard.set(from, heard)
  })
  messages.on('dropped', ({ reason, count }) => {
    if (reason === 'lost') member.lost += count
  })
  return member
}

/** Waits until everything that was given or came is sealed or opened, and what follows from it too. */
async function settle(members: readonly Member[]): Promise<void> {
  for (let round = 0; round < 2; round += 1) {
    await Promise.all(members.map(({ messages }) => messages.settled()))
  }
}

const pick = (members: readonly Member[], random: () => number): Member =>
  members[Math.floor(random() * members.length)] as Member

const CALM_MS = 2000
const STEP_MS = 100
