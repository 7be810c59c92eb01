import '../../../../tools/web-platform.ts'
import {
  createSealer,
  decryptChatJson,
  encryptChatJson,
  envelopeToBinary,
  generateAesGcmKey,
  keyedChannelId,
  Keyring,
  openEvent,
  ParticipantKeyProvider,
  ParticipantKeySource,
  randomParticipantId,
  sealEvent,
  sealEventBinary,
  SharedKeyProvider,
  SharedKeySource,
} from '@conclave/e2ee'
import type { EventKeys, KeySource } from '@conclave/e2ee'
import {
  openBytes,
  openFileDescription,
  sealBytes,
  sealFileDescription,
} from '@conclave/e2ee/files'
import { createPassphraseKeySource, ExternalE2EEKeyProvider } from '@conclave/e2ee/passphrase'
import { describe, expect, test } from 'vitest'
import { failureOf, outcome, ROOM, rootOf, utf8 } from '../fixtures.ts'

const chat = { kind: 'chat', roomId: 'room-42', messageId: 'msg-1' } as const
const alice = randomParticipantId()
const bob = randomParticipantId()
const PBKDF2 = { type: 'pbkdf2-sha256', iterations: 600_000 } as const

/** The keys of alice and of bob, on their devices; bob can open what alice seals. */
type Pair = readonly [alice: EventKeys, bob: EventKeys]

function ringOf(): Keyring {
  const ring = new Keyring()
  ring.rotate({ keyId: 'room-42', epoch: 2n ** 64n - 1n, key: rootOf(1) })
  return ring
}

function participantPair(rotate: boolean): Pair {
  const [ours, theirs] = [new ParticipantKeySource(alice), new ParticipantKeySource(bob)]
  if (rotate) ours.rotate()
  theirs.setParticipantKey(alice, ours.grantWithPast())
  return [ours, theirs]
}

function providers(): Pair {
  const [ours, theirs] = [new ParticipantKeyProvider(alice), new ParticipantKeyProvider(bob)]
  for (const keys of [ours, theirs]) keys.setKey(alice, rootOf(3), 5n)
  return [ours, theirs]
}

async function external(): Promise<EventKeys> {
  const keys = new ExternalE2EEKeyProvider()
  await keys.setSharedKey(rootOf(4), 7n)
  return keys
}

function shared(): EventKeys {
  const keys = new SharedKeyProvider()
  keys.setKey(rootOf(5), 2n ** 53n)
  return keys
}

const phrase = (): Promise<EventKeys> =>
  createPassphraseKeySource('vague orphan kitten blossom hazard ripple', { room: 'r', kdf: PBKDF2 })

const PAIRS: readonly [name: string, make: () => Pair | Promise<Pair>][] = [
  ['Keyring', () => [ringOf(), ringOf()]],
  ['SharedKeySource', () => [new SharedKeySource(rootOf(2)), new SharedKeySource(rootOf(2))]],
  ['SharedKeyProvider', () => [shared(), shared()]],
  ['ParticipantKeySource', () => participantPair(false)],
  ['ParticipantKeySource after a rotation', () => participantPair(true)],
  ['ParticipantKeyProvider', providers],
  ['ExternalE2EEKeyProvider', async () => [await external(), await external()]],
  ['PassphraseKeySource', async () => [await phrase(), await phrase()]],
]

describe.each(PAIRS)('with a %s', (_name, make) => {
  test('[P25] events are sealed and opened, in both encodings and by the helpers', async () => {
    const [ours, theirs] = await make()
    const options = { ...chat, sender: alice }
    const json: unknown = JSON.parse(JSON.stringify(await sealEvent('hi', ours, options)))
    for (const envelope of [
      json,
      envelopeToBinary(json),
      await sealEventBinary('hi', ours, options),
    ]) {
      expect(await openEvent(envelope, theirs, { ...options, replay: 'none' })).toMatchObject({
        type: 'opened',
        value: 'hi',
        sender: alice,
      })
    }
    const { kind: _kind, ...place } = options
    expect(
      await decryptChatJson(await encryptChatJson(1, ours, place), theirs, {
        ...place,
        replay: 'none',
      }),
    ).toBe(1)
  })

  test('[P1] messages are sealed and opened, to the room and to one participant', async () => {
    const [ours, theirs] = await make()
    const sealer = createSealer({ keys: ours, room: ROOM, unsafeSelf: alice })
    const receiver = createSealer({ keys: theirs, room: ROOM, unsafeSelf: bob })
    for (const to of [undefined, bob]) {
      const { bytes } = await sealer.seal({ kind: 3, to }, utf8('hi'))
      expect(outcome(await receiver.open(alice, bytes))).toBe('opened: hi')
    }
  })

  test('[F8] descriptions of files travel under them', async () => {
    const [ours, theirs] = await make()
    const { sealed, description } = await sealBytes(utf8('content'))
    const envelope = await sealFileDescription(description, ours, { ...chat, sender: alice })
    const opened = await openFileDescription(envelope, theirs, { ...chat, replay: 'none' })
    expect(await openBytes(sealed, opened)).toEqual(utf8('content'))
  })

  test('[P33] another key is unknown-key with its name', async () => {
    const [ours] = await make()
    const event = await sealEvent('hi', ours, { ...chat, sender: alice })
    const other = new SharedKeySource(rootOf(9), { epoch: 2n ** 40n })
    const { epoch, keyId = '' } = event
    expect(await openEvent(event, other, { ...chat, replay: 'none' })).toEqual({
      ...{ type: 'dropped', reason: 'unknown-key', keyId, epoch: BigInt(epoch) },
    })
    const { bytes } = await createSealer({ keys: ours, room: ROOM, unsafeSelf: alice }).seal(
      { kind: 3 },
      utf8('hi'),
    )
    const receiver = createSealer({ keys: other, room: ROOM, unsafeSelf: bob })
    expect(await receiver.open(alice, bytes)).toMatchObject({
      ...{ type: 'dropped', reason: 'unknown-key', keyId, epoch: BigInt(epoch) },
    })
  })
})

describe('participants', () => {
  test('[P25] sealing events or messages as another participant fails at once', async () => {
    const keys = new ParticipantKeySource(alice)
    for (const sender of [bob, 'alice', undefined]) {
      const options = sender === undefined ? chat : { ...chat, sender }
      await expect(sealEvent(1, keys, options)).rejects.toThrow(/^"sender"/)
    }
    expect(() => createSealer({ keys, room: ROOM, unsafeSelf: bob })).toThrow(/^"self"/)
  })

  test('[P30, K22] opening answers for any sender that an event claims; only an authentic event confirms a key', async () => {
    const [ours, theirs] = participantPair(false) as [ParticipantKeySource, ParticipantKeySource]
    const changed: unknown[] = []
    theirs.on('epochChanged', (event) => changed.push(event))
    theirs.setParticipantKey(alice, ours.prepareRotation())
    const { epoch } = ours.completeRotation()
    const event = await sealEvent(1, ours, { ...chat, sender: alice })
    for (const sender of ['', 'toString', '__proto__', bob, randomParticipantId()]) {
      const { sender: _sender, ...rest } = event
      const claimed = sender === '' ? rest : { ...rest, sender }
      const opened = await openEvent(claimed, theirs, { ...chat, replay: 'none' })
      expect(opened.type).toBe('dropped')
    }
    expect(
      await openEvent(event, theirs, { ...chat, messageId: 'x', replay: 'none' }),
    ).toMatchObject({
      reason: 'not-authentic',
    })
    expect(changed).toEqual([])
    expect(await openEvent(event, theirs, { ...chat, replay: 'none' })).toMatchObject({
      type: 'opened',
      epoch,
    })
    expect(changed).toEqual([{ epoch, sender: alice }])
  })

  test('[P36] an event that is being opened when its epoch retires is unknown-key', async () => {
    const [ours, theirs] = participantPair(false) as [ParticipantKeySource, ParticipantKeySource]
    const event = await sealEvent(1, ours, { ...chat, sender: alice })
    expect(await openEvent(event, theirs, { ...chat, replay: 'none' })).toMatchObject({
      type: 'opened',
    })
    const opening = openEvent(event, theirs, { ...chat, replay: 'none' })
    theirs.forgetParticipant(alice)
    expect(await opening).toMatchObject({ type: 'dropped', reason: 'unknown-key' })
  })
})

test('[P25] the derivation is the same for a keyring and for a key source of the same root', async () => {
  const source = new SharedKeySource(rootOf(1), { epoch: 7n })
  const ring = new Keyring()
  ring.rotate({ keyId: '', epoch: 7, key: rootOf(1) })
  const options = { ...chat, sender: 'alice' }
  expect(
    await openEvent(await sealEvent(1, ring, options), source, { ...options, replay: 'none' }),
  ).toMatchObject({
    value: 1,
  })
  const message = await createSealer({ keys: source, room: ROOM, unsafeSelf: alice }).seal(
    { kind: 3 },
    utf8('hi'),
  )
  const receiver = createSealer({ keys: ring, room: ROOM, unsafeSelf: bob })
  expect(outcome(await receiver.open(alice, message.bytes))).toBe('opened: hi')
  expect(await keyedChannelId('name', ring)).toBe(await keyedChannelId('name', source))
  expect(await keyedChannelId('name', ring, { keyId: '', epoch: 7 })).toBe(
    await keyedChannelId('name', ring),
  )
})

describe('a keyring for messages', () => {
  test('[P1] a bare key seals no message, and opens none', async () => {
    const ring = new Keyring()
    ring.rotate({ keyId: 'k', epoch: 1, key: await generateAesGcmKey() })
    const sealer = createSealer({ keys: ring, room: ROOM, unsafeSelf: alice })
    const failure = await failureOf(sealer.seal({ kind: 3 }, utf8('hi')))
    expect([failure.code, failure.details]).toEqual([
      'ERR_E2EE_UNKNOWN_KEY',
      { keyId: 'k', epoch: 1n },
    ])
    expect(sealer.next()).toBe(0n)
  })

  test('[P38] a key of one room seals and opens no message of another', async () => {
    const ring = new Keyring()
    ring.rotate({
      keyId: 'k',
      epoch: 1,
      key: rootOf(1),
      onlyFor: { kind: 'message', room: 'another room' },
    })
    const sealer = createSealer({ keys: ring, room: ROOM, unsafeSelf: alice })
    expect((await failureOf(sealer.seal({ kind: 3 }, utf8('x')))).code).toBe('ERR_E2EE_UNKNOWN_KEY')
    ring.rotate({ keyId: 'm', epoch: 1, key: rootOf(1), onlyFor: { kind: 'message', room: ROOM } })
    await expect(sealer.seal({ kind: 3 }, utf8('x'))).resolves.toBeDefined()
  })

  test('[P8, P37] an epoch below the minimum is epoch-too-old', async () => {
    const { bytes } = await createSealer({ keys: ringAt(1n), room: ROOM, unsafeSelf: alice }).seal(
      { kind: 3 },
      utf8('x'),
    )
    const ring = ringAt(2n)
    ring.requireEpoch({ keyId: 'k', epoch: 2 })
    const receiver = createSealer({ keys: ring, room: ROOM, unsafeSelf: bob })
    expect(await receiver.open(alice, bytes)).toEqual({
      ...{ type: 'dropped', reason: 'epoch-too-old', keyId: 'k', epoch: 1n, minEpoch: 2n },
    })
  })

  test('[P5] the key id takes room from the body', async () => {
    const ring = new Keyring()
    ring.rotate({ keyId: '🔑'.repeat(63), epoch: 1, key: rootOf(1) })
    const sealer = createSealer({ keys: ring, room: ROOM, unsafeSelf: alice })
    const most = 65_476 - 252
    expect((await sealer.seal({ kind: 3 }, new Uint8Array(most))).bytes.length).toBe(65_536)
    const failure = await failureOf(sealer.seal({ kind: 3 }, new Uint8Array(most + 1)))
    expect(failure).toMatchObject({
      code: 'ERR_E2EE_TOO_LARGE',
      details: { byteLength: most + 1, maxBytes: most },
    })
    expect(sealer.next()).toBe(1n)
  })

  test('[P14] sealing that runs while the key retires fails and names the key', async () => {
    const ring = ringAt(1n)
    const sealer = createSealer({ keys: ring, room: ROOM, unsafeSelf: alice })
    await sealer.seal({ kind: 3 }, utf8('cached'))
    const sealing = sealer.seal({ kind: 3 }, utf8('late'))
    ring.retire({ keyId: 'k', epoch: 1 })
    const failure = await failureOf(sealing)
    expect([failure.code, failure.details]).toEqual([
      'ERR_E2EE_UNKNOWN_KEY',
      { keyId: 'k', epoch: 1n },
    ])
  })
})

test('[P46] createSealer checks all its arguments when they are given', () => {
  const keys = new SharedKeySource(rootOf(1))
  const given = { keys, room: ROOM }
  const wrong: [name: string, change: object][] = [
    ...([undefined, null, 5, {}, { export: () => {} }] as const).map((value): [string, object] => [
      'keys',
      { keys: value },
    ]),
    ['room', { room: 'room-42' }],
    ['room', { room: undefined }],
    ['self', { unsafeSelf: 'alice' }],
  ]
  for (const [name, change] of wrong) {
    const make = () => createSealer({ ...given, ...change } as never)
    expect(make).toThrow(TypeError)
    expect(make).toThrow(new RegExp(`^"${name}"`))
  }
})

function ringAt(epoch: bigint): Keyring {
  const ring = new Keyring()
  ring.rotate({ keyId: 'k', epoch, key: rootOf(Number(epoch)) })
  return ring
}

/** Compiles only if every key source is a place where events get their keys. */
export const everySourceIsEventKeys = (source: KeySource): EventKeys => source

test('[P3] the limit of a key counts over a change to another key and back', async () => {
  const ring = new Keyring()
  const limits = { maxMessagesPerKey: 1 }
  const sealer = createSealer({ keys: ring, room: ROOM, limits })
  const seal = () => sealer.seal({ kind: 3 }, utf8('x'))
  for (const keyId of ['a', 'b']) {
    ring.rotate({ keyId, epoch: 1, key: rootOf(1) })
    await seal()
  }
  ring.use({ keyId: 'a', epoch: 1 })
  expect(await failureOf(seal())).toMatchObject({
    code: 'ERR_E2EE_EXHAUSTED',
    details: { limit: 'key' },
  })
})
