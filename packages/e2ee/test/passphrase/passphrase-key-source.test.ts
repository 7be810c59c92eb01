import { createSealer, randomParticipantId } from '@conclave/e2ee'
import type { KeySource } from '@conclave/e2ee'
import {
  ARGON2ID,
  choosePassphraseKdf,
  createPassphraseKeySource,
  ExternalE2EEKeyProvider,
  isPassphraseKdf,
  passphraseToBytes,
  PBKDF2,
  stretchPassphrase,
} from '@conclave/e2ee/passphrase'
import type { PassphraseAgreement, PassphraseKdf } from '@conclave/e2ee/passphrase'
import { describe, expect, test } from 'vitest'
import { bytesToHex, failureOf, outcome, ROOM, rootOf, utf8 } from '../fixtures.ts'

const PASSPHRASE = 'pioneer velvet orbit magnet lunar satisfy'
const OTHER = 'velvet pioneer orbit magnet lunar satisfy'
/** The least that a passphrase may cost, so that tests do not wait. */
const kdf: PassphraseKdf = { type: 'argon2id', memoryKiB: 19_456, iterations: 2, parallelism: 1 }
const agreed: PassphraseAgreement = { room: ROOM, kdf }

const keyOf = async (keys: KeySource, epoch?: bigint): Promise<string> =>
  bytesToHex(await keys.export('x', new Uint8Array(), 32, epoch))

describe('the function', () => {
  test('[K36] the default is Argon2id with 64 MiB, three passes and one lane, agreed and not chosen by platforms', async () => {
    expect(ARGON2ID).toEqual({
      ...{ type: 'argon2id', memoryKiB: 65_536, iterations: 3, parallelism: 1 },
    })
    expect(PBKDF2).toEqual({ type: 'pbkdf2-sha256', iterations: 1_200_000 })
    expect(choosePassphraseKdf()).toEqual(ARGON2ID)
    const { WebAssembly: original } = globalThis
    const [byDefault, named] = [
      await createPassphraseKeySource(PASSPHRASE, { room: ROOM }),
      await createPassphraseKeySource(PASSPHRASE, { room: ROOM, kdf: ARGON2ID }),
    ]
    expect(await keyOf(byDefault)).toBe(await keyOf(named))
    Object.defineProperty(globalThis, 'WebAssembly', { value: undefined, configurable: true })
    try {
      expect(choosePassphraseKdf()).toEqual(PBKDF2)
      const here = { ...agreed, createWorker: 'none' } as const
      const error = await failureOf(createPassphraseKeySource(PASSPHRASE, here))
      expect(error).toMatchObject({
        code: 'ERR_CRYPTO_UNSUPPORTED',
        details: { feature: 'Argon2id' },
      })
    } finally {
      Object.defineProperty(globalThis, 'WebAssembly', { value: original, configurable: true })
    }
  })

  test('[K36] costs have bounds, from below and from above', async () => {
    const argon2id = { type: 'argon2id', memoryKiB: 65_536, iterations: 3, parallelism: 1 }
    const allowed = [
      ...[ARGON2ID, PBKDF2, kdf],
      { ...argon2id, memoryKiB: 38_912, iterations: 1 },
      { ...argon2id, memoryKiB: 262_144, iterations: 16, parallelism: 4 },
      { type: 'pbkdf2-sha256', iterations: 600_000 },
      { type: 'pbkdf2-sha256', iterations: 10_000_000 },
    ]
    const refused = [
      { ...argon2id, memoryKiB: 19_455 },
      { ...argon2id, memoryKiB: 38_911, iterations: 1 },
      { ...argon2id, memoryKiB: 262_145 },
      { ...argon2id, iterations: 0 },
      { ...argon2id, iterations: 17 },
      { ...argon2id, iterations: 2.5 },
      { ...argon2id, parallelism: 0 },
      { ...argon2id, parallelism: 5 },
      { type: 'pbkdf2-sha256', iterations: 599_999 },
      { type: 'pbkdf2-sha256', iterations: 10_000_001 },
      { type: 'pbkdf2-sha256', iterations: Number.NaN },
      { type: 'scrypt', iterations: 1_200_000 },
      ...[null, undefined],
    ]
    for (const each of allowed) expect(isPassphraseKdf(each as PassphraseKdf)).toBe(true)
    for (const each of refused) expect(isPassphraseKdf(each as PassphraseKdf)).toBe(false)
    const weak = { room: ROOM, kdf: { type: 'pbkdf2-sha256', iterations: 1000 } as const }
    await expect(createPassphraseKeySource(PASSPHRASE, weak)).rejects.toThrow(RangeError)
  })

  test('[K5, K36] the bytes of a passphrase are overwritten when they are used', async () => {
    for (const each of [kdf, { type: 'pbkdf2-sha256', iterations: 600_000 } as const]) {
      const bytes = passphraseToBytes(PASSPHRASE)
      await stretchPassphrase(bytes, { salt: new Uint8Array(16), kdf: each })
      expect(bytes.every((byte) => byte === 0)).toBe(true)
    }
  })
})

describe('a passphrase as key source', () => {
  test('[K37] members with the same passphrase, room and options share keys', async () => {
    const keys = [
      await createPassphraseKeySource(PASSPHRASE, agreed),
      await createPassphraseKeySource(PASSPHRASE, { ...agreed, salt: new Uint8Array() }),
    ]
    const [alice, bob] = [randomParticipantId(), randomParticipantId()]
    const [sealer, opener] = keys.map((source, at) =>
      createSealer({ keys: source, room: ROOM, unsafeSelf: at === 0 ? alice : bob }),
    )
    const sealed = await sealer?.seal({ kind: 3 }, utf8('hi'))
    const opened = await opener?.open(alice, sealed?.bytes ?? new Uint8Array())
    expect(opened && outcome(opened)).toBe('opened: hi')
    const [source] = keys
    expect([source?.mode, source?.epoch, source?.members()]).toEqual(['passphrase', 0n, []])
    expect(JSON.stringify(source)).toBe('{"mode":"passphrase"}')
  })

  test('[K37] another passphrase, room, salt, function or epoch gives other keys', async () => {
    const sources = await Promise.all([
      createPassphraseKeySource(PASSPHRASE, agreed),
      createPassphraseKeySource(OTHER, agreed),
      createPassphraseKeySource(PASSPHRASE, { ...agreed, room: 'other' }),
      createPassphraseKeySource(PASSPHRASE, { ...agreed, salt: Uint8Array.of(0) }),
      createPassphraseKeySource(PASSPHRASE, { ...agreed, kdf: { ...kdf, iterations: 3 } }),
      createPassphraseKeySource(PASSPHRASE, { ...agreed, epoch: 1n }),
    ])
    // The same epoch in the export, so that only the roots can differ.
    const last = await createPassphraseKeySource(OTHER, agreed)
    await last.addPassphrase(PASSPHRASE, 1n)
    const keys = await Promise.all(sources.map((source) => keyOf(source)))
    expect(new Set(keys).size).toBe(sources.length)
    expect(await keyOf(last, 1n)).toBe(keys[5])
  })

  test('[K37] an impossible passphrase or option is a mistake of the caller', async () => {
    const call = (agreement: unknown): Promise<unknown> =>
      createPassphraseKeySource(PASSPHRASE, agreement as PassphraseAgreement)
    for (const room of [undefined, 7]) await expect(call({ room })).rejects.toThrow(TypeError)
    for (const room of ['', 'x'.repeat(1025), '\ud800']) {
      await expect(call({ room })).rejects.toThrow(RangeError)
    }
    await expect(call({ room: 'x', salt: 'salt' })).rejects.toThrow(TypeError)
    await expect(call({ room: 'x', salt: new Uint8Array(65) })).rejects.toThrow(RangeError)
    await expect(call({ room: 'x', epoch: 1 })).rejects.toThrow(TypeError)
    await expect(call({ room: 'x', kdf: {} })).rejects.toThrow(RangeError)
    for (const createWorker of [null, 'worker', {}])
      await expect(call({ room: 'x', createWorker })).rejects.toThrow(/^"createWorker" expected/)
    await expect(createPassphraseKeySource(7 as never, agreed)).rejects.toThrow(TypeError)
  })

  test('[K39] a passphrase that is easy to guess gives no keys', async () => {
    for (const passphrase of ['', 'secret', 'correct horse battery staple']) {
      const error = await failureOf(createPassphraseKeySource(passphrase, agreed))
      expect(error.code).toBe('ERR_E2EE_WEAK_PASSPHRASE')
    }
  })

  test('[K40] a passphrase is changed, with or without preparing', async () => {
    const [alice, bob] = [
      await createPassphraseKeySource(PASSPHRASE, agreed),
      await createPassphraseKeySource(PASSPHRASE, agreed),
    ]
    const before = await keyOf(alice)
    await bob.addPassphrase(OTHER, 1n)
    await alice.rotate(OTHER, 1n)
    expect([alice.epoch, bob.epoch]).toEqual([1n, 0n])
    expect(await keyOf(alice)).toBe(await keyOf(bob, 1n))
    expect(await keyOf(alice, 0n)).toBe(before)
    bob.use(1n)
    bob.retire(0n)
    expect((await failureOf(keyOf(bob, 0n))).code).toBe('ERR_E2EE_UNKNOWN_EPOCH')
    expect(bob.epochEndingIn(1)).toBe(1n)
    expect((await failureOf(alice.rotate('secret', 2n))).code).toBe('ERR_E2EE_WEAK_PASSPHRASE')
    await expect(alice.rotate(PASSPHRASE, 1n)).rejects.toThrow(RangeError)
    await expect(alice.rotate(PASSPHRASE, 2 as never)).rejects.toThrow(TypeError)
    alice.setMinEpoch(2n)
    expect((await failureOf(keyOf(alice))).code).toBe('ERR_E2EE_UNKNOWN_EPOCH')
    const closing = alice.rotate(PASSPHRASE, 2n)
    alice.close()
    expect((await failureOf(closing)).code).toBe('ERR_E2EE_CLOSED')
    alice.confirm()
  })

  test('[K40] of two changes at the same time the later epoch stays', async () => {
    const keys = await createPassphraseKeySource(PASSPHRASE, agreed)
    const changed: bigint[] = []
    keys.on('epochChanged', ({ epoch }) => changed.push(epoch))
    await Promise.allSettled([keys.rotate(OTHER, 1n), keys.rotate(OTHER, 2n)])
    expect(keys.epoch).toBe(2n)
    expect(changed.at(-1)).toBe(2n)
  })
})

describe('the external key provider', () => {
  test('[K41] bytes are used at once', async () => {
    const [alice, bob] = [new ExternalE2EEKeyProvider(), new ExternalE2EEKeyProvider()]
    expect((await failureOf(keyOf(alice))).code).toBe('ERR_E2EE_UNKNOWN_EPOCH')
    void alice.setSharedKey(rootOf(1).buffer)
    await bob.setSharedKey(rootOf(1))
    expect(await keyOf(alice)).toBe(await keyOf(bob))
    expect(alice.mode).toBe('shared')
    expect(() => alice.setSharedKey(new ArrayBuffer(16), 1n)).toThrow(TypeError)
    expect(() => alice.setSharedKey(rootOf(2), 0n)).toThrow(RangeError)
    await alice.setSharedKey(rootOf(2), 1n)
    expect(alice.epoch).toBe(1n)
  })

  test('[K41] a passphrase is stretched for the room, whichever comes first', async () => {
    const early = new ExternalE2EEKeyProvider({ kdf })
    await early.setSharedKey(OTHER)
    await early.setSharedKey(PASSPHRASE)
    expect((await failureOf(keyOf(early))).code).toBe('ERR_E2EE_UNKNOWN_EPOCH')
    const changed: bigint[] = []
    early.on('epochChanged', ({ epoch }) => changed.push(epoch))
    await early.setRoom(ROOM)
    await early.setRoom(ROOM)
    expect(() => early.setRoom('another')).toThrow(RangeError)
    const late = new ExternalE2EEKeyProvider({ room: ROOM, kdf })
    await late.setSharedKey(PASSPHRASE)
    const plain = await createPassphraseKeySource(PASSPHRASE, agreed)
    expect([await keyOf(early), await keyOf(late)]).toEqual(Array(2).fill(await keyOf(plain)))
    expect([early.mode, changed]).toEqual(['passphrase', [0n]])
  })

  test('[K41] a short text is refused and not stretched, and no room or function that cannot be one is taken', async () => {
    const provider = new ExternalE2EEKeyProvider({ discardFrameWhenCryptorNotReady: true })
    for (const key of ['', '12345678', 'Secret-Key-2024']) {
      expect((await failureOf(() => provider.setSharedKey(key))).code).toBe(
        'ERR_E2EE_WEAK_PASSPHRASE',
      )
    }
    expect(() => provider.setSharedKey(7 as never)).toThrow(TypeError)
    expect(() => provider.setRoom('')).toThrow(RangeError)
    expect(() => new ExternalE2EEKeyProvider({ room: 7 as never })).toThrow(TypeError)
    expect(() => new ExternalE2EEKeyProvider({ kdf: {} as never })).toThrow(RangeError)
    expect(JSON.stringify(provider)).toBe('{}')
  })

  test('[K41] without an epoch the next one is taken: who has only the key before reads nothing', async () => {
    for (const [before, after] of [
      [PASSPHRASE, OTHER],
      [rootOf(1), rootOf(2)],
    ] as const) {
      const [alice, evicted] = [0, 1].map(() => new ExternalE2EEKeyProvider({ room: ROOM, kdf }))
      if (alice === undefined || evicted === undefined) throw new Error('expected two')
      for (const provider of [alice, evicted]) await provider.setSharedKey(before)
      expect(await keyOf(alice)).toBe(await keyOf(evicted))
      await alice.setSharedKey(after)
      expect([alice.epoch, evicted.epoch]).toEqual([1n, 0n])
      const bob = new ExternalE2EEKeyProvider({ room: ROOM, kdf })
      await bob.setSharedKey(after, 1n)
      expect(await keyOf(alice)).toBe(await keyOf(bob))
      expect(await keyOf(alice)).not.toBe(await keyOf(evicted))
      alice.setMinEpoch(5n)
      await alice.setSharedKey(before)
      expect(alice.epoch).toBe(5n)
    }
  })

  test('[K41] an epoch that does not rise is refused in the call, for passphrases too', async () => {
    const provider = new ExternalE2EEKeyProvider({ room: ROOM, kdf })
    const setting = provider.setSharedKey(PASSPHRASE, 3n)
    expect(() => provider.setSharedKey(OTHER, 3n)).toThrow('"epoch" expected above 3')
    await setting
    expect(() => provider.setSharedKey(OTHER, 2n)).toThrow(RangeError)
    expect(() => provider.setSharedKey(OTHER, -1n)).toThrow(RangeError)
    provider.close()
    expect((await failureOf(() => provider.setSharedKey(PASSPHRASE))).code).toBe('ERR_E2EE_CLOSED')
  })

  test('[K41] a later key supersedes a passphrase that waits or is stretched, which is no failure', async () => {
    const stretching = new ExternalE2EEKeyProvider({ room: ROOM, kdf })
    const superseded = stretching.setSharedKey(PASSPHRASE)
    await stretching.setSharedKey(rootOf(1))
    expect(await superseded).toBeUndefined()
    const waiting = new ExternalE2EEKeyProvider({ kdf })
    void waiting.setSharedKey(PASSPHRASE)
    await waiting.setSharedKey(rootOf(1), 1n)
    await waiting.setRoom(ROOM)
    expect([stretching.epoch, waiting.epoch]).toEqual([1n, 1n])
    expect(await keyOf(stretching)).toBe(await keyOf(waiting))
    const slow = { type: 'pbkdf2-sha256', iterations: 1_200_000 } as const
    const twice = new ExternalE2EEKeyProvider({ room: ROOM, kdf: slow })
    const both = [twice.setSharedKey(PASSPHRASE), twice.setSharedKey(OTHER)]
    twice.setMinEpoch(9n)
    expect(await Promise.all(both)).toEqual([undefined, undefined])
    expect((await failureOf(keyOf(twice))).code).toBe('ERR_E2EE_UNKNOWN_EPOCH')
  })

  test('[K41] closing while a passphrase is stretched is no failure', async () => {
    const provider = new ExternalE2EEKeyProvider({ room: ROOM, kdf })
    const setting = provider.setSharedKey(PASSPHRASE)
    provider.close()
    expect(await setting).toBeUndefined()
    expect((await failureOf(keyOf(provider))).code).toBe('ERR_E2EE_CLOSED')
  })
})
