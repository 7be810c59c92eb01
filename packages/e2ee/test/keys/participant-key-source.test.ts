import { handlerErrorsIn } from '@conclave/base/testing'
import {
  createSealer,
  decodeParticipantKeyGrant,
  encodeParticipantKeyGrant,
  MAX_PARTICIPANTS,
  MAX_RATCHET_STEPS,
  ParticipantKeyGrant,
  ParticipantKeyProvider,
  ParticipantKeySource,
  randomParticipantId,
  SharedKeyProvider,
} from '@conclave/e2ee'
import type { GrantOutcome } from '@conclave/e2ee'
import type { ParticipantId } from '@conclave/wire'
import { describe, expect, test } from 'vitest'
import { bytesToHex, failureOf, outcome, ROOM, rootOf, utf8 } from '../fixtures.ts'
import { epochOf, give, join, openAt, pair, say, seal } from '../parties.ts'
import type { Party } from '../parties.ts'

const NONE = new Uint8Array()

describe('epochs', () => {
  test('[K27] a ratchet raises the step, a rotation both numbers, and the last byte always moves', async () => {
    const { keys, id } = join()
    const changed: unknown[] = []
    keys.on('epochChanged', (event) => changed.push(event))
    expect(keys.epoch).toBe(epochOf(0, 0))
    await keys.ratchet()
    keys.rotate()
    keys.rotate()
    await keys.ratchet()
    expect(keys.epoch).toBe(epochOf(2, 4))
    const expected = [epochOf(0, 1), epochOf(1, 2), epochOf(2, 3), epochOf(2, 4)]
    expect(changed).toEqual(expected.map((epoch) => ({ epoch, sender: id })))
  })

  test('[K27] a sender whose numbers are used up is ERR_E2EE_EXHAUSTED', async () => {
    const keys = new ParticipantKeySource(randomParticipantId(), { generate: false })
    keys.setOwnKey(rootOf(1), epochOf(0, 2 ** 32 - 1))
    const expected = { code: 'ERR_E2EE_EXHAUSTED', details: { limit: 'stream' } }
    expect(await failureOf(keys.ratchet())).toMatchObject(expected)
    expect(await failureOf(() => keys.rotate())).toMatchObject(expected)
    await expect(keys.export('x', NONE, 16)).resolves.toHaveLength(16)
  })

  test('[K20] every sender has its own keys, and those of this session are used when no sender is named', async () => {
    const [alice, bob] = pair()
    const key = async (at: Party, sender?: ParticipantId): Promise<string> =>
      bytesToHex(await at.keys.export('x', NONE, 32, undefined, sender))
    expect(await key(alice)).toBe(await key(alice, alice.id))
    expect(await key(alice)).toBe(await key(bob, alice.id))
    expect(await key(alice)).not.toBe(await key(bob))
    const unknown = failureOf(key(alice, randomParticipantId()))
    expect(await unknown).toMatchObject({ code: 'ERR_E2EE_UNKNOWN_EPOCH', details: { epoch: 0n } })
  })

  test('[K6] arguments outside the bounds are mistakes of the caller', async () => {
    const { keys } = join()
    await expect(keys.export('', NONE, 16)).rejects.toThrow(RangeError)
    await expect(keys.export('x', 'y' as never, 16)).rejects.toThrow(TypeError)
    await expect(keys.export('x', NONE, 16, 1 as never)).rejects.toThrow(TypeError)
  })
})

describe('grants', () => {
  test('[K29] a grant travels as 58 bytes', () => {
    const { keys, id } = join()
    const grant = keys.grantWithPast()
    const bytes = encodeParticipantKeyGrant(grant)
    expect(bytes).toHaveLength(58)
    const decoded = decodeParticipantKeyGrant(bytes)
    expect(decoded).toMatchObject({ participant: id, epoch: 0n, following: true })
    expect(decoded?.unsafeExport()).toEqual(grant.unsafeExport())
    bytes.fill(0)
    expect(decoded?.unsafeExport()).toEqual(grant.unsafeExport())
  })

  test('[K29] anything else is no grant', () => {
    const bytes = encodeParticipantKeyGrant(join().keys.grantWithPast())
    const others = [
      ...[undefined, null, 7, 'text', {}, [], new Uint8Array(), bytes.buffer, [...bytes]],
      ...[bytes.subarray(1), Uint8Array.of(...bytes, 0)],
      ...[bytes.with(0, 0), bytes.with(0, 2), bytes.with(1, 0), bytes.with(1, 4)],
    ]
    for (const value of others) expect(decodeParticipantKeyGrant(value)).toBeUndefined()
    const odd = new Uint8Array(99)
    odd.set(bytes, 41)
    expect(decodeParticipantKeyGrant(odd.subarray(41))).toBeDefined()
  })

  test('[K29, K5] a grant redacts its secret, and cannot be used once wiped', () => {
    const [alice, bob] = [join(), join()]
    const grant = alice.keys.grantWithPast()
    expect(`${String(grant)} ${JSON.stringify({ grant })}`).toBe(
      '[ParticipantKeyGrant] {"grant":"[ParticipantKeyGrant]"}',
    )
    grant.wipe()
    grant.wipe()
    expect(() => grant.unsafeExport()).toThrow(TypeError)
    expect(() => encodeParticipantKeyGrant(grant)).toThrow(TypeError)
    expect(() => give(alice, bob, grant)).toThrow(TypeError)
    expect(bob.keys.members()).toEqual([{ id: bob.id }])
    expect(JSON.stringify(alice.keys)).toBe(`{"mode":"participant","self":"${alice.id}"}`)
  })

  test('[K29] arguments that cannot be a grant are mistakes of the caller', () => {
    const { keys, id } = join()
    const named = { participant: id, epoch: 0n, following: true }
    expect(() => new ParticipantKeyGrant(named, new Uint8Array(31))).toThrow(TypeError)
    expect(() => new ParticipantKeyGrant({ ...named, epoch: -1n }, rootOf(1))).toThrow(RangeError)
    expect(
      () => new ParticipantKeyGrant({ ...named, participant: 'x' as never }, rootOf(1)),
    ).toThrow(TypeError)
    expect(() => new ParticipantKeySource('x' as never)).toThrow(TypeError)
    expect(() => keys.setParticipantKey('x' as never, keys.grantWithPast())).toThrow(TypeError)
    expect(() => keys.setParticipantKey(randomParticipantId(), {} as never)).toThrow(TypeError)
    expect(() => keys.setParticipantKey(id, keys.grantWithPast())).toThrow(RangeError)
  })

  test('[K29] a prepared key is granted as such', () => {
    const { keys, id } = join()
    const bytes = encodeParticipantKeyGrant(keys.prepareRotation())
    expect(bytes[1]).toBe(3)
    expect(decodeParticipantKeyGrant(bytes)).toMatchObject({ following: true, prepared: true })
    expect(
      decodeParticipantKeyGrant(encodeParticipantKeyGrant(keys.grantWithPast()))?.prepared,
    ).toBe(false)
    const odd = { participant: id, epoch: 0n, following: false, prepared: true }
    expect(() => new ParticipantKeyGrant(odd, rootOf(1))).toThrow(RangeError)
  })

  test('[K30] only a later epoch of the participant that is named is taken', async () => {
    const [alice, bob, carol] = [join(), join(), join()]
    const first = alice.keys.grantWithPast()
    await alice.keys.ratchet()
    const second = alice.keys.grantWithPast()
    expect(bob.keys.setParticipantKey(carol.id, second)).toEqual({
      type: 'refused',
      reason: 'another-participant',
    })
    expect(give(alice, bob, second)).toEqual({ type: 'set', epoch: epochOf(0, 1) })
    expect(give(alice, bob, second)).toEqual({ type: 'known', epoch: epochOf(0, 1) })
    expect(give(alice, bob, first)).toEqual({ type: 'refused', reason: 'old' })
    expect(give(alice, bob, alice.keys.rotate())).toEqual({ type: 'set', epoch: epochOf(1, 2) })
    expect(await say(alice, bob)).toBe('opened: hi')
  })

  test('[K30] a message sealed between two grants still opens', async () => {
    const [alice, bob] = pair()
    const late = [await seal(alice, 'step 0')]
    await alice.keys.ratchet()
    late.push(await seal(alice, 'step 1'))
    await alice.keys.ratchet()
    late.push(await seal(alice, 'step 2'))
    give(alice, bob, alice.keys.rotate())
    for (const [step, bytes] of late.entries()) {
      expect(await openAt(bob, alice, bytes)).toBe(`opened: step ${step}`)
    }
  })
})

describe('ending', () => {
  test('[K33] earlier epochs end on demand, and the oldest by themselves', async () => {
    const [alice, bob] = pair()
    const old = await seal(alice, 'old')
    give(alice, bob, await alice.keys.ratchet())
    expect(await say(alice, bob)).toBe('opened: hi')
    const retired: unknown[] = []
    bob.keys.on('epochRetired', (event) => retired.push(event))
    bob.keys.retireEarlier()
    expect(retired).toEqual([{ epoch: epochOf(0, 0), sender: alice.id }])
    expect(await openAt(bob, alice, old)).toBe('unknown-key')
    expect(await say(alice, bob)).toBe('opened: hi')
    for (let at = 0; at < MAX_RATCHET_STEPS + 3; at += 1) give(alice, bob, alice.keys.rotate())
    expect(retired).toHaveLength(5)
  })

  test('[K33] a removed participant comes back only with a later grant', async () => {
    const [alice, bob] = pair()
    const old = bob.keys.grantWithPast()
    give(bob, alice, bob.keys.rotate())
    alice.keys.forgetParticipant(bob.id, randomParticipantId())
    expect(await say(bob, alice)).toBe('unknown-key')
    for (const grant of [old, bob.keys.grantWithPast()]) {
      expect(give(bob, alice, grant)).toEqual({ type: 'refused', reason: 'old' })
    }
    expect(give(bob, alice, await bob.keys.ratchet())).toMatchObject({ type: 'set' })
    expect(await say(bob, alice)).toBe('opened: hi')
  })

  test('[K33] earlier epochs of one participant end, its own ones too, and those of others stay', async () => {
    const [alice, bob] = pair()
    const carol = join()
    give(carol, alice)
    for (const { keys } of [alice, bob, carol]) await keys.ratchet()
    for (const other of [bob, carol]) give(other, alice)
    expect([await say(bob, alice), await say(carol, alice)]).toEqual(['opened: hi', 'opened: hi'])
    const retired: unknown[] = []
    alice.keys.on('epochRetired', ({ sender }) => retired.push(sender))
    alice.keys.retireEarlier(alice.id)
    expect(retired).toEqual([alice.id])
    alice.keys.retireEarlier(bob.id)
    expect(retired).toEqual([alice.id, bob.id])
    expect(() => alice.keys.retireEarlier('nobody' as ParticipantId)).toThrow(TypeError)
    expect(await say(alice, bob)).toBe('opened: hi')
  })

  test('[K33] grants below the minimum are refused, and held epochs below it retire', async () => {
    const [alice, bob] = pair()
    const early = await seal(alice, 'early')
    await alice.keys.ratchet()
    bob.keys.setMinEpoch(epochOf(0, 1), alice.id)
    bob.keys.setMinEpoch(epochOf(0, 0), alice.id)
    expect(await openAt(bob, alice, early)).toBe('unknown-key')
    expect(await say(alice, bob)).toBe('opened: hi')
    bob.keys.setMinEpoch(epochOf(1, 0), alice.id)
    expect(await say(alice, bob)).toBe('unknown-key')
    expect(give(alice, bob)).toEqual({ type: 'refused', reason: 'old' })
    expect(give(alice, bob, alice.keys.rotate())).toMatchObject({ type: 'set' })
    expect(await say(alice, bob)).toBe('opened: hi')
  })

  test('[K33] there is a bound to participants', () => {
    const { keys } = join()
    const grantOf = (participant: ParticipantId): GrantOutcome =>
      keys.setParticipantKey(
        participant,
        new ParticipantKeyGrant({ participant, epoch: 0n, following: false }, rootOf(1)),
      )
    for (let at = 1; at < MAX_PARTICIPANTS; at += 1) grantOf(randomParticipantId())
    expect(keys.members()).toHaveLength(MAX_PARTICIPANTS)
    expect(grantOf(randomParticipantId())).toEqual({
      type: 'refused',
      reason: 'too-many-participants',
    })
    const [, known] = keys.members()
    keys.forgetParticipant(known?.id as ParticipantId)
    expect(grantOf(randomParticipantId()).type).toBe('set')
  })

  test('[K13] closing retires everything, once and for good', async () => {
    const [alice, bob] = pair()
    const retired: unknown[] = []
    bob.keys.on('epochRetired', ({ sender }) => {
      retired.push(sender)
      throw new Error('handler')
    })
    const grant = alice.keys.grantWithPast()
    const bytes = await seal(alice, 'hi')
    const underWay = bob.keys.export('x', NONE, 16)
    expect(await handlerErrorsIn(() => bob.keys.close())).toHaveLength(2)
    bob.keys.close()
    expect(retired).toEqual([bob.id, alice.id])
    expect((await failureOf(underWay)).code).toBe('ERR_E2EE_UNKNOWN_EPOCH')
    expect(await openAt(bob, alice, bytes)).toBe('unknown-key')
    for (const action of [
      () => bob.keys.ratchet(),
      () => bob.keys.rotate(),
      () => bob.keys.prepareRotation(),
      () => bob.keys.completeRotation(),
      () => bob.keys.grantWithPast(),
      () => bob.keys.grantEpoch(),
      () => bob.keys.removeParticipant(alice.id),
      () => bob.keys.setOwnKey(rootOf(1), 5n),
      () => bob.keys.setParticipantKey(alice.id, grant),
      () => bob.keys.export('x', NONE, 16),
    ]) {
      expect((await failureOf(async () => action())).code).toBe('ERR_E2EE_CLOSED')
    }
    bob.keys.confirm(1n, alice.id)
    expect(bob.keys.members()).toEqual([])
  })

  test('[K13] a ratchet that is under way when its source closes changes nothing', async () => {
    const { keys } = join()
    const ratcheting = keys.ratchet()
    keys.close()
    expect((await failureOf(ratcheting)).code).toBe('ERR_E2EE_CLOSED')
  })
})

describe('providers', () => {
  test('[K35] a shared key that the app sets is bytes, not text, and the first one needs no number', async () => {
    const [alice, bob] = [new SharedKeyProvider(), new SharedKeyProvider()]
    expect((await failureOf(alice.export('x', NONE, 16))).code).toBe('ERR_E2EE_UNKNOWN_EPOCH')
    expect(() => alice.setKey('a passphrase' as never)).toThrow(TypeError)
    expect(() => alice.setKey(new Uint8Array(16))).toThrow(TypeError)
    alice.setKey(rootOf(1))
    bob.setKey(rootOf(1).buffer)
    expect(await alice.export('x', NONE, 16)).toEqual(await bob.export('x', NONE, 16))
    expect(() => alice.setKey(rootOf(2))).toThrow(RangeError)
    alice.setKey(rootOf(2), 1n)
    expect([alice.mode, alice.epoch]).toEqual(['shared', 1n])
  })

  test('[K35] keys of participants that the app sets', async () => {
    const [alice, bob] = [randomParticipantId(), randomParticipantId()]
    const [ours, theirs] = [new ParticipantKeyProvider(alice), new ParticipantKeyProvider(bob)]
    expect((await failureOf(ours.export('x', NONE, 16))).code).toBe('ERR_E2EE_UNKNOWN_EPOCH')
    expect((await failureOf(() => ours.grantWithPast())).code).toBe('ERR_E2EE_UNKNOWN_EPOCH')
    for (const provider of [ours, theirs]) {
      provider.setKey(alice, rootOf(1))
      provider.setKey(bob, rootOf(2).buffer)
    }
    const sealer = createSealer({ keys: ours, room: ROOM, unsafeSelf: alice })
    const opener = createSealer({ keys: theirs, room: ROOM, unsafeSelf: bob })
    const { bytes } = await sealer.seal({ kind: 3 }, utf8('hi'))
    expect(outcome(await opener.open(alice, bytes))).toBe('opened: hi')
    for (const participant of [alice, bob]) {
      expect(() => ours.setKey(participant, rootOf(3))).toThrow(RangeError)
      expect(() => ours.setKey(participant, new Uint8Array(16), 1n)).toThrow(TypeError)
      ours.setKey(participant, rootOf(3), 1n)
    }
    expect(ours.epoch).toBe(1n)
  })
})
