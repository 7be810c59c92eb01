import {
  createSealer,
  DEFAULT_GRACE_MS,
  ParticipantKeyProvider,
  ParticipantKeySource,
  randomParticipantId,
  ratchetSharedKey,
  SharedKeyProvider,
  SharedKeySource,
} from '@conclave/e2ee'
import type { EventKeys, GraceOptions, KeySource } from '@conclave/e2ee'
import { createPassphraseKeySource, ExternalE2EEKeyProvider } from '@conclave/e2ee/passphrase'
import { describe, expect, test } from 'vitest'
import { failureOf, outcome, ROOM, rootOf, utf8 } from '../fixtures.ts'
import { epochOf } from '../parties.ts'

const clockOf = (): { ms: number; readonly now: () => number } => {
  const clock = { ms: 5, now: () => clock.ms }
  return clock
}
const sealIn = async (keys: EventKeys) => {
  const sealer = createSealer({ keys, room: ROOM })
  const { bytes } = await sealer.seal({ kind: 3 }, utf8('hi'))
  return { from: sealer.self, bytes }
}
const openIn = async (
  keys: EventKeys,
  { from, bytes }: { readonly from: string; readonly bytes: Uint8Array },
) => outcome(await createSealer({ keys, room: ROOM }).open(from as never, bytes))

/** Sources of a shared root at epoch 0, which change to epoch 1. */
const shared: Readonly<
  Record<string, (grace: GraceOptions) => Promise<readonly [KeySource, () => void | Promise<void>]>>
> = {
  SharedKeySource: async (grace) => {
    const source = new SharedKeySource(rootOf(1), grace)
    return [source, () => source.setKey(rootOf(2), 1n)]
  },
  'SharedKeySource, prepared': async (grace) => {
    const source = new SharedKeySource(rootOf(1), grace)
    source.addKey(rootOf(2), 1n)
    return [source, () => source.use(1n)]
  },
  'SharedKeySource, ratcheted': async (grace) => {
    const source = new SharedKeySource(rootOf(1), grace)
    return [source, async () => void (await ratchetSharedKey(source))]
  },
  SharedKeyProvider: async (grace) => {
    const source = new SharedKeyProvider(grace)
    source.setKey(rootOf(1))
    return [source, () => source.setKey(rootOf(2), 1n)]
  },
  ExternalE2EEKeyProvider: async (grace) => {
    const source = new ExternalE2EEKeyProvider(grace)
    await source.setSharedKey(rootOf(1))
    return [source, () => source.setSharedKey(rootOf(2))]
  },
  createPassphraseKeySource: async (grace) => {
    const kdf = { type: 'pbkdf2-sha256', iterations: 600_000 } as const
    const words = 'pioneer velvet orbit magnet lunar satisfy'
    const source = await createPassphraseKeySource(words, { room: 'r', kdf, ...grace })
    return [source, () => source.rotate(`${words} zebra`, 1n)]
  },
}

describe.each(Object.entries(shared))('%s', (_name, make) => {
  test('[K11] an earlier epoch opens until its grace is over, and retires by the next use', async () => {
    const clock = clockOf()
    const [source, change] = await make({ now: clock.now })
    const retired: bigint[] = []
    source.on('epochRetired', ({ epoch }) => retired.push(epoch))
    const before = await sealIn(source)
    clock.ms += 10 * DEFAULT_GRACE_MS
    await change()
    clock.ms += DEFAULT_GRACE_MS - 1
    expect(await openIn(source, before)).toBe('opened: hi')
    expect(source.epochEndingIn(0)).toBe(0n)
    clock.ms += 1
    expect(await openIn(source, before)).toBe('unknown-key')
    expect(retired).toEqual([0n])
    expect(source.epochEndingIn(0)).toBeUndefined()
    expect((await failureOf(source.export('x', utf8(''), 16, 0n))).code).toBe(
      'ERR_E2EE_UNKNOWN_EPOCH',
    )
    // The current one has no end.
    clock.ms += 1e12
    expect(await openIn(source, await sealIn(source))).toBe('opened: hi')
  })

  test('[K11] a grace of 0 ends an epoch with the change', async () => {
    const [source, change] = await make({ graceMs: 0 })
    const retired: bigint[] = []
    source.on('epochRetired', ({ epoch }) => retired.push(epoch))
    const before = await sealIn(source)
    await change()
    expect(retired).toEqual([0n])
    expect(await openIn(source, before)).toBe('unknown-key')
  })

  test('[K11] the grace is a minute by default, has bounds, and follows a clock that the caller may give', async () => {
    expect(DEFAULT_GRACE_MS).toBe(60_000)
    for (const graceMs of [-1, 1.5, 367 * 24 * 3_600_000, Number.POSITIVE_INFINITY]) {
      await expect(make({ graceMs })).rejects.toThrow(/^"graceMs"/)
    }
    await expect(make({ now: 5 as never })).rejects.toThrow(/^"now"/)
  })
})

test('[K11] each epoch has its own grace, and one that was skipped has that of the change', () => {
  const clock = clockOf()
  const source = new SharedKeySource(rootOf(1), { now: clock.now, graceMs: 100 })
  source.addKey(rootOf(2), 1n)
  source.addKey(rootOf(3), 2n)
  source.use(2n)
  clock.ms += 60
  source.setKey(rootOf(4), 3n)
  const held = (): boolean[] => [0, 1, 2, 3].map((byte) => source.epochEndingIn(byte) !== undefined)
  expect(held()).toEqual([true, true, true, true])
  clock.ms += 40
  expect(held()).toEqual([false, false, true, true])
  clock.ms += 60
  source.sweep()
  expect(held()).toEqual([false, false, false, true])
})

describe('a source of each participant', () => {
  const join = (grace: GraceOptions): ParticipantKeySource =>
    new ParticipantKeySource(randomParticipantId(), grace)

  test('[K33] epochs before a rotation open until the grace is over, at the others and at oneself', async () => {
    const clock = clockOf()
    const [alice, bob] = [join(clock), join(clock)]
    bob.setParticipantKey(alice.self, alice.grantWithPast())
    const retired: unknown[] = []
    bob.on('epochRetired', (event) => retired.push(event))
    const before = await sealIn(alice)
    bob.setParticipantKey(alice.self, alice.rotate())
    clock.ms += DEFAULT_GRACE_MS - 1
    expect(await openIn(bob, before)).toBe('opened: hi')
    clock.ms += 1
    expect(await openIn(bob, before)).toBe('unknown-key')
    expect(retired).toEqual([{ epoch: 0n, sender: alice.self }])
    expect(alice.epochEndingIn(0)).toBeUndefined()
    expect(await openIn(bob, await sealIn(alice))).toBe('opened: hi')
  })

  test('[K33] somebody removed does not go on speaking as those who rotated', async () => {
    const clock = clockOf()
    const [alice, bob, carol] = [join(clock), join(clock), join(clock)]
    for (const to of [bob, carol]) to.setParticipantKey(alice.self, alice.grantWithPast())
    const { epoch } = alice
    const stolen = alice.grantWithPast().unsafeExport()
    bob.setParticipantKey(alice.self, alice.removeParticipant(carol.self))
    clock.ms += DEFAULT_GRACE_MS
    const impostor = new ParticipantKeyProvider(alice.self)
    impostor.setKey(alice.self, stolen, epoch)
    expect(await openIn(bob, await sealIn(impostor))).toBe('unknown-key')
  })

  test('[K33] a prepared key begins no grace before something under it authenticates', async () => {
    const clock = clockOf()
    const [alice, bob] = [join(clock), join(clock)]
    bob.setParticipantKey(alice.self, alice.grantWithPast())
    const before = await sealIn(alice)
    bob.setParticipantKey(alice.self, alice.prepareRotation())
    clock.ms += 1e9
    expect(await openIn(bob, before)).toBe('opened: hi')
    alice.completeRotation()
    expect(await openIn(bob, await sealIn(alice))).toBe('opened: hi')
    expect(await openIn(bob, before)).toBe('opened: hi')
    clock.ms += DEFAULT_GRACE_MS
    expect(await openIn(bob, before)).toBe('unknown-key')
  })

  test('[K31, K33] a member that ratchets in the name of another one ends no epoch of it', async () => {
    const clock = clockOf()
    const [alice, bob] = [join(clock), join(clock)]
    const grant = alice.grantWithPast()
    bob.setParticipantKey(alice.self, grant)
    const mallory = new ParticipantKeyProvider(alice.self)
    mallory.setKey(alice.self, grant.unsafeExport(), alice.epoch)
    for (let step = 0; step < 60; step += 1) await mallory.ratchet()
    expect(await openIn(bob, await sealIn(mallory))).toBe('opened: hi')
    clock.ms += 1e9
    bob.sweep()
    expect(await openIn(bob, await sealIn(alice))).toBe('opened: hi')
  })

  test('[K33] the grace of each rotation is its own, and a grace of 0 ends at once', () => {
    const clock = clockOf()
    const alice = join({ now: clock.now, graceMs: 100 })
    alice.rotate()
    clock.ms += 60
    alice.rotate()
    const held = (): boolean[] => [0, 1, 2].map((byte) => alice.epochEndingIn(byte) !== undefined)
    expect(held()).toEqual([true, true, true])
    clock.ms += 40
    expect(held()).toEqual([false, true, true])
    clock.ms += 60
    expect(held()).toEqual([false, false, true])
    const bob = join({ graceMs: 0 })
    bob.rotate()
    expect(bob.epochEndingIn(0)).toBeUndefined()
    expect(bob.epoch).toBe(epochOf(1, 1))
  })

  test('[K33] any number of rotations leaves bounded memory, with a grace of a year', () => {
    const clock = clockOf()
    const alice = join({ now: clock.now, graceMs: 366 * 24 * 3_600_000 })
    const retired: bigint[] = []
    alice.on('epochRetired', ({ epoch }) => retired.push(epoch))
    for (let count = 0; count < 500; count += 1) alice.rotate()
    expect(retired).toHaveLength(500 - 63)
    clock.ms += 366 * 24 * 3_600_000
    alice.sweep()
    expect(retired).toHaveLength(500)
  })
})
