/**
 * Ways to use the packages wrongly, each as an application would write it. Most do not compile (`@ts-expect-error` fails where one does),
 * and in JavaScript all of those throw at once.
 */
import {
  createSealer,
  decryptCallSignalJson,
  decryptChatJson,
  encryptCallSignalJson,
  encryptChatJson,
  EventCounter,
  generateAesGcmKey,
  Keyring,
  openEvent,
  ParticipantKeySource,
  randomParticipantId,
  ReplayGuard,
  sealEvent,
  SharedKeySource,
} from '@conclave/e2ee'
import type { KeySource } from '@conclave/e2ee'
import {
  generateExchangeKeys,
  InvitationBook,
  openKey,
  PrekeyBook,
  sealKey,
  SeenKeys,
} from '@conclave/e2ee/exchange'
import { createSigner, generateSigningKeys, SignerDirectory } from '@conclave/e2ee/signing'
import { createMemoryStorage, createVault, generateRecoveryKey, openVault } from '@conclave/vault'
import { parseRoomId } from '@conclave/wire'
import type { ParticipantId } from '@conclave/wire'
import { expect, test } from 'vitest'

const room = parseRoomId('AAAAAAAAAAAAAAAAAAAAAQ')
if (room === undefined) throw new Error('expected a room id')
const keyOf = (seed: number): Uint8Array<ArrayBuffer> => new Uint8Array(32).fill(seed)
const ringOf = (): Keyring => {
  const ring = new Keyring()
  ring.rotate({ keyId: 'r', epoch: 1, key: keyOf(1) })
  return ring
}
const place = { roomId: 'r', messageId: 'm' }
const now = Date.UTC(2026, 10, 29)
const signing = await generateSigningKeys()
const verifier = new SignerDirectory()
verifier.add('alice', signing.publicKey)
const [alice, bob] = [await generateExchangeKeys(), await generateExchangeKeys()]
const between = { from: alice, to: bob.identity, room: 'r', expiresAt: now + 1000 }

test('[P1] two sealers cannot be given one id', () => {
  const keys: KeySource = new SharedKeySource(keyOf(1))
  const self = randomParticipantId()
  // @ts-expect-error A sealer draws its id.
  expect(() => [createSealer({ keys, room, self }), createSealer({ keys, room, self })]).toThrow(
    /^"self"/,
  )
  const [one, other] = [createSealer({ keys, room }), createSealer({ keys, room })]
  expect(one.self).not.toBe(other.self)
})

test('[P1] an id from a storage cannot be given to a sealer', () => {
  const stored = 'AAAAAAAAAAAAAAAAAAAAAg' as ParticipantId
  const keys: KeySource = new SharedKeySource(keyOf(1))
  // @ts-expect-error A sealer draws its id.
  expect(() => createSealer({ keys, room, self: stored })).toThrow(/^"self"/)
})

test('[K46] a password is no root', () => {
  const password = new TextEncoder().encode('password'.padEnd(32, '!'))
  expect(() => new SharedKeySource(password)).toThrow(RangeError)
  expect(() => new SharedKeySource(keyOf(1)).setKey(password, 1n)).toThrow(RangeError)
})

test('[K32] no grant is at hand for a newcomer but that of a ratchet', async () => {
  const [mine, newcomer] = [randomParticipantId(), randomParticipantId()].map(
    (id) => new ParticipantKeySource(id),
  ) as [ParticipantKeySource, ParticipantKeySource]
  // @ts-expect-error The grant that opens the past says so in its name.
  expect(() => newcomer.setParticipantKey(mine.self, mine.grant())).toThrow(TypeError)
  expect(newcomer.setParticipantKey(mine.self, await mine.ratchet())).toMatchObject({ type: 'set' })
})

test('[P59] a call signal under a bare key opens as in the guides: bound to its context, and nothing else', async () => {
  const key = await generateAesGcmKey()
  const context = { callId: '1', eventName: 'offer' }
  const envelope = await encryptCallSignalJson({ sdp: 'x' }, key, context)
  for (const _ of [1, 2]) {
    expect(await decryptCallSignalJson(envelope, key, context)).toEqual({ sdp: 'x' })
  }
  await expect(
    decryptCallSignalJson(envelope, key, { ...context, callId: '2' }),
  ).rejects.toMatchObject({ code: 'ERR_E2EE_OPEN_FAILED' })
})

test('[P59] a verified value needs the sender whose it is', async () => {
  const ring = ringOf()
  const signed = { sender: 'alice', signer: createSigner(signing) }
  const envelope = await encryptChatJson('hello', ring, { ...place, ...signed })
  const unnamed = { ...place, verifier, replay: 'none' } as const
  // @ts-expect-error Verified, but by whom?
  await expect(decryptChatJson(envelope, ring, unnamed)).rejects.toThrow(/^"sender"/)
  expect(await decryptChatJson(envelope, ring, { ...unnamed, sender: 'alice' })).toBe('hello')
  // The answer of `openEvent` says who it was.
  const opened = await openEvent(envelope, ring, { kind: 'chat', ...unnamed })
  expect(opened).toMatchObject({ type: 'opened', sender: 'alice', signedBy: signing.publicKey })
})

test('[P59] an event under a keyring opens only for a receiver that says what becomes of a replay', async () => {
  const ring = ringOf()
  const counter = new EventCounter({ now: Date.now() })
  const context = { kind: 'chat', ...place } as const
  const envelope = await sealEvent('hello', ring, { ...context, sender: 'alice', counter })
  const replay = new ReplayGuard({ storage: 'none' })
  // @ts-expect-error Numbered, but nobody looks.
  await expect(openEvent(envelope, ring, context)).rejects.toThrow(/^"replay"/)
  // @ts-expect-error
  await expect(decryptChatJson(envelope, ring, place)).rejects.toThrow(/^"replay"/)
  // @ts-expect-error One's own event that comes back is none of the others'.
  await expect(openEvent(envelope, ring, { ...context, replay })).rejects.toThrow(/"self"/)
  const keys: CryptoKey | Keyring = ring as CryptoKey | Keyring
  // @ts-expect-error What may be a keyring is treated as one.
  await expect(openEvent(envelope, keys, context)).rejects.toThrow(/^"replay"/)

  const expected = { ...context, self: 'bob', replay }
  expect(await openEvent(envelope, ring, expected)).toMatchObject({ type: 'opened' })
  expect(await openEvent(envelope, ring, expected)).toMatchObject({ reason: 'replay' })
  expect(await openEvent(envelope, ring, { ...expected, self: 'alice' })).toMatchObject({
    reason: 'reflected',
  })
  for (const _ of [1, 2]) {
    expect(await openEvent(envelope, ring, { ...context, replay: 'none' })).toMatchObject({
      type: 'opened',
    })
  }
})

test('[E13, E16, P55] a sealed key opens for a named purpose, once, and does not rotate a ring by itself', async () => {
  const sealed = await sealKey(keyOf(2), { ...between, purpose: 'room key' })
  const expected = { to: bob, from: alice.identity, room: 'r', now }
  // @ts-expect-error For what?
  const forNothing = openKey(sealed, { ...expected, seen: new SeenKeys({ storage: 'none' }) })
  await expect(forNothing).rejects.toThrow(/^"purpose"/)
  // @ts-expect-error How many times?
  const often = openKey(sealed, { ...expected, purpose: 'room key' })
  await expect(often).rejects.toThrow(/^"seen"/)
  const opened = await openKey(sealed, { ...expected, purpose: 'room key', seen: 'none' })
  if (opened.type !== 'opened') throw new Error(opened.reason)
  expect(() => ringOf().rotate(opened)).toThrow(RangeError)
})

test('[V30] a vault keeps the pin of its device, and without a place for it does not open unless that is said', async () => {
  const [storage, recovery] = [createMemoryStorage(), generateRecoveryKey()]
  await createVault({ storage, recovery, pin: 'none' })
  const given = { storage, with: { type: 'recovery-key', key: recovery } } as const
  // Outside of a browser; in one, it is in IndexedDB.
  await expect(openVault(given)).rejects.toThrow(/^"pin"/)
  expect((await openVault({ ...given, pin: 'none' })).list()).toEqual([])
})

test('[P40] a guard serves everything, and says how long it remembers', () => {
  // @ts-expect-error After a reload everything would open again.
  expect(() => new ReplayGuard()).toThrow(TypeError)
  // @ts-expect-error
  expect(() => new ReplayGuard({})).toThrow(/^"storage"/)
  // @ts-expect-error
  expect(() => new SeenKeys({})).toThrow(/^"storage"/)
})

test('[E18, E25] a book says where it keeps what makes it open and accept once', () => {
  // @ts-expect-error After a reload nobody who was invited is accepted.
  expect(() => new InvitationBook({ keys: alice })).toThrow(/^"storage"/)
  // @ts-expect-error After a reload nothing that was sealed to its prekeys opens.
  expect(() => new PrekeyBook({ keys: bob })).toThrow(/^"storage"/)
  expect(() => new InvitationBook({ keys: alice, storage: 'none' })).not.toThrow()
  expect(() => new PrekeyBook({ keys: bob, storage: 'none' })).not.toThrow()
})

test('[E13] a grant is sealed for a purpose that is named, as no key of a room', async () => {
  const grant = new ParticipantKeySource(randomParticipantId()).grantWithPast()
  // @ts-expect-error No purpose is meant where none is said.
  await expect(sealKey(grant.unsafeExport(), between)).rejects.toThrow(/^"purpose"/)
})

test('[P23] exchanged texts are the one misuse that nothing can see: the ids are those that the caller says', async () => {
  const ring = ringOf()
  const envelope = await encryptChatJson('x', ring, { roomId: 'msg-1', messageId: 'room-1' })
  const asMeant = { roomId: 'room-1', messageId: 'msg-1', replay: 'none' } as const
  await expect(decryptChatJson(envelope, ring, asMeant)).rejects.toMatchObject({
    code: 'ERR_E2EE_OPEN_FAILED',
  })
})
