/** Plays the newcomer and the leaver of each row of the table of sources in the README. */
import {
  createSealer,
  ParticipantKeyProvider,
  ParticipantKeySource,
  randomParticipantId,
  ratchetSharedKey,
  SharedKeyProvider,
  SharedKeySource,
} from '@conclave/e2ee'
import type { KeySource } from '@conclave/e2ee'
import { createPassphraseKeySource, ExternalE2EEKeyProvider } from '@conclave/e2ee/passphrase'
import type { ParticipantId } from '@conclave/wire'
import { expect, test } from 'vitest'
import { outcome, ROOM, rootOf, utf8 } from '../fixtures.ts'

const phrases = [
  'pioneer velvet orbit magnet lunar satisfy',
  'quantum lobster harvest violin pepper',
] as const
const agreed = { room: ROOM, kdf: { type: 'pbkdf2-sha256', iterations: 600_000 } } as const
const alice = randomParticipantId()

/** The keys of Alice, and of somebody who was given all that she had at this time, as in a call, a link or a message. */
interface Row {
  readonly keys: KeySource
  readonly given: () => KeySource | Promise<KeySource>
  /** The change after which a newcomer opens nothing earlier, and after which somebody who left opens nothing later. */
  readonly admit: () => unknown
  readonly remove: (leaver: ParticipantId | undefined) => unknown
}

/** A source that somebody else fills with the last key that `set` saw. */
function lastKey<Key>(set: (key: Key, epoch: bigint) => unknown, first: Key) {
  let last = { key: first, epoch: 0n }
  const change = (key: Key): unknown => {
    last = { key, epoch: last.epoch + 1n }
    return set(key, last.epoch)
  }
  return { last: () => last, change }
}

const rows: Readonly<Record<string, () => Row | Promise<Row>>> = {
  SharedKeySource: () => {
    const keys = new SharedKeySource(rootOf(1))
    let last = rootOf(1)
    return {
      keys,
      given: () => new SharedKeySource(last, { epoch: keys.epoch }),
      admit: async () => {
        last = await ratchetSharedKey(keys)
      },
      remove: () => {
        last = rootOf(2)
        keys.addKey(last, keys.epoch + 1n)
        keys.use(keys.epoch + 1n)
      },
    }
  },
  SharedKeyProvider: () => {
    const keys = new SharedKeyProvider()
    keys.setKey(rootOf(1), 0n)
    const held = lastKey((key: Uint8Array, epoch) => keys.setKey(key, epoch), rootOf(1))
    return {
      keys,
      given: () => {
        const source = new SharedKeyProvider()
        source.setKey(held.last().key, held.last().epoch)
        return source
      },
      admit: () => held.change(rootOf(2)),
      remove: () => held.change(rootOf(3)),
    }
  },
  createPassphraseKeySource: async () => {
    const keys = await createPassphraseKeySource(phrases[0], agreed)
    const held = lastKey((key: string, epoch) => keys.rotate(key, epoch), phrases[0] as string)
    const change = (): unknown => held.change(phrases[1])
    const given = (): Promise<KeySource> =>
      createPassphraseKeySource(held.last().key, { ...agreed, epoch: held.last().epoch })
    return { keys, given, admit: change, remove: change }
  },
  ExternalE2EEKeyProvider: async () => {
    const keys = new ExternalE2EEKeyProvider(agreed)
    await keys.setSharedKey(phrases[0], 0n)
    const held = lastKey((key: string, at) => keys.setSharedKey(key, at), phrases[0] as string)
    const change = (): unknown => held.change(phrases[1])
    const given = async (): Promise<KeySource> => {
      const source = new ExternalE2EEKeyProvider(agreed)
      await source.setSharedKey(held.last().key, held.last().epoch)
      return source
    }
    return { keys, given, admit: change, remove: change }
  },
  ParticipantKeySource: () => {
    const keys = new ParticipantKeySource(alice)
    let grant = keys.grantWithPast()
    return {
      keys,
      given: () => {
        const source = new ParticipantKeySource(randomParticipantId())
        source.setParticipantKey(alice, grant)
        return source
      },
      admit: async () => {
        grant = await keys.ratchet()
      },
      remove: (leaver = randomParticipantId()) => {
        grant = keys.removeParticipant(leaver)
      },
    }
  },
  ParticipantKeyProvider: () => {
    const keys = new ParticipantKeyProvider(alice)
    keys.setKey(alice, rootOf(1), 0n)
    const held = lastKey((key: Uint8Array, at) => keys.setKey(alice, key, at), rootOf(1))
    return {
      keys,
      given: () => {
        const source = new ParticipantKeyProvider(randomParticipantId())
        source.setKey(alice, held.last().key, held.last().epoch)
        return source
      },
      admit: () => held.change(rootOf(2)),
      remove: () => held.change(rootOf(3)),
    }
  },
}

test.each(Object.keys(rows))(
  '[K24, K32, K34, K40] %s: a newcomer opens nothing earlier, and somebody who left nothing later',
  async (name) => {
    const row = await rows[name]?.()
    if (row === undefined) throw new Error('expected a row')
    const sealer = createSealer({ keys: row.keys, room: ROOM, unsafeSelf: alice })
    const say = async (text: string): Promise<Uint8Array> =>
      (await sealer.seal({ kind: 3 }, utf8(text))).bytes
    const openAs = async (keys: KeySource, bytes: Uint8Array): Promise<string> =>
      outcome(await createSealer({ keys, room: ROOM }).open(alice, bytes))

    const carol = await row.given()
    const before = await say('before')
    expect(await openAs(carol, before)).toBe('opened: before')
    await row.admit()
    const newcomer = await row.given()
    expect(await openAs(newcomer, before)).toMatch(/^(unknown|other)-key$/)
    const during = await say('during')
    expect(await openAs(newcomer, during)).toBe('opened: during')

    await row.remove(newcomer.self)
    const after = await say('after')
    for (const keys of [carol, newcomer]) {
      expect(await openAs(keys, after)).toMatch(/^(unknown|other)-key$/)
    }
    expect(await openAs(await row.given(), after)).toBe('opened: after')
  },
)
