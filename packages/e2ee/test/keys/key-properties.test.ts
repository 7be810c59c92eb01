/** Plays the thief, the member or the leaver of each row of K34: what holds is held, and what does not is shown. */
import {
  createSealer,
  ParticipantKeyGrant,
  ParticipantKeyProvider,
  ParticipantKeySource,
  randomParticipantId,
  ratchetSharedKey,
  SharedKeySource,
} from '@conclave/e2ee'
import type { KeyFact, KeySource } from '@conclave/e2ee'
import { createPassphraseKeySource } from '@conclave/e2ee/passphrase'
import type { ParticipantId } from '@conclave/wire'
import { describe, expect, test } from 'vitest'
import { outcome, ROOM, rootOf, utf8 } from '../fixtures.ts'
import { give, join, openAt, pair, say, seal } from '../parties.ts'

const fact = (holds: KeyFact['holds'], ...because: KeyFact['because']): KeyFact => ({
  holds,
  because,
})

/** Opens what `from` sealed, as somebody with these keys. */
const openWith = async (
  keys: KeySource,
  {
    from,
    bytes,
    self = randomParticipantId(),
  }: { from: ParticipantId; bytes: Uint8Array; self?: ParticipantId },
): Promise<string> =>
  outcome(await createSealer({ keys, room: ROOM, unsafeSelf: self }).open(from, bytes))

describe('a shared root', () => {
  const alice = randomParticipantId()

  test('[K34] shared.forwardSecrecy: of retired epochs, unless somebody kept an earlier secret', async () => {
    const keys = new SharedKeySource(rootOf(1))
    expect(keys.properties().forwardSecrecy).toEqual(fact('per-epoch', 'secrets-deleted'))
    const sealer = createSealer({ keys, room: ROOM, unsafeSelf: alice })
    const { bytes } = await sealer.seal({ kind: 3 }, utf8('long ago'))
    const today = await ratchetSharedKey(keys)
    keys.retire(0n)
    const thief = new SharedKeySource(today, { epoch: 1n })
    expect(await openWith(thief, { from: alice, bytes })).toBe('unknown-key')
    const link = new SharedKeySource(rootOf(1))
    expect(await openWith(link, { from: alice, bytes })).toBe('opened: long ago')
  })

  test('[K34] shared.postCompromise, shared.rekeyOnLeave: nothing locks out a thief, or a member that left, until the application brings a fresh key', async () => {
    const keys = new SharedKeySource(rootOf(1))
    const { postCompromise, rekeyOnLeave } = keys.properties()
    expect([postCompromise, rekeyOnLeave]).toEqual(Array(2).fill(fact('no', 'application-keys')))
    await ratchetSharedKey(keys)
    const { bytes } = await createSealer({ keys, room: ROOM, unsafeSelf: alice }).seal(
      { kind: 3 },
      utf8('later'),
    )
    const thief = new SharedKeySource(rootOf(1))
    await ratchetSharedKey(thief)
    expect(await openWith(thief, { from: alice, bytes })).toBe('opened: later')
  })

  test('[K34] shared.senderAuth, shared.memberAuth: every holder speaks as any member, and no member is proved', async () => {
    const keys = new SharedKeySource(rootOf(1))
    const { senderAuth, memberAuth } = keys.properties()
    expect([senderAuth, memberAuth]).toEqual(Array(2).fill(fact('no', 'one-secret')))
    const mallory = createSealer({
      keys: new SharedKeySource(rootOf(1)),
      room: ROOM,
      unsafeSelf: alice,
    })
    const { bytes } = await mallory.seal({ kind: 3 }, utf8('I am alice'))
    expect(await openWith(keys, { from: alice, bytes })).toBe('opened: I am alice')
    expect(keys.members()).toEqual([])
    // Who is heard first takes her place too: her own sealer is then another one.
    const bob = createSealer({ keys, room: ROOM })
    const sealer = createSealer({ keys, room: ROOM, unsafeSelf: alice })
    await sealer.seal({ kind: 3 }, utf8('first'))
    const said = await sealer.seal({ kind: 3 }, utf8('the real one'))
    expect(outcome(await bob.open(alice, bytes))).toBe('opened: I am alice')
    expect(outcome(await bob.open(alice, said.bytes))).toBe('other-sealer')
  })

  test('[K34] passphrase.forwardSecrecy: a passphrase opens everything to whoever guesses it later', async () => {
    const kdf = { type: 'pbkdf2-sha256', iterations: 600_000 } as const
    const agreed = { room: ROOM, kdf }
    const phrase = 'quantum lobster harvest violin pepper'
    const keys = await createPassphraseKeySource(phrase, agreed)
    const conditions = ['secrets-deleted', 'passphrase-not-guessed'] as const
    expect(keys.properties()).toEqual({
      ...new SharedKeySource(rootOf(1)).properties(),
      forwardSecrecy: fact('per-epoch', ...conditions),
    })
    const { bytes } = await createSealer({ keys, room: ROOM, unsafeSelf: alice }).seal(
      { kind: 3 },
      utf8('long ago'),
    )
    keys.close()
    const guessed = await createPassphraseKeySource(phrase, agreed)
    expect(await openWith(guessed, { from: alice, bytes })).toBe('opened: long ago')
  })
})

describe('keys of each participant', () => {
  test('[K34] participant.forwardSecrecy: of retired epochs, unless a recorded delivery opens', async () => {
    const [alice, bob] = pair()
    const facts = alice.keys.properties()
    expect(facts.forwardSecrecy).toEqual(fact('per-epoch', 'deliveries-closed'))
    const delivered = alice.keys.grantWithPast()
    const bytes = await seal(alice, 'long ago')
    expect(await openAt(bob, alice, bytes)).toBe('opened: long ago')
    give(alice, bob, alice.keys.rotate())
    expect(await say(alice, bob, 'now')).toBe('opened: now')
    bob.keys.retireEarlier()
    const self = randomParticipantId()
    const thief = new ParticipantKeySource(self)
    thief.setParticipantKey(alice.id, alice.keys.grantWithPast())
    expect(await openWith(thief, { self, from: alice.id, bytes })).toBe('unknown-key')
    const withTape = new ParticipantKeySource(self)
    withTape.setParticipantKey(alice.id, delivered)
    expect(await openWith(withTape, { self, from: alice.id, bytes })).toBe('opened: long ago')
  })

  test('[K34] participant.postCompromise: a thief who opens the deliveries has the next key too', async () => {
    const [alice] = pair()
    expect(alice.keys.properties().postCompromise).toEqual(fact('no', 'same-delivery-keys'))
    const delivered = alice.keys.rotate()
    const self = randomParticipantId()
    const thief = new ParticipantKeySource(self)
    thief.setParticipantKey(alice.id, delivered)
    const bytes = await seal(alice, 'later')
    expect(await openWith(thief, { self, from: alice.id, bytes })).toBe('opened: later')
  })

  test('[K34] participant.senderAuth, participant.memberAuth: every holder of a key speaks under it, and no member is proved', async () => {
    const [alice, bob] = pair()
    const { senderAuth, memberAuth } = alice.keys.properties()
    expect(senderAuth).toEqual(fact('no', 'granted-keys-seal'))
    expect(memberAuth).toEqual(fact('no', 'members-unproved'))
    const impostor = new ParticipantKeySource(alice.id, { generate: false })
    impostor.setOwnKey(alice.keys.grantWithPast().unsafeExport(), 0n)
    const sealer = createSealer({ keys: impostor, room: ROOM, unsafeSelf: alice.id })
    const { bytes } = await sealer.seal({ kind: 3 }, utf8('I am alice'))
    expect(await openAt(bob, alice, bytes)).toBe('opened: I am alice')
    const nobody = randomParticipantId()
    const granted = { participant: nobody, epoch: 0n, following: true }
    bob.keys.setParticipantKey(nobody, new ParticipantKeyGrant(granted, rootOf(3)))
    expect(bob.keys.members()).toContainEqual({ id: nobody })
  })

  test('[K34] participant.rekeyOnLeave: a participant that left opens nothing later, once the source is told', async () => {
    const [alice, bob] = pair()
    expect(alice.keys.properties().rekeyOnLeave).toEqual(fact('yes', 'leaving-is-told'))
    expect(await say(alice, bob, 'untold')).toBe('opened: untold')
    alice.keys.removeParticipant(bob.id)
    expect(await say(alice, bob, 'told')).toBe('unknown-key')
  })

  test('[K34, K35] where the application sets the keys, nothing changes by itself', async () => {
    const { id } = join()
    const keys = new ParticipantKeyProvider(id)
    const { forwardSecrecy, rekeyOnLeave } = keys.properties()
    const chosen = fact('no', 'application-keys')
    expect([forwardSecrecy, rekeyOnLeave]).toEqual([chosen, chosen])
    keys.setKey(id, rootOf(1))
    const { bytes } = await createSealer({ keys, room: ROOM, unsafeSelf: id }).seal(
      { kind: 3 },
      utf8('later'),
    )
    const self = randomParticipantId()
    const leaver = new ParticipantKeyProvider(self)
    leaver.setKey(id, rootOf(1))
    expect(await openWith(leaver, { self, from: id, bytes })).toBe('opened: later')
  })
})
