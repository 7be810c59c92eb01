import '../../../../tools/web-platform.ts'
import {
  ParticipantKeyProvider,
  ParticipantKeySource,
  SharedKeyProvider,
  SharedKeySource,
  createAccessKey,
  createSealer,
  decodeEnvelopeHeader,
  deriveRoomId,
  randomParticipantId,
} from '@conclave/e2ee'
import type { KeySource } from '@conclave/e2ee'
import {
  ExternalE2EEKeyProvider,
  PBKDF2,
  createPassphraseKeySource,
} from '@conclave/e2ee/passphrase'
import { afterEach, expect, test, vi } from 'vitest'
import type { ParticipantId } from '@conclave/wire'
import { Room, createRoomLink, parseRoomLink } from '../../src/index.ts'
import type { OpenedRoomLink, RoomTarget } from '../../src/index.ts'
import { createSessionKeys } from '@conclave/e2ee/session'
import { LocalHub } from '../../src/testing/index.ts'

const rooms: { leave(): Promise<void> }[] = []
const origin = 'https://meet.example'

afterEach(async () => {
  vi.restoreAllMocks()
  await Promise.all(rooms.splice(0).map((room) => room.leave()))
})

const join = async <Keys extends KeySource>(
  target: RoomTarget<Keys>,
  name: string,
): Promise<Room<Keys>> => {
  const room = await Room.join(target, { name, media: false })
  rooms.push(room)
  return room
}

const open = async (href: string): Promise<OpenedRoomLink> => {
  const link = await parseRoomLink(href)
  if (link.type === 'invalid') throw new Error(`expected a link, got ${link.reason}`)
  return link
}

const newRoomId = async (): Promise<RoomTarget['room']> =>
  deriveRoomId((await createAccessKey(crypto.getRandomValues(new Uint8Array(32)))).publicKey)

test('[R26] a link’s keys are derived once, for reading it and for joining with it', async () => {
  const hub = new LocalHub()
  const href = await createRoomLink(origin)
  const methods = ['importKey', 'deriveBits', 'sign', 'verify'] as const
  const spies = methods.map((method) => vi.spyOn(crypto.subtle, method))
  const link = await open(href)
  const counts = (): number[] => spies.map(({ mock }) => mock.calls.length)
  const [imported = 0, derived = 0, signed = 0, verified = 0] = counts()
  expect(imported).toBeLessThanOrEqual(6)
  expect(derived).toBeLessThanOrEqual(3)
  expect(signed).toBeLessThanOrEqual(1)
  expect(verified).toBeLessThanOrEqual(1)
  await createSessionKeys()
  const ofSession = counts().map(
    (count, at) => count - ([imported, derived, signed, verified][at] ?? 0),
  )
  const transport = hub.transport.bind(hub)
  const before = counts()
  rooms.push(await Room.join(link, { media: false, transport, persons: false }))
  // A join costs the keys of its session and those under which it speaks (K28), and nothing for the link.
  const ofJoin = (): number[] => counts().map((count, at) => count - (before[at] ?? 0))
  const [imports = 0, derivations = 0, signatures = 0, checks = 0] = ofSession
  await expect.poll(ofJoin).toEqual([imports + 2, derivations, signatures + 1, checks])
})

test('[R26] the room closes keys that it derived, and leaves those of the caller open', async () => {
  const hub = new LocalHub()
  const href = await createRoomLink(origin)
  const options = { media: false, transport: hub.transport.bind(hub) }
  const own = await Room.join(href, options)
  await own.leave()
  await expect(exported(own.keys)).rejects.toMatchObject({ code: 'ERR_E2EE_CLOSED' })

  const link = await open(href)
  const first = await Room.join(link, options)
  expect(first.keys).toBe(link.keys)
  await first.leave()
  const second = await Room.join(link, options)
  await second.leave()
  await expect(exported(link.keys)).resolves.toHaveLength(16)
})

test('[R26] a join that fails closes the keys that it derived', async () => {
  const href = await createRoomLink(origin)
  const close = vi.spyOn(SharedKeySource.prototype, 'close')
  const broken = (): never => {
    throw new Error('no transport')
  }
  const options = { media: false, transport: broken }
  await expect(Room.join(href, options)).rejects.toThrow('no transport')
  expect(close).toHaveBeenCalledTimes(1)
  await expect(Room.join(await open(href), options)).rejects.toThrow('no transport')
  expect(close).toHaveBeenCalledTimes(1)
})

test('[R26] a refused link joins no room, in either form', async () => {
  const invalid = await parseRoomLink(`${origin}/r/short`)
  const error = { code: 'ERR_CLIENT_LINK_INVALID', details: { reason: 'not-a-room' } }
  await expect(Room.join(`${origin}/r/short`)).rejects.toMatchObject(error)
  await expect(Room.join(invalid as never)).rejects.toMatchObject(error)
})

test('[R26] a malformed part of a target is named', async () => {
  const room = await newRoomId()
  const keys = new SharedKeySource(new Uint8Array(32).fill(1))
  const hub = 'wss://hub.example/hub'
  const cases: [object, string][] = [
    [{ room: 'short', keys, hub }, '"room"'],
    [{ room, keys }, '"hub"'],
    [{ room, keys, hub }, '"access"'],
    [{ room, keys: {}, hub: () => new LocalHub() }, '"keys"'],
  ]
  for (const [target, message] of cases) {
    const joining = Room.join(target as RoomTarget, { media: false })
    await expect(joining).rejects.toThrow(TypeError)
    await expect(Room.join(target as RoomTarget, { media: false })).rejects.toThrow(message)
  }
})

test('[R26] people who know a passphrase talk', async () => {
  const hub = new LocalHub({ atOnce: true })
  const room = await newRoomId()
  const [alice, bob] = await Promise.all(
    ['Alice', 'Bob'].map(async (name) => {
      const phrase = 'lantern harbour seven quiet orchard pebble'
      const keys = await createPassphraseKeySource(phrase, { room, kdf: PBKDF2 })
      return join({ room, keys, hub: (self) => hub.transport(self) }, name)
    }),
  )
  await expect.poll(() => names(alice)).toEqual(['Bob'])
  // Bob owes nothing to those whom he has not met.
  await expect.poll(() => names(bob)).toEqual(['Alice'])
  await bob?.chat.send('hello')
  await expect.poll(() => texts(alice)).toEqual(['hello'])
  expect(alice?.keys.mode).toBe('passphrase')
})

test('[R26] sessions with participant keys talk to those that they granted them to', async () => {
  const hub = new LocalHub({ atOnce: true })
  const room = await newRoomId()
  const sources = new Map<string, ParticipantKeySource>()
  const keys = (self: ParticipantId): ParticipantKeySource => {
    const source = new ParticipantKeySource(self)
    for (const [id, other] of sources) {
      other.setParticipantKey(self, source.grantWithPast())
      source.setParticipantKey(id as ParticipantId, other.grantWithPast())
    }
    sources.set(self, source)
    return source
  }
  const target = { room, keys, hub: hub.transport.bind(hub) }
  const alice = await join(target, 'Alice')
  const bob = await join(target, 'Bob')
  await expect.poll(() => names(bob)).toEqual(['Alice'])
  await expect.poll(() => names(alice)).toEqual(['Bob'])
  await alice.chat.send('hello')
  await expect.poll(() => texts(bob)).toEqual(['hello'])
  expect(alice.keys).toBe(sources.get(alice.self.id))

  const stranger = await join({ ...target, keys: (self) => new ParticipantKeySource(self) }, 'Eve')
  await alice.chat.send('between us')
  await expect.poll(() => texts(bob)).toEqual(['hello', 'between us'])
  expect(names(stranger)).toEqual([])
  expect(texts(stranger)).toEqual([])
})

test('[R45] messages to a room whose participants bring their own keys are not signed', async () => {
  const hub = new LocalHub({ atOnce: true })
  const self = randomParticipantId()
  const reader = new ParticipantKeySource(self)
  const keys = (id: ParticipantId): ParticipantKeySource => {
    const source = new ParticipantKeySource(id)
    reader.setParticipantKey(id, source.grantWithPast())
    return source
  }
  const target = { room: await newRoomId(), keys, hub: hub.transport.bind(hub) }
  const alice = await join(target, 'Alice')
  await join(target, 'Bob')
  await alice.chat.send('hello')
  const sealed = hub.seen.find(({ payload }) => decodeEnvelopeHeader(payload)?.kind === 3)
  if (sealed === undefined) throw new Error('expected the message')
  const { room } = target
  const sealer = createSealer({ keys: reader, room, unsafeSelf: self })
  const opened = await sealer.open(alice.self.id, sealed.payload)
  if (opened.type !== 'opened') throw new Error(opened.reason)
  expect(JSON.parse(new TextDecoder().decode(opened.body))).toMatchObject({ text: 'hello' })
})

const names = (room: Room<KeySource> | undefined): string[] =>
  [...(room?.participants.values() ?? [])].map(({ name }) => name)
const texts = (room: Room<KeySource> | undefined): string[] =>
  (room?.chat.messages ?? []).map(({ text }) => text)
const exported = (keys: KeySource): Promise<Uint8Array> => keys.export('test', new Uint8Array(), 16)

const meet = async (alice: Room<KeySource>, bob: Room<KeySource>): Promise<void> => {
  await expect.poll(() => [alice, bob].map(({ participants }) => participants.size)).toEqual([1, 1])
  const heard = new Promise((resolve) => {
    bob.on('chat', ({ message }) => resolve(message.text))
  })
  await alice.chat.send('hello')
  expect(await heard).toBe('hello')
}

test('[R130] a passphrase without a room is stretched for the room that is joined', async () => {
  const hub = new LocalHub({ atOnce: true })
  const room = await newRoomId()
  const joined = await Promise.all(
    ['Alice', 'Bob'].map(async (name) => {
      const keys = new ExternalE2EEKeyProvider({ kdf: PBKDF2 })
      void keys.setSharedKey('pioneer velvet orbit magnet lunar satisfy')
      return join<KeySource>({ room, keys, hub: hub.transport.bind(hub) }, name)
    }),
  )
  const [alice, bob] = joined as [Room<KeySource>, Room<KeySource>]
  await meet(alice, bob)
  const other = { room: await newRoomId(), keys: alice.keys, hub: hub.transport.bind(hub) }
  await expect(join(other, 'Mallory')).rejects.toMatchObject({ details: { argument: 'keys' } })
})

test('[R130] a key that is set after the join brings the sessions together', async () => {
  const hub = new LocalHub({ atOnce: true })
  const room = await newRoomId()
  const providers = [new SharedKeyProvider(), new SharedKeyProvider()]
  const joined = await Promise.all(
    providers.map((keys) => join<KeySource>({ room, keys, hub: hub.transport.bind(hub) }, 'x')),
  )
  const [alice, bob] = joined as [Room<KeySource>, Room<KeySource>]
  expect(alice.participants.size).toBe(0)
  for (const keys of providers) keys.setKey(new Uint8Array(32).fill(7))
  await meet(alice, bob)
})

test('[R130] participants’ keys without an id are those of the session that joins', async () => {
  const hub = new LocalHub({ atOnce: true })
  const room = await newRoomId()
  const secretOf = (fill: number): Uint8Array => new Uint8Array(32).fill(fill)
  const [ours, theirs] = [new ParticipantKeyProvider(), new ParticipantKeyProvider()]
  ours.setOwnKey(secretOf(1), 0n)
  theirs.setOwnKey(secretOf(2), 0n)
  const transport = hub.transport.bind(hub)
  const alice = await join<KeySource>({ room, keys: ours, hub: transport }, 'Alice')
  const bob = await join<KeySource>({ room, keys: theirs, hub: transport }, 'Bob')
  expect([ours.self, theirs.self]).toEqual([alice.self.id, bob.self.id])
  ours.setKey(bob.self.id, secretOf(2))
  theirs.setKey(alice.self.id, secretOf(1))
  await meet(alice, bob)
  await expect(join({ room, keys: ours, hub: transport }, 'Mallory')).rejects.toMatchObject({
    details: { argument: 'keys' },
  })
})
