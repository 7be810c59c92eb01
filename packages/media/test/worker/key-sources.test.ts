/** Messages and frames over every kind of key source, by the same code: nothing here but `worlds` knows which one it is. */
import {
  createSealer,
  ParticipantKeySource,
  randomParticipantId,
  ratchetSharedKey,
  SharedKeySource,
} from '@conclave/e2ee'
import type { KeySource } from '@conclave/e2ee'
import { createPassphraseKeySource } from '@conclave/e2ee/passphrase'
import type { PassphraseKeySource } from '@conclave/e2ee/passphrase'
import { bytesToRoomId } from '@conclave/wire'
import type { ParticipantId, RoomId } from '@conclave/wire'
import { describe, expect, test } from 'vitest'
import { Receiver } from '../support/receiver.ts'

const room = bytesToRoomId(new Uint8Array(16).fill(9)) as RoomId
const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)
const random = (): Uint8Array<ArrayBuffer> => crypto.getRandomValues(new Uint8Array(32))
const kdf = { type: 'pbkdf2-sha256', iterations: 600_000 } as const

/** Somebody in the room: messages and frames under one key source. */
class Person {
  readonly keys: KeySource
  readonly id: ParticipantId
  readonly sealer
  readonly frames
  constructor(keys: KeySource, id: ParticipantId) {
    this.keys = keys
    this.id = id
    this.sealer = createSealer({ keys, room, unsafeSelf: id })
    this.frames = new Receiver({ keys, room, self: id })
  }

  async send() {
    const { bytes } = await this.sealer.seal({ kind: 3 }, utf8('message'))
    return { from: this.id, bytes, frame: await this.frames.seal(utf8('frame')) }
  }

  /** The parts that open: both, or neither. */
  async receives({ from, bytes, frame }: Awaited<ReturnType<Person['send']>>): Promise<string> {
    const message = await this.sealer.open(from, bytes)
    const picture = await this.frames.open(from, frame)
    return `${message.type}, ${picture}`
  }
}

/** Two who are in the room, and how one comes and goes again. */
interface World {
  readonly alice: Person
  readonly bob: Person
  /** Somebody who can open what follows, and whom the others can open. */
  admit(): Promise<Person>
  /** Changes the keys so that only `alice` and `bob` have them, and ends what was before. */
  expel(newcomer: Person): Promise<void>
}

const worlds: Record<string, () => Promise<World>> = {
  shared: async () => {
    const secret = random()
    const [alice, bob] = [new SharedKeySource(secret), new SharedKeySource(secret)]
    return {
      alice: new Person(alice, randomParticipantId()),
      bob: new Person(bob, randomParticipantId()),
      admit: async () => {
        const [given] = await Promise.all([ratchetSharedKey(alice), ratchetSharedKey(bob)])
        return new Person(new SharedKeySource(given, { epoch: 1n }), randomParticipantId())
      },
      expel: async () => {
        const fresh = random()
        for (const keys of [alice, bob]) keys.addKey(fresh, 2n)
        for (const keys of [alice, bob]) keys.use(2n)
        for (const keys of [alice, bob]) keys.setMinEpoch(2n)
      },
    }
  },
  passphrase: async () => {
    const open = (passphrase: string, epoch: bigint): Promise<PassphraseKeySource> =>
      createPassphraseKeySource(passphrase, { room, kdf, epoch })
    const [first, second, third] = [
      'pioneer velvet orbit magnet lunar satisfy',
      'velvet pioneer orbit magnet lunar satisfy',
      'orbit velvet pioneer magnet lunar satisfy',
    ] as const
    const [alice, bob] = [await open(first, 0n), await open(first, 0n)]
    return {
      alice: new Person(alice, randomParticipantId()),
      bob: new Person(bob, randomParticipantId()),
      admit: async () => {
        for (const keys of [alice, bob]) await keys.rotate(second, 1n)
        return new Person(await open(second, 1n), randomParticipantId())
      },
      expel: async () => {
        for (const keys of [alice, bob]) await keys.addPassphrase(third, 2n)
        for (const keys of [alice, bob]) keys.use(2n)
        for (const keys of [alice, bob]) keys.setMinEpoch(2n)
      },
    }
  },
  participant: async () => {
    const meet = (): { keys: ParticipantKeySource; id: ParticipantId } => {
      const id = randomParticipantId()
      return { keys: new ParticipantKeySource(id), id }
    }
    const [alice, bob] = [meet(), meet()]
    const give = (from: typeof alice, to: typeof alice, grant = from.keys.grantWithPast()): void =>
      void to.keys.setParticipantKey(from.id, grant)
    give(alice, bob)
    give(bob, alice)
    return {
      alice: new Person(alice.keys, alice.id),
      bob: new Person(bob.keys, bob.id),
      admit: async () => {
        const newcomer = meet()
        for (const member of [alice, bob]) {
          give(member, newcomer, await member.keys.ratchet())
          give(newcomer, member)
        }
        return new Person(newcomer.keys, newcomer.id)
      },
      expel: async (newcomer) => {
        give(alice, bob, alice.keys.removeParticipant(newcomer.id))
        give(bob, alice, bob.keys.removeParticipant(newcomer.id))
        for (const { keys } of [alice, bob]) keys.retireEarlier()
      },
    }
  },
}

describe.each(Object.entries(worlds))('%s', (mode, open) => {
  test('[K20, K32, M13] a newcomer opens no earlier messages and frames, a participant that left no later ones', async () => {
    const { alice, bob, admit, expel } = await open()
    expect(alice.keys.mode).toBe(mode)
    const earlier = [await alice.send(), await bob.send()] as const
    expect(await bob.receives(earlier[0])).toBe('opened, opened')
    expect(await alice.receives(earlier[1])).toBe('opened, opened')

    const newcomer = await admit()
    for (const each of earlier) expect(await newcomer.receives(each)).toBe('dropped, missing')
    const meanwhile = [await alice.send(), await bob.send(), await newcomer.send()] as const
    expect(await bob.receives(meanwhile[0])).toBe('opened, opened')
    expect(await newcomer.receives(meanwhile[0])).toBe('opened, opened')
    expect(await alice.receives(meanwhile[1])).toBe('opened, opened')
    expect(await newcomer.receives(meanwhile[1])).toBe('opened, opened')
    expect(await alice.receives(meanwhile[2])).toBe('opened, opened')
    expect(await bob.receives(meanwhile[2])).toBe('opened, opened')

    await expel(newcomer)
    const later = [await alice.send(), await bob.send(), await newcomer.send()] as const
    expect(await bob.receives(later[0])).toBe('opened, opened')
    expect(await alice.receives(later[1])).toBe('opened, opened')
    for (const each of [later[0], later[1]]) {
      expect(await newcomer.receives(each)).toMatch(/^dropped, (missing|not-authentic)$/)
    }
    for (const each of [alice, bob]) {
      expect(await each.receives(later[2])).toMatch(/^dropped, (missing|not-authentic)$/)
    }
  })
})

describe('keys of each participant', () => {
  const meet = (): [Person, ParticipantKeySource, Person, ParticipantKeySource] => {
    const ids = [randomParticipantId(), randomParticipantId()] as const
    const [alice, bob] = [new ParticipantKeySource(ids[0]), new ParticipantKeySource(ids[1])]
    bob.setParticipantKey(ids[0], alice.grantWithPast())
    return [new Person(alice, ids[0]), alice, new Person(bob, ids[1]), bob]
  }

  test('[K31, M13] frames after a ratchet that was not announced open, and move nothing', async () => {
    const [alice, aliceKeys, bob, bobKeys] = meet()
    await aliceKeys.ratchet()
    await aliceKeys.ratchet()
    const frame = await alice.frames.seal(utf8('frame'))
    expect(await bob.frames.open(alice.id, frame)).toBe('opened')
    expect(bobKeys.epochEndingIn(64, alice.id)).toBe(64n)
    expect(bobKeys.epochEndingIn(65, alice.id)).toBeUndefined()
  })

  test('[K31, M13, M15] frames that another member seals far ahead in its name end nothing of a participant', async () => {
    const [alice, aliceKeys, bob, bobKeys] = meet()
    const ended: unknown[] = []
    for (const type of ['epochChanged', 'epochRetired'] as const) {
      bobKeys.on(type, (event) => ended.push([type, event]))
    }
    const stolen = new ParticipantKeySource(alice.id, { generate: false })
    const grant = aliceKeys.grantWithPast()
    stolen.setOwnKey(grant.unsafeExport(), grant.epoch)
    for (let step = 0; step < 64; step += 1) await stolen.ratchet()
    const impostor = new Person(stolen, alice.id)
    const forged = await impostor.frames.seal(utf8('forged'))
    expect(await bob.frames.open(alice.id, forged)).toBe('opened')
    bobKeys.retireEarlier()
    expect(ended).toEqual([])
    for (let step = 0; step < 3; step += 1) {
      const frame = await alice.frames.seal(utf8('frame'))
      expect(await bob.frames.open(alice.id, frame)).toBe('opened')
      await aliceKeys.ratchet()
    }
    for (const next of [aliceKeys.grantWithPast(), aliceKeys.rotate()]) {
      expect(bobKeys.setParticipantKey(alice.id, next)).toMatchObject({ type: 'set' })
    }
  })

  test('[K23, K31, M13] frames that come before the grant of a rotation open once it is there', async () => {
    const [alice, aliceKeys, bob, bobKeys] = meet()
    const grant = aliceKeys.rotate()
    const frame = await alice.frames.seal(utf8('frame'))
    // By its last byte it might be the next step of the ratchet.
    expect(await bob.frames.open(alice.id, frame)).toBe('not-authentic')
    bobKeys.setParticipantKey(alice.id, grant)
    expect(await bob.frames.open(alice.id, frame)).toBe('opened')
  })
})
