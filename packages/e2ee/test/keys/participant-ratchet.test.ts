import '../../../../tools/web-platform.ts'
import { handlerErrorsIn } from '@conclave/base/testing'
import {
  createSealer,
  decodeEnvelopeHeader,
  decodeParticipantKeyGrant,
  encodeParticipantKeyGrant,
  MAX_RATCHET_STEPS,
  ParticipantKeyGrant,
  ParticipantKeySource,
  randomParticipantId,
} from '@conclave/e2ee'
import { describe, expect, test } from 'vitest'
import { ROOM, utf8, withSalt } from '../fixtures.ts'
import { epochOf, give, join, openAt, pair, say, seal, trio } from '../parties.ts'

const NONE = new Uint8Array()

describe('joining', () => {
  test('[K28, K32] a newcomer opens later messages and no earlier ones; members ratchet by themselves', async () => {
    const [alice, bob] = pair()
    const [before, direct] = [await seal(alice, 'before'), await seal(alice, 'to bob', bob.id)]
    const newcomer = join()
    for (const member of [alice, bob]) {
      give(member, newcomer, await member.keys.ratchet())
      give(newcomer, member)
    }
    expect(await openAt(newcomer, alice, before)).toBe('unknown-key')
    const after = await seal(alice, 'after')
    expect(await openAt(newcomer, alice, after)).toBe('opened: after')
    expect(await openAt(bob, alice, after)).toBe('opened: after')
    expect(await openAt(bob, alice, before)).toBe('opened: before')
    expect(await openAt(bob, alice, direct)).toBe('opened: to bob')
    expect(await say(newcomer, alice)).toBe('opened: hi')
    expect(await say(newcomer, bob)).toBe('opened: hi')
    expect(bob.keys.members().map(({ id }) => id)).toEqual([bob.id, alice.id, newcomer.id])
  })

  test('[K28] the grant of a newcomer gives no key of the epoch before, however it is used', async () => {
    const alice = join()
    const before = await seal(alice, 'before')
    const secrets = [(await alice.keys.ratchet()).unsafeExport()]
    secrets.push((await alice.keys.grantEpoch()).unsafeExport())
    for (const secret of secrets) {
      for (const following of [true, false]) {
        const thief = join()
        const forged = new ParticipantKeyGrant(
          { participant: alice.id, epoch: epochOf(0, 0), following },
          secret,
        )
        give(alice, thief, forged)
        expect(await openAt(thief, alice, before)).toBe('other-key')
      }
    }
  })

  test('[K29] a grant of a single epoch ends with the next ratchet', async () => {
    const [alice, guest] = [join(), join()]
    await alice.keys.ratchet()
    const grant = await alice.keys.grantEpoch()
    expect(grant.following).toBe(false)
    expect(give(alice, guest, decodeParticipantKeyGrant(encodeParticipantKeyGrant(grant)))).toEqual(
      {
        type: 'set',
        epoch: epochOf(0, 1),
      },
    )
    expect(await say(alice, guest)).toBe('opened: hi')
    await alice.keys.ratchet()
    const next = await seal(alice, 'next')
    expect(await openAt(guest, alice, next)).toBe('unknown-key')
    // Not even as a chain does it reach the next epoch.
    const thief = join()
    const forged = new ParticipantKeyGrant(
      { participant: alice.id, epoch: epochOf(0, 1), following: true },
      grant.unsafeExport(),
    )
    give(alice, thief, forged)
    expect(await openAt(thief, alice, next)).toBe('other-key')
  })

  test('[K32] ratchets at the same time are two steps', async () => {
    const [alice, bob] = pair()
    await Promise.all([alice.keys.ratchet(), alice.keys.ratchet()])
    expect(alice.keys.epoch).toBe(epochOf(0, 2))
    expect(await say(alice, bob)).toBe('opened: hi')
  })

  test('[K32] a ratchet continues from a rotation in between', async () => {
    const [alice, bob] = pair()
    const ratcheting = alice.keys.ratchet()
    give(alice, bob, alice.keys.rotate())
    expect((await ratcheting).epoch).toBe(epochOf(1, 2))
    expect(await say(alice, bob)).toBe('opened: hi')
  })
})

describe('leaving', () => {
  test('[K32] a participant that left opens nothing sealed afterwards, and nothing of it opens', async () => {
    const [alice, bob, leaver] = trio()
    expect(await say(alice, leaver)).toBe('opened: hi')
    give(alice, bob, alice.keys.removeParticipant(leaver.id))
    give(bob, alice, bob.keys.removeParticipant(leaver.id))
    const [fromAlice, fromBob] = [await seal(alice, 'without'), await seal(bob, 'you')]
    expect(await openAt(leaver, alice, fromAlice)).toBe('unknown-key')
    expect(await openAt(leaver, bob, fromBob)).toBe('unknown-key')
    expect(await openAt(bob, alice, fromAlice)).toBe('opened: without')
    expect(await openAt(alice, bob, fromBob)).toBe('opened: you')
    expect(await say(leaver, alice)).toBe('unknown-key')
    expect(alice.keys.members().map(({ id }) => id)).toEqual([alice.id, bob.id])
  })

  test('[K32] a rotation that is granted in advance loses nothing', async () => {
    const [alice, bob] = pair()
    const [first, again] = [alice.keys.prepareRotation(), alice.keys.prepareRotation()]
    expect(again.unsafeExport()).toEqual(first.unsafeExport())
    expect(alice.keys.epoch).toBe(epochOf(0, 0))
    give(alice, bob, first)
    expect(await say(alice, bob, 'old')).toBe('opened: old')
    expect(alice.keys.completeRotation().epoch).toBe(first.epoch)
    expect(await say(alice, bob, 'new')).toBe('opened: new')
  })

  test('[K23, K30] a prepared key ends no other until a message under it authenticates', async () => {
    const [alice, bob] = pair()
    const heard: unknown[] = []
    for (const type of ['epochAdded', 'epochChanged', 'epochRetired'] as const) {
      bob.keys.on(type, ({ epoch, sender }) => heard.push([type, epoch, sender === alice.id]))
    }
    give(alice, bob, alice.keys.prepareRotation())
    bob.keys.retireEarlier()
    expect(heard).toEqual([['epochAdded', epochOf(1, 1), true]])
    expect(await say(alice, bob, 'still old')).toBe('opened: still old')
    alice.keys.completeRotation()
    expect(await say(alice, bob, 'new')).toBe('opened: new')
    bob.keys.retireEarlier()
    expect(heard.slice(1)).toEqual([
      ['epochChanged', epochOf(1, 1), true],
      ['epochRetired', epochOf(0, 0), true],
    ])
    expect(await say(alice, bob, 'newer')).toBe('opened: newer')
  })

  test('[K32] a participant that was granted the next key in advance and leaves before its use is locked out', async () => {
    const [alice, bob, leaver] = trio()
    const prepared = alice.keys.prepareRotation()
    for (const member of [bob, leaver]) give(alice, member, prepared)
    const grant = alice.keys.removeParticipant(leaver.id)
    expect(grant.epoch).toBe(epochOf(2, 2))
    expect(grant.unsafeExport()).not.toEqual(prepared.unsafeExport())
    expect(give(alice, bob, grant)).toMatchObject({ type: 'set' })
    const bytes = await seal(alice, 'without you')
    expect(await openAt(bob, alice, bytes)).toBe('opened: without you')
    expect(await openAt(leaver, alice, bytes)).toBe('unknown-key')
    expect(alice.keys.completeRotation().epoch).toBe(epochOf(3, 3))
  })

  test('[K32] a key that is prepared afresh locks out a participant that was granted the one before, and changes nothing yet', async () => {
    const [alice, bob, leaver] = trio()
    const prepared = alice.keys.prepareRotation()
    for (const member of [bob, leaver]) give(alice, member, prepared)
    const afresh = alice.keys.prepareRotation({ afresh: true })
    expect(afresh.epoch).toBe(epochOf(2, 2))
    expect(give(alice, bob, afresh)).toMatchObject({ type: 'set' })
    expect(await say(alice, bob)).toBe('opened: hi')
    expect(alice.keys.completeRotation().epoch).toBe(afresh.epoch)
    const bytes = await seal(alice, 'without you')
    expect(await openAt(bob, alice, bytes)).toBe('opened: without you')
    expect(await openAt(leaver, alice, bytes)).toBe('unknown-key')
  })

  test('[K32] a ratchet completes the rotation that was prepared', async () => {
    const [alice, bob] = pair()
    give(alice, bob, alice.keys.prepareRotation())
    const newcomer = join()
    give(alice, newcomer, await alice.keys.ratchet())
    expect(alice.keys.epoch).toBe(epochOf(1, 1))
    const bytes = await seal(alice, 'hi')
    expect(await openAt(bob, alice, bytes)).toBe('opened: hi')
    expect(await openAt(newcomer, alice, bytes)).toBe('opened: hi')
  })

  test('[K32] a handler that throws does not prevent the lockout of a participant that left', async () => {
    const [alice, , leaver] = trio()
    alice.keys.on('epochRetired', () => {
      throw new Error('handler')
    })
    const errors = await handlerErrorsIn(() => alice.keys.removeParticipant(leaver.id))
    expect(errors).toMatchObject([{ message: 'handler' }])
    expect(alice.keys.epoch).toBe(epochOf(1, 1))
    expect(await say(alice, leaver)).toBe('unknown-key')
  })
})

describe('looking ahead', () => {
  test('[K31, K22] a later step opens, and moves nothing', async () => {
    const [alice, bob] = pair()
    const changed: unknown[] = []
    bob.keys.on('epochChanged', (event) => changed.push(event))
    await alice.keys.ratchet()
    await alice.keys.ratchet()
    const bytes = await seal(alice, 'two ahead')
    const forged = bytes.with(-1, (bytes.at(-1) ?? 0) ^ 1)
    expect(await openAt(bob, alice, forged)).toBe('not-authentic')
    expect(changed).toEqual([])
    expect(await openAt(bob, alice, bytes)).toBe('opened: two ahead')
    bob.keys.confirm(epochOf(0, 1), alice.id)
    bob.keys.confirm(epochOf(0, 99), alice.id)
    bob.keys.confirm(epochOf(0, 3), randomParticipantId())
    expect(changed).toEqual([])
  })

  test('[K31, K33] 64 steps are within reach, more are not, and a minimum or a grant moves the reach', async () => {
    const [alice, bob] = pair()
    const reach = async (epoch: bigint): Promise<string> =>
      bob.keys.export('x', NONE, 16, epoch, alice.id).then(
        () => 'key',
        (error: { code: string }) => error.code,
      )
    const last = BigInt(MAX_RATCHET_STEPS)
    expect(await reach(last + 1n)).toBe('ERR_E2EE_UNKNOWN_EPOCH')
    expect(await reach(last)).toBe('key')
    expect(await reach(epochOf(1, 1))).toBe('ERR_E2EE_UNKNOWN_EPOCH')
    bob.keys.confirm(last, alice.id)
    expect(await reach(last + 1n)).toBe('ERR_E2EE_UNKNOWN_EPOCH')
    bob.keys.setMinEpoch(last, alice.id)
    expect(await reach(last + 1n)).toBe('key')
    expect(await reach(2n * last)).toBe('key')
    expect(await reach(2n * last + 1n)).toBe('ERR_E2EE_UNKNOWN_EPOCH')
    for (let step = 0; step < MAX_RATCHET_STEPS * 2; step += 1) await alice.keys.ratchet()
    expect(await say(alice, bob)).toBe('opened: hi')
    await alice.keys.ratchet()
    expect(await say(alice, bob)).toBe('unknown-key')
    give(alice, bob)
    expect(await say(alice, bob)).toBe('opened: hi')
  })

  test('[K31] a participant is heard however far another member ratchets its chain in its name', async () => {
    const [alice, bob] = pair()
    const impostor = new ParticipantKeySource(alice.id, { generate: false })
    impostor.setOwnKey(alice.keys.grantWithPast().unsafeExport(), 0n)
    const salt = decodeEnvelopeHeader(await seal(alice, '0'))?.salt ?? NONE
    const sealer = withSalt(salt, () =>
      createSealer({ keys: impostor, room: ROOM, unsafeSelf: alice.id }),
    )
    for (const [round, outcome] of ['opened: forged', 'unknown-key'].entries()) {
      for (let step = 0; step < MAX_RATCHET_STEPS; step += 1) await impostor.ratchet()
      const { bytes } = await sealer.seal({ kind: 3 }, utf8('forged'))
      expect([round, await openAt(bob, alice, bytes)]).toEqual([round, outcome])
      bob.keys.retireEarlier()
    }
    sealer.close()
    for (let step = 0; step < 2; step += 1) await seal(alice, 'its sequence is used')
    expect(await say(alice, bob)).toBe('opened: hi')
    await alice.keys.ratchet()
    expect(await say(alice, bob)).toBe('opened: hi')
    for (const change of ['grantWithPast', 'prepareRotation', 'rotate'] as const) {
      expect(give(alice, bob, alice.keys[change]())).toMatchObject({ type: 'set' })
      expect(await say(alice, bob)).toBe('opened: hi')
    }
  })

  test('[K31] however many messages claim to come from ahead, no step is derived twice', async () => {
    const [alice, bob] = pair()
    await Promise.all([say(alice, bob), say(bob, alice)])
    const bytes = new DataView(new ArrayBuffer(64))
    bytes.setUint8(0, 1)
    bytes.setUint8(19, 9)
    const salt = decodeEnvelopeHeader(await seal(alice, 'hi'))?.salt ?? NONE
    new Uint8Array(bytes.buffer).set(salt, 20)
    const original = crypto.subtle.importKey.bind(crypto.subtle)
    let imports = 0
    Object.defineProperty(crypto.subtle, 'importKey', {
      configurable: true,
      value: (...given: unknown[]) => {
        if ((given[2] as { name?: string }).name === 'HMAC') imports += 1
        return Reflect.apply(original, crypto.subtle, given) as unknown
      },
    })
    try {
      for (let round = 0; round < 4; round += 1) {
        for (let step = 1; step <= 100; step += 1) {
          bytes.setBigUint64(4, BigInt(step))
          const opened = await bob.sealer.open(alice.id, new Uint8Array(bytes.buffer))
          expect(opened.type).toBe('dropped')
        }
      }
    } finally {
      Reflect.deleteProperty(crypto.subtle, 'importKey')
    }
    // A chain and a root for each step.
    expect(imports).toBe(2 * MAX_RATCHET_STEPS)
    expect(await say(alice, bob)).toBe('opened: hi')
  })

  test('[K21] the last byte of an epoch is looked for ahead, then among those that were', async () => {
    const [alice, bob] = pair()
    await alice.keys.ratchet()
    give(alice, bob, alice.keys.rotate())
    const find = (byte: number): bigint | undefined => bob.keys.epochEndingIn(byte, alice.id)
    expect([0, 1, 2, 3, 66, 67, 255].map(find)).toEqual([
      ...[epochOf(0, 0), epochOf(0, 1), epochOf(1, 2), epochOf(1, 3), epochOf(1, 66)],
      ...[undefined, undefined],
    ])
    expect(bob.keys.epochEndingIn(0)).toBe(epochOf(0, 0))
    expect(bob.keys.epochEndingIn(0, randomParticipantId())).toBeUndefined()
  })

  test('[K23, K31] a rotation retires the steps that were only looked ahead to', async () => {
    const [alice, bob] = pair()
    const retired: unknown[] = []
    bob.keys.on('epochRetired', (event) => retired.push(event))
    await bob.keys.export('x', NONE, 16, epochOf(0, 2), alice.id)
    give(alice, bob, alice.keys.rotate())
    expect(retired).toEqual([
      { epoch: epochOf(0, 1), sender: alice.id },
      { epoch: epochOf(0, 2), sender: alice.id },
    ])
  })
})
