import { VirtualClock } from '@conclave/base/testing'
import { type Sealer, decodeEnvelopeHeader } from '@conclave/e2ee'
import { signRoomMessage } from '@conclave/e2ee/session'
import { beforeEach, describe, expect, test } from 'vitest'
import { decodeChat, encodeBody, MESSAGE_KINDS } from '../../src/messages/bodies.ts'
import { RoomMessages } from '../../src/messages/room-messages.ts'
import { LocalHub, type LocalTransport } from '../../src/testing/local-hub.ts'
import {
  ROOM,
  type SessionParts,
  createForger,
  openUnverified,
  sessionParts,
} from './session-parts.ts'

let hub: LocalHub
let clock: VirtualClock
let members: Member[]

beforeEach(() => {
  hub = new LocalHub()
  clock = new VirtualClock()
  members = []
})

describe('[R60] a member with every key of the room, and the hub,', () => {
  test('writes nothing in another’s name, and what she says then still arrives', async () => {
    const [alice, bob, mallory] = await meet()
    const forger = await posingAs(alice, mallory)
    const { session } = mallory
    for (let sequence = 1n; sequence < 40n; sequence += 1n) {
      const place = { room: ROOM, sequence, kind: MESSAGE_KINDS.chat }
      const body = await signRoomMessage(encodeBody({ n: Number(sequence) }), { session, ...place })
      const { bytes } = await forger.seal(place, sequence % 2n === 0n ? body : body.subarray(64))
      expect(await openUnverified(mallory, alice, bytes)).toBe('opened')
      hub.invent({ from: alice.self, to: bob.self, payload: bytes })
    }
    await flush()
    expect(bob.drops).toEqual(Array(39).fill('not-authentic'))
    await alice.say('the real one')
    await flush()
    expect(bob.heard).toEqual(['first', 'the real one'])
  })

  test('changes neither the name nor the tracks of another', async () => {
    const [alice, bob, mallory] = await meet()
    const forger = await posingAs(alice, mallory)
    const info = { name: 'mallory was here', published: { camera: true } }
    const { bytes } = await forger.seal({ kind: MESSAGE_KINDS.state }, encodeBody(info))
    expect(await openUnverified(mallory, alice, bytes)).toBe('opened')
    hub.invent({ from: alice.self, to: bob.self, payload: bytes })
    await flush()
    expect(bob.drops).toEqual(['not-authentic'])
    expect(bob.infos).toEqual([])
  })

  test('says nothing again as another kind or at another place', async () => {
    const [alice, bob, mallory] = await meet()
    const { session } = alice
    // Mallory has it from opening the message.
    const place = { room: ROOM, sequence: 0n, kind: MESSAGE_KINDS.chat }
    const body = await signRoomMessage(encodeBody({ text: 'first', at: 0 }), { session, ...place })
    for (const kind of [MESSAGE_KINDS.chat, MESSAGE_KINDS.state]) {
      const forger = await posingAs(alice, mallory)
      const { bytes } = await forger.seal({ kind }, body)
      expect(await openUnverified(mallory, alice, bytes)).toBe('opened')
      hub.invent({ from: alice.self, to: bob.self, payload: bytes })
    }
    await flush()
    expect(bob.drops).toEqual(['not-authentic', 'not-authentic'])
    expect(bob.heard).toEqual(['first'])
  })

  test('makes no gap, asks for no repetition and fills no table by forging later places', async () => {
    const [alice, bob, mallory] = await meet()
    const forger = await posingAs(alice, mallory)
    // Alice has asked whether everyone has what she said.
    clock.advance(1000)
    await flush()
    const before = hub.seen.length
    for (let n = 0; n < 300; n += 1) {
      const { bytes } = await forger.seal({ kind: MESSAGE_KINDS.chat }, encodeBody({ n }))
      hub.invent({ from: alice.self, to: bob.self, payload: bytes })
    }
    await flush()
    clock.advance(1000)
    await flush()
    expect(bob.drops).toEqual(Array(300).fill('not-authentic'))
    expect(hub.seen).toHaveLength(before)
    for (let n = 0; n < 50; n += 1) await alice.say(`real ${n}`)
    await flush()
    expect(bob.heard).toEqual(['first', ...Array.from({ length: 50 }, (_, n) => `real ${n}`)])
  })
})

test('[R61] a signing key outlives the keys of its pair', async () => {
  const [alice, bob] = await meet()
  for (const { keys } of [alice, bob]) keys.setKey(new Uint8Array(32).fill(9), 1n)
  await flush()
  const { bytes } = await alice.sealer.seal({ kind: MESSAGE_KINDS.chat }, encodeBody({ n: 1 }))
  for (const { keys } of [alice, bob]) keys.retire(0n)
  expect(bob.introductions.pairs.has(alice.self)).toBe(false)
  expect(await bob.sealer.open(alice.self, bytes)).toMatchObject({ type: 'opened' })
})

test('[R61] a session that is forgotten has no signing key here, and nothing of it opens', async () => {
  const [alice, bob] = await meet()
  bob.introductions.forget(alice.self)
  const { bytes } = await alice.sealer.seal({ kind: MESSAGE_KINDS.chat }, encodeBody({ n: 1 }))
  expect(await bob.sealer.open(alice.self, bytes)).toMatchObject({ reason: 'unknown-key' })
})

interface Member extends SessionParts {
  readonly transport: LocalTransport
  readonly messages: RoomMessages
  readonly heard: string[]
  readonly infos: string[]
  readonly drops: string[]
  say(text: string): Promise<void>
}

/** Three members; alice has said something, so that everyone has her key. */
async function meet(): Promise<[Member, Member, Member]> {
  const met = [await join(), await join(), await join()] as [Member, Member, Member]
  await flush()
  await met[0].say('first')
  await flush()
  return met
}

/** A forger of messages that follow what `victim` said last. */
async function posingAs(victim: Member, member: Member): Promise<Sealer> {
  const said = hub.seen.findLast(({ from, payload }) => from === victim.self && isToRoom(payload))
  if (said === undefined) throw new Error('expected a message of the victim to the room')
  const forger = createForger(member, victim.self, said.payload)
  while (forger.next() < victim.sealer.next()) await forger.seal({ kind: 0 }, new Uint8Array())
  return forger
}

async function join(): Promise<Member> {
  const parts = await sessionParts()
  const transport = hub.transport(parts.self)
  const info = { name: 'somebody', published: {} }
  const messages = new RoomMessages({ ...parts, transport, clock, info })
  const [heard, infos, drops]: [string[], string[], string[]] = [[], [], []]
  messages.on('message', ({ body }) => heard.push(textOf(body)))
  messages.on('info', (event) => infos.push(event.info.name))
  messages.on('dropped', ({ reason }) => drops.push(reason))
  const say = async (text: string): Promise<void> => {
    await messages.broadcast(MESSAGE_KINDS.chat, encodeBody({ text, at: 0 })).sent
  }
  const member = { ...parts, transport, messages, heard, infos, drops, say }
  members.push(member)
  await transport.open()
  await flush()
  return member
}

const textOf = (body: Uint8Array): string => decodeChat(body)?.text ?? 'no chat message'

const isToRoom = (payload: Uint8Array): boolean =>
  decodeEnvelopeHeader(payload)?.audience === 'room'

async function flush(): Promise<void> {
  await hub.flush(members.map(({ messages }) => messages))
}
