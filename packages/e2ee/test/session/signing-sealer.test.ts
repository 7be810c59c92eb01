import { concatBytes } from '@conclave/base'
import { generateAgreementPair, generateSigningPair } from '@conclave/crypto'
import {
  createSealer,
  decodeEnvelopeHeader,
  MAX_BODY_BYTES,
  ParticipantKeySource,
  SharedKeySource,
} from '@conclave/e2ee'
import type { EventKeys, Sealer } from '@conclave/e2ee'
import {
  createPairKeys,
  createSessionKeys,
  createSessionSealer,
  MAX_SIGNED_CONTENT_BYTES,
  SessionKeys,
  signRoomMessage,
  verifyRoomMessage,
} from '@conclave/e2ee/session'
import type { PairKeys } from '@conclave/e2ee/session'
import type { ParticipantId } from '@conclave/wire'
import { describe, expect, test } from 'vitest'
import { failureOf, OTHER_ROOM, outcome, ROOM, rootOf, utf8 } from '../fixtures.ts'

interface Party {
  readonly session: SessionKeys
  readonly direct: Map<ParticipantId, PairKeys>
  readonly signingKeys: Map<ParticipantId, Uint8Array<ArrayBuffer>>
  readonly sealer: Sealer
}

const roomKeys = (): SharedKeySource => new SharedKeySource(rootOf(1))

async function party(keys: EventKeys = roomKeys()): Promise<Party> {
  const session = await createSessionKeys()
  const [direct, signingKeys] = [new Map(), new Map()]
  const sealer = createSessionSealer({ keys, room: ROOM, session, direct, signingKeys })
  return { session, direct, signingKeys, sealer }
}

/** Alice, and bob who knows her signing key. */
async function meet(): Promise<[Party, Party]> {
  const [alice, bob] = [await party(), await party()]
  bob.signingKeys.set(alice.session.id, alice.session.signingKey)
  return [alice, bob]
}

const openAt = async ({ sealer }: Party, { session }: Party, bytes: Uint8Array): Promise<string> =>
  outcome(await sealer.open(session.id, bytes))

const say = async ({ sealer }: Party, text: string, kind = 3): Promise<Uint8Array> =>
  (await sealer.seal({ kind }, utf8(text))).bytes

/** Seals as another session, as every holder of the room's keys can. */
async function sealAs(
  victim: Party,
  body: Uint8Array,
  { kind = 3, sequence = 0, keys = roomKeys() as EventKeys } = {},
): Promise<Uint8Array> {
  const sealer = createSealer({ keys, room: ROOM, unsafeSelf: victim.session.id })
  while (sealer.next() < sequence) await sealer.seal({ kind }, new Uint8Array())
  return (await sealer.seal({ kind }, body)).bytes
}

/** The answer of a receiver that does not verify signatures. */
const openUnverified = async (bytes: Uint8Array, { session }: Party): Promise<string> => {
  const { id } = await createSessionKeys()
  return outcome(
    await createSealer({ keys: roomKeys(), room: ROOM, unsafeSelf: id }).open(session.id, bytes),
  )
}

test('[C22, C7] the seal of a message to the room holds the signature and then the content', async () => {
  const [alice, bob] = await meet()
  const { sequence, bytes } = await alice.sealer.seal({ kind: 3 }, utf8('hello'))
  const plain = createSealer({ keys: roomKeys(), room: ROOM, unsafeSelf: bob.session.id })
  const sealed = await plain.open(alice.session.id, bytes)
  if (sealed.type !== 'opened') throw new Error(sealed.reason)
  const place = { room: ROOM, sequence, kind: 3 }
  expect(sealed.body).toEqual(
    await signRoomMessage(utf8('hello'), { session: alice.session, ...place }),
  )
  const opened = await bob.sealer.open(alice.session.id, bytes)
  if (opened.type !== 'opened' || opened.signature === undefined)
    throw new Error('expected a signature')
  expect(opened).toMatchObject({ kind: 3, audience: 'room', sequence, body: utf8('hello') })
  const { signingKey } = alice.session
  const passedOn = concatBytes(opened.signature, opened.body)
  expect(await verifyRoomMessage(passedOn, { signingKey, ...place })).toEqual(utf8('hello'))
})

test('[C22] messages to one session are not signed', async () => {
  const [alice, bob] = await meet()
  for (const [{ session, direct }, { session: peer }] of [
    [alice, bob],
    [bob, alice],
  ] as const) {
    direct.set(peer.id, await createPairKeys({ session, root: roomKeys(), room: ROOM, peer }))
  }
  const { bytes } = await alice.sealer.seal({ kind: 5, to: bob.session.id }, utf8('you'))
  const opened = await bob.sealer.open(alice.session.id, bytes)
  expect(opened).toMatchObject({ type: 'opened', body: utf8('you') })
  expect(opened).not.toHaveProperty('signature')
})

describe('[C22] a member with every key of the room', () => {
  test('writes nothing in another’s name', async () => {
    const [[alice, bob], mallory] = [await meet(), await party()]
    bob.signingKeys.set(mallory.session.id, mallory.session.signingKey)
    const place = { room: ROOM, sequence: 0n, kind: 3 }
    for (const body of [
      utf8('pay me'),
      new Uint8Array(),
      new Uint8Array(64),
      await signRoomMessage(utf8('pay me'), { session: mallory.session, ...place }),
    ]) {
      const forged = await sealAs(alice, body)
      expect(await openUnverified(forged, alice)).toMatch(/^opened/)
      expect(await openAt(bob, alice, forged)).toBe('not-authentic')
    }
    expect(await openAt(bob, alice, await say(alice, 'the real one'))).toBe('opened: the real one')
  })

  test('writes nothing in the name of a participant that gave it a key', async () => {
    const ids = [await createSessionKeys(), await createSessionKeys()] as const
    const [keys, keysOfBob] = [
      new ParticipantKeySource(ids[0].id),
      new ParticipantKeySource(ids[1].id),
    ]
    const signingKeys = new Map([[ids[0].id, ids[0].signingKey]])
    const bob = createSessionSealer({ keys: keysOfBob, room: ROOM, session: ids[1], signingKeys })
    const keysOfMallory = new ParticipantKeySource((await createSessionKeys()).id)
    for (const source of [keysOfBob, keysOfMallory])
      source.setParticipantKey(ids[0].id, keys.grantWithPast())
    const { epoch } = keys
    const stolen: EventKeys = {
      sealingKey(request) {
        const opening = keysOfMallory.openingKey({ ...request, keyId: '', epoch, derived: true })
        if (opening.type !== 'key') throw new Error(opening.type)
        return { ...opening, keyId: '', epoch, derived: true, count: { sealed: 0 } }
      },
      openingKey: () => ({ type: 'unknown-key' }),
      checkSender() {},
      forgetKeys() {},
    }
    const forger = createSealer({ keys: stolen, room: ROOM, unsafeSelf: ids[0].id })
    const { bytes } = await forger.seal({ kind: 3 }, utf8('pay me'))
    const before = createSealer({ keys: keysOfBob, room: ROOM, unsafeSelf: ids[1].id })
    expect(outcome(await before.open(ids[0].id, bytes))).toBe('opened: pay me')
    expect(outcome(await bob.open(ids[0].id, bytes))).toBe('not-authentic')
  })

  test('moves no signed body to another sequence, kind or room, nor to another content', async () => {
    const [alice, bob] = await meet()
    const { session } = alice
    const sign = (change: object, text = 'at ten'): Promise<Uint8Array> =>
      signRoomMessage(utf8(text), { session, room: ROOM, sequence: 3n, kind: 3, ...change })
    const moved = [
      await sign({ sequence: 2n }),
      await sign({ sequence: 4n }),
      await sign({ kind: 4 }),
      await sign({ room: OTHER_ROOM }),
      concatBytes((await sign({})).subarray(0, 64), utf8('at two')),
    ]
    for (const body of moved) {
      const bytes = await sealAs(alice, body, { sequence: 3 })
      expect(await openUnverified(bytes, alice)).toMatch(/^opened/)
      expect(await openAt(bob, alice, bytes)).toBe('not-authentic')
    }
    const real = await sealAs(alice, await sign({}), { sequence: 3 })
    expect(await openAt(bob, alice, real)).toBe('opened: at ten')
  })

  test('takes no place and no sealer’s turn by forging messages of later places', async () => {
    const [alice, bob] = await meet()
    const forger = createSealer({ keys: roomKeys(), room: ROOM, unsafeSelf: alice.session.id })
    for (let sequence = 0; sequence < 1500; sequence += 1) {
      const { bytes } = await forger.seal({ kind: 3 }, utf8('forged'))
      expect(await openAt(bob, alice, bytes)).toBe('not-authentic')
    }
    for (let n = 0; n < 3; n += 1) {
      expect(await openAt(bob, alice, await say(alice, `real ${n}`))).toBe(`opened: real ${n}`)
    }
    const { bytes } = await forger.seal({ kind: 3 }, utf8('late'))
    expect(await openAt(bob, alice, bytes)).toBe('other-sealer')
  })

  test('does not get in before the real one when both are opened at the same time', async () => {
    const [alice, bob] = await meet()
    const real = await say(alice, 'real')
    const salt = decodeEnvelopeHeader(real)?.salt
    const forged = await sealAs(alice, utf8('forged'))
    expect(decodeEnvelopeHeader(forged)?.salt).not.toEqual(salt)
    const all = [forged, real, forged, real].map((bytes) => openAt(bob, alice, bytes))
    // The last forgery names a sealer that is not the real one’s, or is looked at before the real one is accepted.
    expect((await Promise.all(all)).filter((each) => each.startsWith('opened'))).toEqual([
      'opened: real',
    ])
  })
})

test('[C22, P9] of copies of a signed message that are opened at the same time one opens', async () => {
  const [alice, bob] = await meet()
  const bytes = await say(alice, 'once')
  const outcomes = await Promise.all(Array.from({ length: 5 }, () => openAt(bob, alice, bytes)))
  expect(outcomes.toSorted()).toEqual([
    'opened: once',
    ...Array.from({ length: 4 }, () => 'replay'),
  ])
})

test('[C22] a message of a sender whose signing key is missing is unknown-key, takes no place, and opens later', async () => {
  const [alice, bob] = [await party(), await party()]
  const bytes = await say(alice, 'early')
  expect(await openAt(bob, alice, bytes)).toBe('unknown-key')
  bob.signingKeys.set(alice.session.id, alice.session.signingKey)
  expect(await openAt(bob, alice, bytes)).toBe('opened: early')
})

test.each([
  ['of another session', async () => (await createSessionKeys()).signingKey],
  [
    'under which anyone can sign',
    async () => Uint8Array.from({ length: 32 }, (_, at) => (at === 0 ? 1 : 0)),
  ],
])('[C22] with a signing key %s in the place of the sender’s nothing opens', async (_, keyOf) => {
  const [alice, bob] = await meet()
  bob.signingKeys.set(alice.session.id, await keyOf())
  expect(await openAt(bob, alice, await say(alice, 'hi'))).toBe('not-authentic')
  bob.signingKeys.set(alice.session.id, alice.session.signingKey)
  expect(await openAt(bob, alice, await say(alice, 'hi'))).toBe('opened: hi')
})

test('[C22] a session that signs under the id of another one is not that one, whatever key is held for it', async () => {
  const [alice, bob] = await meet()
  const [signing, agreement] = [await generateSigningPair(), await generateAgreementPair()]
  const posing = new SessionKeys(alice.session.id, { signing, agreement })
  bob.signingKeys.set(alice.session.id, posing.signingKey)
  const place = { room: ROOM, sequence: 0n, kind: 3 }
  const body = await signRoomMessage(utf8('pay me'), { session: posing, ...place })
  expect(await openAt(bob, alice, await sealAs(alice, body))).toBe('not-authentic')
})

test('[C22, C7] the longest content fills a body, and a longer one takes no place', async () => {
  const [alice, bob] = await meet()
  const longest = new Uint8Array(MAX_SIGNED_CONTENT_BYTES).fill(7)
  const failure = await failureOf(
    alice.sealer.seal({ kind: 3 }, new Uint8Array(longest.length + 1)),
  )
  const details = { byteLength: MAX_BODY_BYTES + 1, maxBytes: MAX_BODY_BYTES }
  expect(failure).toMatchObject({ code: 'ERR_E2EE_TOO_LARGE', details })
  expect(alice.sealer.next()).toBe(0n)
  const { bytes } = await alice.sealer.seal({ kind: 3 }, longest)
  expect(await bob.sealer.open(alice.session.id, bytes)).toMatchObject({ body: longest })
})

test('[C22] the content is read before the call returns, and results keep the order of the calls', async () => {
  const [alice, bob] = await meet()
  const content = utf8('0')
  const sealing = Array.from({ length: 8 }, (_, n) => {
    content[0] = 0x30 + n
    return alice.sealer.seal({ kind: 3 }, content)
  })
  const sealed = await Promise.all(sealing)
  expect(sealed.map(({ sequence }) => Number(sequence))).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  const opened = await Promise.all(sealed.map(({ bytes }) => openAt(bob, alice, bytes)))
  expect(opened).toEqual(sealed.map((_, n) => `opened: ${n}`))
})

test('[C22, C3] a session whose keys are closed seals nothing to the room', async () => {
  const [alice] = await meet()
  alice.session.close()
  expect((await failureOf(say(alice, 'x'))).code).toBe('ERR_E2EE_CLOSED')
})

test('[C22] a table of signing keys that is none is named, and the session stays free', async () => {
  const session = await createSessionKeys()
  const options = { keys: roomKeys(), room: ROOM, session }
  expect(() => createSessionSealer({ ...options, signingKeys: {} as never })).toThrow(
    '"signingKeys"',
  )
  expect(() => createSessionSealer({ ...options, signingKeys: new Map() })).not.toThrow()
})

test('[C22] a sealer without signing keys neither signs nor verifies', async () => {
  const session = await createSessionKeys()
  const sealer = createSessionSealer({ keys: roomKeys(), room: ROOM, session })
  const bob = createSealer({ keys: roomKeys(), room: ROOM })
  const { bytes } = await sealer.seal({ kind: 3 }, utf8('hi'))
  expect(outcome(await bob.open(session.id, bytes))).toBe('opened: hi')
})
