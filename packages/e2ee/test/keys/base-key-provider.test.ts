import {
  BaseKeyProvider,
  createSealer,
  isE2eeError,
  ParticipantKeyProvider,
  ParticipantKeySource,
  randomParticipantId,
  SharedKeyProvider,
} from '@conclave/e2ee'
import type { KeyProviderOptions, KeySource } from '@conclave/e2ee'
import { createPassphraseKeySource, ExternalE2EEKeyProvider } from '@conclave/e2ee/passphrase'
import { describe, expect, test } from 'vitest'
import { failureOf, outcome, ROOM, rootOf, utf8 } from '../fixtures.ts'

type Source = KeySource & BaseKeyProvider

const alice = randomParticipantId()
const words = 'pioneer velvet orbit magnet lunar satisfy'
const kdf = { type: 'pbkdf2-sha256', iterations: 600_000 } as const

const makers: Readonly<Record<string, (options?: KeyProviderOptions) => Source | Promise<Source>>> =
  {
    SharedKeyProvider: (options) => new SharedKeyProvider(options),
    ParticipantKeySource: (options) => new ParticipantKeySource(alice, options),
    ParticipantKeyProvider: (options) => new ParticipantKeyProvider(options),
    'ParticipantKeyProvider with an id': (options) => new ParticipantKeyProvider(alice, options),
    ExternalE2EEKeyProvider: (options) => new ExternalE2EEKeyProvider(options),
    PassphraseKeySource: (options) =>
      createPassphraseKeySource(words, { room: ROOM, kdf, ...options }),
  }

describe.each(Object.entries(makers))('%s', (_name, make) => {
  test('[K51] frames without a key are discarded, and a wish for clear ones is refused', async () => {
    const left = [undefined, {}, { discardFrameWhenCryptorNotReady: undefined }]
    for (const options of [...left, { discardFrameWhenCryptorNotReady: true }]) {
      const source = await make(options)
      expect(source.options).toEqual({ discardFrameWhenCryptorNotReady: true })
      expect(source).toBeInstanceOf(BaseKeyProvider)
    }
    const wish = async () => make({ discardFrameWhenCryptorNotReady: false })
    const refused = await wish().catch((error: unknown) => error)
    expect(isE2eeError(refused) && refused.code).toBe('ERR_E2EE_CLEAR_FRAMES')
  })

  test('[K52] a session may be named again', async () => {
    const source = await make()
    for (const self of [alice, alice])
      expect(await source.bind({ room: ROOM, self })).toBeUndefined()
  })
})

describe('the session of a participant', () => {
  test('[K52] without an id the own key waits, and goes over to the id of the session', async () => {
    const provider = new ParticipantKeyProvider()
    const drawn = provider.self
    expect(new ParticipantKeyProvider().self).not.toBe(drawn)
    provider.setOwnKey(rootOf(1), 3n)
    const seen: unknown[] = []
    provider.on('epochChanged', (event) => seen.push(event))
    await provider.bind({ room: ROOM, self: alice })
    expect([provider.self, provider.epoch, seen]).toEqual([
      alice,
      3n,
      [{ epoch: 3n, sender: alice }],
    ])
    expect(provider.members()).toEqual([{ id: alice }])
    const bob = new ParticipantKeyProvider(randomParticipantId())
    bob.setKey(alice, rootOf(1), 3n)
    const sealer = createSealer({ keys: provider, room: ROOM, unsafeSelf: alice })
    const { bytes } = await sealer.seal({ kind: 3 }, utf8('hi'))
    expect(outcome(await createSealer({ keys: bob, room: ROOM }).open(alice, bytes))).toBe(
      'opened: hi',
    )
    expect((await failureOf(provider.export('x', utf8(''), 16, 3n, drawn))).code).toBe(
      'ERR_E2EE_UNKNOWN_EPOCH',
    )
  })

  test('[K52] it serves one session: another one is refused', async () => {
    const provider = new ParticipantKeyProvider()
    await provider.bind({ room: ROOM, self: alice })
    const other = { room: ROOM, self: randomParticipantId() }
    for (const keys of [
      provider,
      new ParticipantKeySource(alice),
      new ParticipantKeyProvider(alice),
    ])
      expect(() => keys.bind(other)).toThrow(RangeError)
    expect(() => provider.bind({ room: ROOM, self: 'nobody' as never })).toThrow(TypeError)
    expect(provider.self).toBe(alice)
  })
})

describe('the room of a passphrase', () => {
  test('[K52] the room of the session is the one to stretch for, unless the application named one', async () => {
    const [bound, named, other] = [{}, { room: ROOM }, { room: 'another' }].map(
      (options) => new ExternalE2EEKeyProvider({ kdf, ...options }),
    )
    const keyOf = (provider: ExternalE2EEKeyProvider | undefined) =>
      provider?.export('x', utf8(''), 16)
    for (const provider of [bound, named, other]) {
      void provider?.setSharedKey(words)
      await provider?.bind({ room: ROOM, self: alice })
    }
    expect(await keyOf(bound)).toEqual(await keyOf(named))
    expect(await keyOf(bound)).not.toEqual(await keyOf(other))
    expect(() => bound?.bind({ room: 'another', self: alice })).toThrow(RangeError)
  })
})
