import { randomParticipantId } from '@conclave/e2ee'
import type { ParticipantId } from '@conclave/wire'
import { beforeEach, expect, test } from 'vitest'
import { encodeBody, MESSAGE_KINDS } from '../../src/messages/bodies.ts'
import { RoomMessages } from '../../src/messages/room-messages.ts'
import { type Delivery, LocalHub, type LocalTransport } from '../../src/testing/local-hub.ts'
import { VirtualClock } from '@conclave/base/testing'
import { type SessionParts, sessionParts } from './session-parts.ts'

let hub: LocalHub
let clock: VirtualClock
let members: Member[]

beforeEach(() => {
  hub = new LocalHub()
  clock = new VirtualClock()
  members = []
})

test('[R11] a hello puts a participant into the roster, on both sides, with its name', async () => {
  const [alice, bob] = await meet('Alice', 'Bob')
  expect(alice.log).toContain('joined Bob')
  expect(bob.log).toContain('joined Alice')
})

test('[R11] the hub cannot put anyone into the roster without a hello', async () => {
  const alice = await join('Alice')
  alice.transport.tell('participantJoined', { participant: randomParticipantId() })
  await flush()
  expect(alice.log).toEqual([])
})

test('[R11] a hello recorded in an earlier session opens nothing in this one', async () => {
  await meet('Alice', 'Bob')
  const recorded = [...hub.seen]
  for (const member of members.splice(0)) member.transport.close()
  const carol = await join('Carol')
  for (const { from, payload } of recorded) {
    carol.transport.tell('participantJoined', { participant: from })
    hub.invent({ from, to: carol.self, payload })
  }
  await flush()
  expect(carol.log.filter((line) => line.startsWith('joined'))).toEqual([])
})

test('[R11] a session with another secret enters no roster and sees no one in its own', async () => {
  const alice = await join('Alice')
  const eve = await join('Eve', { secret: new Uint8Array(32).fill(8) })
  await flush()
  await alice.say('hello')
  await flush()
  expect(alice.log).toEqual(['dropped not-authentic'])
  expect(eve.log.filter((line) => !line.startsWith('dropped'))).toEqual([])
})

test('[R12] a message to the room before its sender has answered is not delivered', async () => {
  const [alice] = await meet('Alice', 'Bob')
  await alice.say('before')
  await flush()
  const early = hub.seen.filter(({ from }) => from === alice.self)
  const carol = await join('Carol')
  for (const { payload } of early) hub.invent({ from: alice.self, to: carol.self, payload })
  await flush()
  for (const { payload } of early) hub.invent({ from: alice.self, to: carol.self, payload })
  await alice.say('after')
  await flush()
  expect(carol.heard).toEqual(['Alice: after'])
})

test('[R13] a session that comes back is greeted again and keeps its place', async () => {
  const [alice, bob] = await meet('Alice', 'Bob')
  bob.transport.lose()
  hub.connect(bob.transport)
  await flush()
  expect(alice.log).toEqual(['joined Bob', 'info Bob'])
})

test('[R14] a participant that left is removed at once, a lost one after 90 s unless it comes back', async () => {
  const [alice, bob, carol] = await meet('Alice', 'Bob', 'Carol')
  bob.transport.close()
  expect(alice.log).toContain('left Bob')
  carol.transport.lose()
  clock.advance(89_999)
  expect(alice.log).not.toContain('left Carol')
  hub.connect(carol.transport)
  await flush()
  clock.advance(120_000)
  expect(alice.log).not.toContain('left Carol')
  carol.transport.lose()
  clock.advance(90_000)
  expect(alice.log).toContain('left Carol')
})

test('[R14] a participant that the hub no longer names after a reconnect is removed after 90 s', async () => {
  const [alice] = await meet('Alice', 'Bob')
  hub.kill()
  hub.restart([alice.transport])
  clock.advance(90_000)
  expect(alice.log).toContain('left Bob')
})

test('[R14] a hello still being opened when its sender leaves does not put the sender back', async () => {
  const alice = await join('Alice')
  const bob = await join('Bob')
  await bob.messages.settled()
  for (const delivery of hub.queue.splice(0)) hub.invent(delivery)
  bob.transport.close()
  await flush()
  expect(alice.log).toEqual([])
})

test('[R15] a session that left and comes back continues its streams', async () => {
  const [alice, bob] = await meet('Alice', 'Bob')
  await bob.say('one')
  await flush()
  const said = hub.seen.filter(({ from }) => from === bob.self)
  bob.transport.lose()
  clock.advance(90_000)
  hub.connect(bob.transport)
  await flush()
  for (const delivery of said) hub.invent(delivery)
  await bob.say('two')
  await flush()
  expect(alice.log.filter((line) => line.startsWith('joined') || line.startsWith('left'))).toEqual([
    'joined Bob',
    'left Bob',
    'joined Bob',
  ])
  expect(alice.heard).toEqual(['Bob: one', 'Bob: two'])
})

test('[R8] repeated, reordered and invented messages are delivered once and in order', async () => {
  const [alice, bob] = await meet('Alice', 'Bob')
  for (const text of ['1', '2', '3', '4']) await alice.say(text)
  const [key, one, two, three, four] = hub.queue as [
    ...[Delivery, Delivery, Delivery],
    ...[Delivery, Delivery],
  ]
  const forged = { ...two, payload: two.payload.map((byte, at) => (at === 50 ? byte ^ 1 : byte)) }
  const reflected = { ...one, to: alice.self, from: alice.self }
  hub.queue = [key, three, forged, one, one, reflected, four, three, two]
  await flush()
  expect(bob.heard).toEqual(['Alice: 1', 'Alice: 2', 'Alice: 3', 'Alice: 4'])
  expect(bob.dropped['not-authentic']).toBe(1)
  expect(bob.dropped['replay']).toBeGreaterThanOrEqual(2)
  expect(alice.heard).toEqual([])
})

test('[R9] messages lost with a dying hub are repeated, and none is delivered twice', async () => {
  const [alice, bob, carol] = await meet('Alice', 'Bob', 'Carol')
  await alice.say('delivered')
  await flush()
  await alice.say('taken over, never delivered')
  await bob.say('taken over too')
  hub.kill()
  await alice.say('said while it was away')
  hub.restart([carol.transport, bob.transport, alice.transport])
  await flush()
  const all = [
    'Alice: delivered',
    'Alice: taken over, never delivered',
    'Alice: said while it was away',
  ]
  expect(bob.heard).toEqual(all)
  expect(carol.heard.toSorted()).toEqual([...all, 'Bob: taken over too'].toSorted())
  expect(alice.heard).toEqual(['Bob: taken over too'])
})

test('[R9] direct messages are repeated like those to the room', async () => {
  const [alice, bob] = await meet('Alice', 'Bob')
  await alice.messages.send(bob.self, MESSAGE_KINDS.signal, encodeBody({ n: 1 }))
  hub.kill()
  hub.restart([alice.transport, bob.transport])
  await flush()
  expect(bob.signals).toEqual(['{"n":1}'])
})

test('[R10] a gap is closed without a reconnect, and asked for once a second at most', async () => {
  const [alice, bob] = await meet('Alice', 'Bob')
  await alice.say('0')
  await flush()
  await alice.say('1')
  hub.queue = []
  await alice.say('2')
  await flush()
  expect(bob.heard).toEqual(['Alice: 0', 'Alice: 1', 'Alice: 2'])
  const asked = hub.seen.length
  await alice.say('3')
  hub.queue = []
  await alice.say('4')
  await flush()
  expect(hub.seen.length).toBe(asked + 2)
  clock.advance(1000)
  await alice.say('5')
  await flush()
  expect(bob.heard).toEqual([0, 1, 2, 3, 4, 5].map((n) => `Alice: ${n}`))
})

test('[R7] a body that does not match its kind is dropped, and the stream continues', async () => {
  const [alice, bob] = await meet('Alice', 'Bob')
  for (const body of ['', '{', '[]', '{"name":1}', '{"name":"x","published":{"window":true}}']) {
    await alice.messages.broadcast(MESSAGE_KINDS.state, new TextEncoder().encode(body)).sent
  }
  await alice.messages.send(bob.self, MESSAGE_KINDS.hello, encodeBody({ reply: true }))
  await alice.messages.setInfo({ name: 'Alice L.', published: { camera: false } })?.sent
  await flush()
  expect(bob.log).toEqual([
    'joined Alice',
    ...Array(6).fill('dropped malformed-body'),
    'info Alice L.',
  ])
})

test('[R12] messages of strangers are dropped unopened and allocate no memory', async () => {
  const [alice] = await meet('Alice', 'Bob')
  for (let n = 0; n < 50; n += 1) {
    hub.invent({ from: randomParticipantId(), to: alice.self, payload: new Uint8Array(64) })
  }
  await flush()
  expect(alice.dropped['unknown-sender']).toBe(50)
})

interface Member extends SessionParts {
  readonly name: string
  readonly transport: LocalTransport
  readonly messages: RoomMessages
  readonly log: string[]
  readonly heard: string[]
  readonly signals: string[]
  readonly dropped: Record<string, number>
  say(text: string): Promise<void>
}

async function join(name: string, options: { secret?: Uint8Array } = {}): Promise<Member> {
  const parts = await sessionParts(options)
  const transport = hub.transport(parts.self)
  const messages = new RoomMessages({
    ...parts,
    transport,
    clock,
    info: { name, published: {} },
  })
  const names = new Map<ParticipantId, string>()
  const log: string[] = []
  const heard: string[] = []
  const signals: string[] = []
  const dropped: Record<string, number> = {}
  messages.on('joined', ({ participant, info }) => {
    names.set(participant, info.name)
    log.push(`joined ${info.name}`)
  })
  messages.on('left', ({ participant }) => log.push(`left ${names.get(participant)}`))
  messages.on('info', ({ info }) => log.push(`info ${info.name}`))
  messages.on('dropped', ({ reason, count }) => {
    dropped[reason] = (dropped[reason] ?? 0) + count
    log.push(`dropped ${reason}`)
  })
  messages.on('message', ({ from, kind, body }) => {
    const text = new TextDecoder().decode(body)
    if (kind === MESSAGE_KINDS.chat) heard.push(`${names.get(from)}: ${text}`)
    else signals.push(text)
  })
  const say = async (text: string): Promise<void> => {
    await messages.broadcast(MESSAGE_KINDS.chat, new TextEncoder().encode(text)).sent
  }
  const member = { ...parts, name, transport, messages, log, heard, signals, dropped, say }
  members.push(member)
  await transport.open()
  return member
}

async function meet<Names extends string[]>(
  ...names: Names
): Promise<{ [At in keyof Names]: Member }> {
  const met: Member[] = []
  for (const name of names) {
    met.push(await join(name))
    await flush()
  }
  return met as { [At in keyof Names]: Member }
}

async function flush(): Promise<void> {
  await hub.flush(members.map(({ messages }) => messages))
}
