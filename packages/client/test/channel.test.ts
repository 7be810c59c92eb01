import { type Sealer, SharedKeySource, createSealer, randomParticipantId } from '@conclave/e2ee'
import { type ParticipantId, type RoomId, parseRoomId } from '@conclave/wire'
import { beforeEach, expect, it } from 'vitest'
import { encodeBody, messageKinds } from '../src/channel/bodies.ts'
import { Channel } from '../src/channel/channel.ts'
import { type Delivery, LocalHub, type LocalTransport } from '../src/testing/local-hub.ts'
import { VirtualClock } from '@conclave/base/testing'

const room = parseRoomId('AAECAwQFBgcICQoLDA0ODw') as RoomId
const secret = new Uint8Array(32).fill(7)

let hub: LocalHub
let clock: VirtualClock
let members: Member[]

beforeEach(() => {
  hub = new LocalHub()
  clock = new VirtualClock()
  members = []
})

it('[R11] a hello puts a participant into the roster, on both sides, with its name', async () => {
  const [ada, ben] = await meet('Ada', 'Ben')
  expect(ada.log).toContain('joined Ben')
  expect(ben.log).toContain('joined Ada')
})

it('[R11] the word of the hub alone puts nobody into the roster', async () => {
  const ada = await join('Ada')
  ada.transport.tell('participantJoined', { participant: randomParticipantId() })
  await flush()
  expect(ada.log).toEqual([])
})

it('[R11] a hello recorded in an earlier session opens nothing in this one', async () => {
  await meet('Ada', 'Ben')
  const recorded = [...hub.seen]
  for (const member of members.splice(0)) member.transport.close()
  const cleo = await join('Cleo')
  for (const { from, payload } of recorded) {
    cleo.transport.tell('participantJoined', { participant: from })
    hub.invent({ from, to: cleo.self, payload })
  }
  await flush()
  expect(cleo.log.filter((line) => line.startsWith('joined'))).toEqual([])
})

it('[R11] somebody with another secret gets into nobody’s roster and nobody into its', async () => {
  const ada = await join('Ada')
  const eve = await join('Eve', { secret: new Uint8Array(32).fill(8) })
  await flush()
  await ada.say('hello')
  await flush()
  expect(ada.log).toEqual(['dropped not-authentic'])
  expect(eve.log.filter((line) => !line.startsWith('dropped'))).toEqual([])
})

it('[R12] what was said to the room before its speaker answered is not delivered', async () => {
  const [ada] = await meet('Ada', 'Ben')
  await ada.say('before')
  await flush()
  const early = hub.seen.filter(({ from }) => from === ada.self)
  const cleo = await join('Cleo')
  for (const { payload } of early) hub.invent({ from: ada.self, to: cleo.self, payload })
  await flush()
  for (const { payload } of early) hub.invent({ from: ada.self, to: cleo.self, payload })
  await ada.say('after')
  await flush()
  expect(cleo.heard).toEqual(['Ada: after'])
})

it('[R13] a session that comes back is greeted again and keeps its place', async () => {
  const [ada, ben] = await meet('Ada', 'Ben')
  ben.transport.lose()
  hub.connect(ben.transport)
  await flush()
  expect(ada.log).toEqual(['joined Ben', 'info Ben'])
})

it('[R14] left: gone at once; lost: gone after 15 s unless it came back', async () => {
  const [ada, ben, cleo] = await meet('Ada', 'Ben', 'Cleo')
  ben.transport.close()
  expect(ada.log).toContain('left Ben')
  cleo.transport.lose()
  clock.advance(14_999)
  expect(ada.log).not.toContain('left Cleo')
  hub.connect(cleo.transport)
  await flush()
  clock.advance(60_000)
  expect(ada.log).not.toContain('left Cleo')
  cleo.transport.lose()
  clock.advance(15_000)
  expect(ada.log).toContain('left Cleo')
})

it('[R14] whom the hub does not name any more after a reconnect is gone after 15 s', async () => {
  const [ada] = await meet('Ada', 'Ben')
  hub.kill()
  hub.restart([ada.transport])
  clock.advance(15_000)
  expect(ada.log).toContain('left Ben')
})

it('[R14] a hello that was being opened when its sender left puts nobody back', async () => {
  const ada = await join('Ada')
  const ben = await join('Ben')
  await ben.channel.settled()
  for (const delivery of hub.queue.splice(0)) hub.invent(delivery)
  ben.transport.close()
  await flush()
  expect(ada.log).toEqual([])
})

it('[R15] a session that left and came back goes on where it was', async () => {
  const [ada, ben] = await meet('Ada', 'Ben')
  await ben.say('one')
  await flush()
  const said = hub.seen.filter(({ from }) => from === ben.self)
  ben.transport.lose()
  clock.advance(15_000)
  hub.connect(ben.transport)
  await flush()
  for (const delivery of said) hub.invent(delivery)
  await ben.say('two')
  await flush()
  expect(ada.log.filter((line) => line.startsWith('joined') || line.startsWith('left'))).toEqual([
    'joined Ben',
    'left Ben',
    'joined Ben',
  ])
  expect(ada.heard).toEqual(['Ben: one', 'Ben: two'])
})

it('[R8] repeated, reordered and invented messages are delivered once and in order', async () => {
  const [ada, ben] = await meet('Ada', 'Ben')
  for (const text of ['1', '2', '3', '4']) await ada.say(text)
  const [one, two, three, four] = hub.queue as [Delivery, Delivery, Delivery, Delivery]
  const forged = { ...two, payload: two.payload.map((byte, at) => (at === 30 ? byte ^ 1 : byte)) }
  const reflected = { ...one, to: ada.self, from: ada.self }
  hub.queue = [three, forged, one, one, reflected, four, three, two]
  await flush()
  expect(ben.heard).toEqual(['Ada: 1', 'Ada: 2', 'Ada: 3', 'Ada: 4'])
  expect(ben.dropped['not-authentic']).toBe(1)
  expect(ben.dropped['replay']).toBeGreaterThanOrEqual(2)
  expect(ada.heard).toEqual([])
})

it('[R9] what a dying hub took with it is repeated, and nothing twice', async () => {
  const [ada, ben, cleo] = await meet('Ada', 'Ben', 'Cleo')
  await ada.say('delivered')
  await flush()
  await ada.say('taken over, never delivered')
  await ben.say('taken over too')
  hub.kill()
  await ada.say('said while it was away')
  hub.restart([cleo.transport, ben.transport, ada.transport])
  await flush()
  const all = ['Ada: delivered', 'Ada: taken over, never delivered', 'Ada: said while it was away']
  expect(ben.heard).toEqual(all)
  expect(cleo.heard.toSorted()).toEqual([...all, 'Ben: taken over too'].toSorted())
  expect(ada.heard).toEqual(['Ben: taken over too'])
})

it('[R9] direct messages are repeated like those to the room', async () => {
  const [ada, ben] = await meet('Ada', 'Ben')
  await ada.channel.send(ben.self, messageKinds.signal, encodeBody({ n: 1 }))
  hub.kill()
  hub.restart([ada.transport, ben.transport])
  await flush()
  expect(ben.signals).toEqual(['{"n":1}'])
})

it('[R9] what can no longer be repeated is skipped and counted as lost', async () => {
  const [ada, ben] = await meet('Ada', 'Ben')
  ben.transport.lose()
  for (let n = 0; n < 520; n += 1) await ada.say(String(n))
  await flush()
  hub.connect(ben.transport)
  await flush()
  expect(ben.heard).toHaveLength(512)
  expect(ben.heard[0]).toBe('Ada: 8')
  expect(ben.dropped['lost']).toBe(8)
})

it('[R10] a gap is closed without a reconnect, and asked for once a second at most', async () => {
  const [ada, ben] = await meet('Ada', 'Ben')
  await ada.say('1')
  hub.queue = []
  await ada.say('2')
  await flush()
  expect(ben.heard).toEqual(['Ada: 1', 'Ada: 2'])
  const asked = hub.seen.length
  await ada.say('3')
  hub.queue = []
  await ada.say('4')
  await flush()
  expect(hub.seen.length).toBe(asked + 2)
  clock.advance(1000)
  await ada.say('5')
  await flush()
  expect(ben.heard).toEqual(['Ada: 1', 'Ada: 2', 'Ada: 3', 'Ada: 4', 'Ada: 5'])
})

it('[R7] a body that is not what its kind says is dropped and the stream goes on', async () => {
  const [ada, ben] = await meet('Ada', 'Ben')
  for (const body of ['', '{', '[]', '{"name":1}', '{"name":"x","published":{"window":true}}']) {
    await ada.channel.broadcast(messageKinds.state, new TextEncoder().encode(body))
  }
  await ada.channel.send(ben.self, messageKinds.hello, encodeBody({ reply: true }))
  await ada.channel.setInfo({ name: 'Ada L.', published: { camera: false } })
  await flush()
  expect(ben.log).toEqual(['joined Ada', ...Array(6).fill('dropped malformed-body'), 'info Ada L.'])
})

it('[R12] strangers allocate nothing: their messages are dropped unopened', async () => {
  const [ada] = await meet('Ada', 'Ben')
  for (let n = 0; n < 50; n += 1) {
    hub.invent({ from: randomParticipantId(), to: ada.self, payload: new Uint8Array(64) })
  }
  await flush()
  expect(ada.dropped['unknown-sender']).toBe(50)
})

interface Member {
  readonly self: ParticipantId
  readonly name: string
  readonly transport: LocalTransport
  readonly channel: Channel
  readonly sealer: Sealer
  readonly log: string[]
  readonly heard: string[]
  readonly signals: string[]
  readonly dropped: Record<string, number>
  say(text: string): Promise<void>
}

async function join(name: string, options: { secret?: Uint8Array } = {}): Promise<Member> {
  const self = randomParticipantId()
  const keys = new SharedKeySource(Uint8Array.from(options.secret ?? secret))
  const sealer = createSealer({ keys, room, self })
  const transport = hub.transport(self)
  const channel = new Channel({ transport, sealer, self, clock, info: { name, published: {} } })
  const names = new Map<ParticipantId, string>()
  const log: string[] = []
  const heard: string[] = []
  const signals: string[] = []
  const dropped: Record<string, number> = {}
  channel.on('joined', ({ participant, info }) => {
    names.set(participant, info.name)
    log.push(`joined ${info.name}`)
  })
  channel.on('left', ({ participant }) => log.push(`left ${names.get(participant)}`))
  channel.on('info', ({ info }) => log.push(`info ${info.name}`))
  channel.on('dropped', ({ reason, count }) => {
    dropped[reason] = (dropped[reason] ?? 0) + count
    log.push(`dropped ${reason}`)
  })
  channel.on('message', ({ from, kind, body }) => {
    const text = new TextDecoder().decode(body)
    if (kind === messageKinds.chat) heard.push(`${names.get(from)}: ${text}`)
    else signals.push(text)
  })
  const say = async (text: string): Promise<void> => {
    await channel.broadcast(messageKinds.chat, new TextEncoder().encode(text))
  }
  const member = { self, name, transport, channel, sealer, log, heard, signals, dropped, say }
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
  await hub.flush(members.map(({ channel }) => channel))
}
