import { VirtualClock } from '@conclave/base/testing'
import { generateAgreementPair, generateSigningPair } from '@conclave/crypto'
import {
  type Sealer,
  SharedKeySource,
  createSealer,
  decodeEnvelopeHeader,
  randomParticipantId,
} from '@conclave/e2ee'
import {
  INTRODUCTION_FORMAT,
  SessionKeys,
  createPairKeys,
  createSessionKeys,
  sealIntroduction,
} from '@conclave/e2ee/session'
import type { ParticipantId } from '@conclave/wire'
import { beforeEach, describe, expect, test } from 'vitest'
import { encodeBody, MESSAGE_KINDS } from '../../src/messages/bodies.ts'
import { RoomMessages } from '../../src/messages/room-messages.ts'
import { type Delivery, LocalHub, type LocalTransport } from '../../src/testing/local-hub.ts'
import { ROOM, SECRET, type SessionParts, sessionParts } from './session-parts.ts'

let hub: LocalHub
let clock: VirtualClock
let members: Member[]
/** Decides which deliveries are lost. */
let isLost: (delivery: Delivery) => boolean

beforeEach(() => {
  hub = new LocalHub()
  clock = new VirtualClock()
  members = []
  isLost = () => false
})

test('[R43] sessions introduce themselves before they say hello, and nothing direct is under the key of the room', async () => {
  const [alice, bob] = await meet(2)
  await alice.messages.send(bob.self, MESSAGE_KINDS.signal, encodeBody({ n: 1 }))
  await flush()
  expect(bob.signals).toEqual(['{"n":1}'])
  expect(hub.seen.map(typeOf)).toEqual(['introduction', 'introduction', 1, 1, 5])
  for (const { from, to, payload } of hub.seen) {
    const { type } = await outsider(to).open(from, payload)
    expect(type).toBe('dropped')
  }
})

describe('[R44] a third member with the link and the hub', () => {
  test('reads no direct message of two others', async () => {
    const [alice, bob, mallory] = await meet(3)
    await alice.messages.send(bob.self, MESSAGE_KINDS.signal, encodeBody({ only: 'for Bob' }))
    await flush()
    const sealed = hub.seen.at(-1)
    if (sealed === undefined) throw new Error('expected a message')
    const { room, ...keysOfMallory } = {
      room: new SharedKeySource(Uint8Array.from(SECRET)),
      withAlice: await pairOf(mallory, alice),
      withBob: await pairOf(mallory, bob),
    }
    for (const keys of [room, ...Object.values(keysOfMallory)]) {
      const opener = createSealer({ keys, room: ROOM, unsafeSelf: bob.self })
      expect(await opener.open(alice.self, sealed.payload)).toMatchObject({ type: 'dropped' })
    }
  })

  test('writes none in another’s name, to either of the two', async () => {
    const [alice, bob, mallory] = await meet(3)
    for (const [victim, target] of [
      [alice, bob],
      [bob, alice],
    ] as const) {
      for (const keys of [
        new SharedKeySource(Uint8Array.from(SECRET)),
        await pairOf(mallory, target),
      ]) {
        const forger = createSealer({ keys, room: ROOM, unsafeSelf: victim.self })
        for (const kind of [MESSAGE_KINDS.hello, MESSAGE_KINDS.signal]) {
          const { bytes } = await forger.seal({ kind, to: target.self }, encodeBody({ n: 1 }))
          hub.invent({ from: victim.self, to: target.self, payload: bytes })
        }
      }
    }
    await flush()
    for (const { signals, drops } of [alice, bob]) {
      expect(signals).toEqual([])
      expect(drops).toHaveLength(4)
    }
    expect(await canTalk(alice, bob)).toBe(true)
  })

  test('gets no other keys taken for a session that is known', async () => {
    const [alice, bob, mallory] = await meet(3)
    const forged = await posingAs(alice.self)
    for (const introduction of [
      { status: 'asks', wantsAnswer: true },
      { status: 'admitted', answers: new Uint8Array(16).fill(1) },
    ] as const) {
      const place = { root: mallory.keys, session: forged, room: ROOM, recipient: bob.self }
      const { bytes } = await sealIntroduction(introduction, place)
      hub.invent({ from: alice.self, to: bob.self, payload: bytes })
    }
    const before = hub.seen.length
    await flush()
    expect(bob.drops).toEqual(['not-authentic', 'not-authentic'])
    expect(hub.seen).toHaveLength(before)
    expect(await canTalk(alice, bob)).toBe(true)
  })

  test('brings nobody into a roster only by introductions', async () => {
    const [alice, mallory] = await meet(2)
    const session = await createSessionKeys()
    const place = { root: mallory.keys, session, room: ROOM, recipient: alice.self }
    const { bytes } = await sealIntroduction({ status: 'asks', wantsAnswer: true }, place)
    hub.invent({ from: session.id, to: alice.self, payload: bytes })
    await flush()
    expect(alice.roster).toEqual([mallory.self])
  })
})

test('[R44] before a pair exists nothing but an introduction opens', async () => {
  const alice = await join()
  const stranger = randomParticipantId()
  alice.transport.tell('participantJoined', { participant: stranger })
  const keys = new SharedKeySource(Uint8Array.from(SECRET))
  const sealer = createSealer({ keys, room: ROOM, unsafeSelf: stranger })
  const to = alice.self
  for (const options of [{ kind: 1, to }, { kind: 5, to }, { kind: 3 }]) {
    const { bytes } = await sealer.seal(options, encodeBody({}))
    hub.invent({ from: stranger, to, payload: bytes })
  }
  await flush()
  expect(alice.drops).toEqual(['unknown-key', 'not-in-roster', 'not-in-roster'])
  expect(alice.roster).toEqual([])
})

test('[R44] recorded introductions change nothing, and get one answer a second after 4 at once', async () => {
  const [alice, bob] = await meet(2)
  const recorded = hub.seen.filter((delivery) => typeOf(delivery) === 'introduction')
  const sent = (): number => hub.seen.length
  const before = sent()
  for (let n = 0; n < 100; n += 1) for (const delivery of recorded) hub.invent(delivery)
  await flush()
  // Each answer is an introduction and a hello.
  expect(sent() - before).toBeLessThanOrEqual(2 * 4)
  const atOnce = sent()
  for (let n = 0; n < 40; n += 1) {
    for (const delivery of recorded) hub.invent(delivery)
    await pass(250)
  }
  expect(sent() - atOnce).toBeLessThanOrEqual(2 * 11)
  expect([alice.roster, bob.roster]).toEqual([[bob.self], [alice.self]])
  expect(await canTalk(alice, bob)).toBe(true)
})

test('[R44] an answer to something that this session did not ask is dropped', async () => {
  const [alice, bob] = [await join(), await join()]
  await settle()
  hub.queue = []
  const place = { root: bob.keys, session: bob.session, room: ROOM, recipient: alice.self }
  const answers = new Uint8Array(16).fill(1)
  const { bytes } = await sealIntroduction({ status: 'admitted', answers }, place)
  hub.invent({ from: bob.self, to: alice.self, payload: bytes })
  await flush()
  expect(alice.drops).toEqual(['replay'])
  expect(alice.introductions.pairs.size).toBe(0)
})

test.each([
  ['the question', (types: Types) => types.introduction === 1],
  ['the answer', (types: Types) => types.introduction === 2],
  ['each of the first introductions', (types: Types) => [1, 2].includes(types.introduction)],
  ['the first hello', (types: Types) => types.hello === 1],
  ['the second hello', (types: Types) => types.hello === 2],
] as const)('[R43] sessions meet although %s is lost', async (_, isLostAt) => {
  const types = { introduction: 0, hello: 0 }
  isLost = (delivery) => {
    const type = typeOf(delivery) === 'introduction' ? 'introduction' : 'hello'
    types[type] += 1
    const { introduction, hello } = types
    return isLostAt(
      type === 'introduction' ? { introduction, hello: 0 } : { introduction: 0, hello },
    )
  }
  const [alice, bob] = [await join(), await join()]
  await pass(1500)
  expect(await canTalk(alice, bob)).toBe(true)
})

test('[R43] a hello that overtakes the introduction is asked for again', async () => {
  const [alice, bob] = [await join(), await join()]
  for (let n = 0; n < 20; n += 1) {
    for (const delivery of hub.queue.splice(0).toReversed()) hub.invent(delivery)
    await settle()
    clock.advance(50)
  }
  await flush()
  expect(await canTalk(alice, bob)).toBe(true)
})

test('[R43] a session that was forgotten is met again', async () => {
  const [alice, bob] = await meet(2)
  alice.transport.tell('participantLeft', { participant: bob.self, reason: 'left' })
  alice.introductions.forget(bob.self)
  alice.transport.tell('participantJoined', { participant: bob.self })
  await pass(1500)
  expect(await canTalk(alice, bob)).toBe(true)
})

test('[R45] when the root of the room retires, its pairs end, and new ones are made under the next', async () => {
  const [alice, bob, mallory] = await meet(3)
  const next = new Uint8Array(32).fill(9)
  for (const { keys } of [alice, bob]) keys.setKey(Uint8Array.from(next), 1n)
  expect(await canTalk(alice, bob)).toBe(true)
  for (const { keys } of [alice, bob]) keys.retire(0n)
  await pass(1500)
  expect(await canTalk(alice, bob)).toBe(true)
  const { length } = mallory.signals
  await alice.messages.send(mallory.self, MESSAGE_KINDS.signal, encodeBody({})).catch(() => {})
  await flush()
  expect(mallory.signals).toHaveLength(length)
})

test('[R45] sessions meet although the root changes between their introductions', async () => {
  const [alice, bob] = [await join(), await join()]
  await settle()
  for (const delivery of hub.queue.splice(0)) hub.invent(delivery)
  await settle()
  for (const { keys } of [alice, bob]) keys.setKey(new Uint8Array(32).fill(9), 1n)
  await pass(5000)
  expect(await canTalk(alice, bob)).toBe(true)
})

interface Types {
  readonly introduction: number
  readonly hello: number
}

interface Member extends SessionParts {
  readonly transport: LocalTransport
  readonly messages: RoomMessages
  readonly roster: ParticipantId[]
  readonly signals: string[]
  readonly drops: string[]
}

async function join(): Promise<Member> {
  const parts = await sessionParts()
  const transport = hub.transport(parts.self)
  const info = { name: 'somebody', published: {} }
  const messages = new RoomMessages({ ...parts, transport, clock, info })
  const [roster, signals, drops]: [ParticipantId[], string[], string[]] = [[], [], []]
  messages.on('joined', ({ participant }) => roster.push(participant))
  messages.on('left', ({ participant }) => roster.splice(roster.indexOf(participant), 1))
  messages.on('message', ({ body }) => signals.push(new TextDecoder().decode(body)))
  messages.on('dropped', ({ reason }) => drops.push(reason))
  const member = { ...parts, transport, messages, roster, signals, drops }
  members.push(member)
  await transport.open()
  return member
}

async function meet(count: number): Promise<[Member, Member, Member]> {
  for (let n = 0; n < count; n += 1) {
    await join()
    await flush()
  }
  return members as [Member, Member, Member]
}

/** Whether each has the other in its roster, and gets what the other says to it. */
async function canTalk(one: Member, other: Member): Promise<boolean> {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    if (!to.roster.includes(from.self)) return false
    const text = `{"n":${to.signals.length}}`
    await from.messages.send(to.self, MESSAGE_KINDS.signal, new TextEncoder().encode(text))
    await flush()
    if (to.signals.at(-1) !== text) return false
  }
  return true
}

/** Fresh keys under the id of another session. */
async function posingAs(id: ParticipantId): Promise<SessionKeys> {
  const [signing, agreement] = [await generateSigningPair(), await generateAgreementPair()]
  return new SessionKeys(id, { signing, agreement })
}

const pairOf = ({ session, keys }: Member, { session: peer }: Member) =>
  createPairKeys({ session, root: keys, room: ROOM, peer })

/** The sealer of a holder of the link that uses another session's id. */
const outsider = (self: ParticipantId): Sealer =>
  createSealer({ keys: new SharedKeySource(Uint8Array.from(SECRET)), room: ROOM, unsafeSelf: self })

const typeOf = ({ payload }: Delivery): number | string | undefined =>
  payload[0] === INTRODUCTION_FORMAT ? 'introduction' : decodeEnvelopeHeader(payload)?.kind

async function pass(byMs: number): Promise<void> {
  for (let ms = 0; ms < byMs; ms += 50) {
    clock.advance(50)
    await flush()
  }
}

async function settle(): Promise<void> {
  await Promise.all(members.map(({ messages }) => messages.settled()))
}

async function flush(): Promise<void> {
  do {
    for (const delivery of hub.queue.splice(0)) if (!isLost(delivery)) hub.invent(delivery)
    await settle()
  } while (hub.queue.length > 0)
}
