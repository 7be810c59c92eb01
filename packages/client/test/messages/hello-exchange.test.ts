import { createRandom, VirtualClock } from '@conclave/base/testing'
import { randomParticipantId } from '@conclave/e2ee'
import type { Sealer } from '@conclave/e2ee'
import type { ParticipantId } from '@conclave/wire'
import { beforeEach, expect, test } from 'vitest'
import { encodeBody, MESSAGE_KINDS } from '../../src/messages/bodies.ts'
import { RoomMessages } from '../../src/messages/room-messages.ts'
import { type Delivery, LocalHub, type LocalTransport } from '../../src/testing/local-hub.ts'
import type { TransportEvents } from '../../src/transport.ts'
import { sessionParts } from './session-parts.ts'

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

test('[R27] two sessions meet although the first hello is lost', async () => {
  const bob = await join()
  isLost = () => true
  const alice = await join()
  await flush()
  isLost = () => false
  await pass(250)
  expect(bob.roster).toEqual([alice.self])
  expect(alice.roster).toEqual([bob.self])
})

test('[R27] a hello without an answer is repeated after 250 and 500 ms, then each second', async () => {
  const alice = await join()
  alice.transport.tell('up', { participants: [randomParticipantId()] })
  await flush()
  const atMs: number[] = []
  const startMs = clock.now()
  let sent = alice.sent
  for (let steps = 0; steps < 100; steps += 1) {
    await pass(50)
    if (alice.sent > sent) atMs.push(clock.now() - startMs)
    sent = alice.sent
  }
  expect(atMs).toEqual([250, 750, 1750, 2750, 3750, 4750])
})

test('[R27] nothing is asked while the transport is down, and after the end', async () => {
  const alice = await join()
  alice.transport.tell('up', { participants: [randomParticipantId()] })
  await flush()
  expect(clock.pending).toBe(1)
  alice.transport.tell('down', {})
  expect(clock.pending).toBe(0)
  alice.transport.tell('up', { participants: [randomParticipantId()] })
  alice.messages.close()
  expect(clock.pending).toBe(0)
})

test('[R27] a thousand invented participants cost 16 hellos a second', async () => {
  const alice = await join()
  const participants = Array.from({ length: 1000 }, () => randomParticipantId())
  alice.transport.tell('up', { participants })
  await pass(8000)
  const before = alice.sent
  await pass(5000)
  expect(alice.sent - before).toBeLessThanOrEqual(5 * 16 + 1)
})

test('[R27] a last message that is lost comes without its sender saying more', async () => {
  const [alice, bob] = await meet()
  isLost = () => true
  await alice.say('the last word')
  await flush()
  isLost = () => false
  await pass(1000)
  expect(bob.heard).toEqual(['the last word'])
  await pass(60_000)
  expect(clock.pending).toBe(0)
})

test('[R27] messages that are not confirmed are repeated with the third question, while all answers are lost', async () => {
  const [alice, bob] = await meet()
  let sent = 0
  isLost = ({ from }) => from === bob.self || (from === alice.self && (sent += 1) <= 3)
  await alice.say('the last word')
  await flush()
  await pass(1000)
  await pass(250)
  expect(bob.heard).toEqual([])
  await pass(500)
  expect(bob.heard).toEqual(['the last word'])
})

test('[R27] a recorded hello that comes late changes nothing', async () => {
  const [alice, bob] = await meet()
  await alice.messages.setInfo({ name: 'new name', published: {} })?.sent
  await flush()
  bob.transport.lose()
  hub.connect(bob.transport)
  await alice.messages.settled()
  await bob.messages.settled()
  const early = hub.queue.splice(0)
  bob.transport.lose()
  hub.connect(bob.transport)
  await flush()
  const { sent } = alice
  for (const delivery of early) hub.invent(delivery)
  await flush()
  expect(alice.sent).toBe(sent)
})

test('[R13] a participant that the hub says joined again is met again', async () => {
  const [alice, bob] = await meet()
  alice.transport.tell('participantLeft', { participant: bob.self, reason: 'left' })
  expect(alice.roster).toEqual([])
  alice.transport.tell('participantJoined', { participant: bob.self })
  await pass(250)
  expect(alice.roster).toEqual([bob.self])
})

test('[R28] a flood of questions gets one answer a second, and repetitions at a bounded rate', async () => {
  const [alice, bob, mallory] = await meet(3)
  for (let n = 0; n < 300; n += 1) await alice.say(String(n))
  await flush()
  await pass(1000)
  const before = alice.sent
  await flood(mallory, alice, { seconds: 20 })
  const repeated = alice.published.slice(before).filter(({ isRepetition }) => isRepetition === true)
  expect(repeated.length).toBeLessThanOrEqual(300 + 128 + 20 * 32)
  // Answers, and questions of alice's, of which each has an answer.
  expect(alice.sent - before - repeated.length).toBeLessThanOrEqual(4 + 20 + 20 * 3)
  await alice.say('still heard')
  await flush()
  expect(bob.heard.at(-1)).toBe('still heard')
})

test('[R28] a repetition comes after the hello', async () => {
  const [alice, bob] = await meet()
  bob.transport.lose()
  await alice.say('one')
  hub.connect(bob.transport)
  await flush()
  const { published } = alice
  const at = published.findIndex(({ isRepetition }) => isRepetition === true)
  expect(at).toBeGreaterThan(0)
  expect(published[at - 1]).toMatchObject({ to: bob.self })
  expect(published[at - 1]?.isRepetition).toBeUndefined()
})

test('[R29] a call of two comes up in 20 s while a third of all messages is lost', async () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    hub = new LocalHub()
    members = []
    const random = createRandom(seed)
    isLost = () => random() < 1 / 3
    const [alice, bob] = [await join(), await join()]
    for (let n = 0; n < 20; n += 1) {
      await pass(500)
      if (alice.roster.length > 0) {
        await alice.messages.send(bob.self, MESSAGE_KINDS.signal, encodeBody({ n }))
      }
      if (bob.roster.length > 0) {
        await bob.messages.send(alice.self, MESSAGE_KINDS.signal, encodeBody({ n }))
      }
    }
    await pass(10_000)
    for (const [one, other] of [
      [alice, bob],
      [bob, alice],
    ] as const) {
      expect(one.roster, `seed ${seed}`).toEqual([other.self])
      expect(one.heard.length, `seed ${seed}`).toBeGreaterThan(10)
      expect(one.heard.at(-1), `seed ${seed}`).toBe('{"n":19}')
    }
  }
})

test('[R41] participants meet although the hub does not name the newcomer', async () => {
  const alice = await join()
  doNotTell(alice, 'participantJoined')
  const bob = await join()
  await flush()
  expect(alice.roster).toEqual([bob.self])
  expect(bob.roster).toEqual([alice.self])
})

test('[R41] a participant that says hello after its connection was lost stays', async () => {
  const [alice, bob] = await meet()
  doNotTell(alice, 'participantJoined')
  bob.transport.lose()
  hub.connect(bob.transport)
  await flush()
  clock.advance(60_000)
  expect(alice.roster).toEqual([bob.self])
})

test('[R41] a hello of a participant that left, and one that does not authenticate, name nobody', async () => {
  const [alice, bob] = await meet()
  alice.transport.tell('participantLeft', { participant: bob.self, reason: 'left' })
  await bob.messages.send(alice.self, MESSAGE_KINDS.hello, new Uint8Array())
  for (const { payload } of [...hub.queue]) {
    hub.invent({ from: randomParticipantId(), to: alice.self, payload })
  }
  await flush()
  expect(alice.roster).toEqual([])
})

/** The hub tells a member nothing of this type. */
function doNotTell({ transport }: Member, type: keyof TransportEvents): void {
  const tell = transport.tell.bind(transport)
  transport.tell = (told, event) => {
    if (told !== type) tell(told, event)
  }
}

interface Member {
  readonly self: ParticipantId
  readonly transport: LocalTransport
  readonly messages: RoomMessages
  readonly sealer: Sealer
  readonly published: { readonly to?: ParticipantId; readonly isRepetition?: boolean }[]
  readonly sent: number
  readonly roster: ParticipantId[]
  readonly heard: string[]
  say(text: string): Promise<void>
}

async function join(): Promise<Member> {
  const parts = await sessionParts()
  const { self, sealer } = parts
  const transport = hub.transport(self)
  const publish = transport.publish.bind(transport)
  const published: Member['published'] = []
  transport.publish = (message) => {
    published.push(message as Member['published'][number])
    return publish(message)
  }
  const info = { name: 'somebody', published: {} }
  const messages = new RoomMessages({ ...parts, transport, clock, info })
  const roster: ParticipantId[] = []
  const heard: string[] = []
  messages.on('joined', ({ participant }) => roster.push(participant))
  messages.on('left', ({ participant }) => roster.splice(roster.indexOf(participant), 1))
  messages.on('message', ({ body }) => heard.push(new TextDecoder().decode(body)))
  const say = (text: string): Promise<void> =>
    messages.broadcast(MESSAGE_KINDS.chat, new TextEncoder().encode(text)).sent
  const member = {
    self,
    transport,
    messages,
    sealer,
    published,
    get sent() {
      return published.length
    },
    roster,
    heard,
    say,
  }
  members.push(member)
  void transport.open()
  return member
}

async function meet(count = 2): Promise<[Member, Member, Member]> {
  for (let n = 0; n < count; n += 1) {
    await join()
    await flush()
  }
  return members as [Member, Member, Member]
}

/** Asks for everything from the first message on, twenty times a second. */
async function flood(
  from: Member,
  to: Member,
  { seconds }: { readonly seconds: number },
): Promise<void> {
  for (let n = 0; n < seconds * 20; n += 1) {
    const direct = Number(from.sealer.next(to.self))
    const positions = { room: 0, direct: 0 }
    const hello = {
      reply: true,
      next: { room: 0, direct },
      oldest: positions,
      first: positions,
      missed: [],
      received: { room: 0, direct: 0, hello: null, key: null, lost: 0 },
      info: { name: 'Mallory', published: {} },
    }
    await from.messages.send(to.self, MESSAGE_KINDS.hello, encodeBody(hello))
    await pass(50)
  }
}

async function pass(byMs: number): Promise<void> {
  for (let ms = 0; ms < byMs; ms += 50) {
    clock.advance(50)
    await flush()
  }
}

async function flush(): Promise<void> {
  do {
    for (const delivery of hub.queue.splice(0)) if (!isLost(delivery)) hub.invent(delivery)
    await Promise.all(members.map(({ messages }) => messages.settled()))
  } while (hub.queue.length > 0)
}
