import { concatBytes } from '@conclave/base'
import {
  decodeParticipantKeyGrant,
  decryptChatJson,
  encodeParticipantKeyGrant,
  encryptChatJson,
  importAesGcmKeyFromBase64,
  Keyring,
  ParticipantKeySource,
  randomParticipantId,
} from '@conclave/e2ee'
import {
  generateExchangeKeys,
  identityId,
  importExchangeKeys,
  MAX_SEALED_KEY_BYTES,
  openKey,
  decodeSealedKeyHeader,
  sealKey,
  SeenKeys,
} from '@conclave/e2ee/exchange'
import type {
  DroppedKey,
  ExchangeIdentity,
  OpenedKey,
  OpenKeyOptions,
  SeenGuard,
} from '@conclave/e2ee/exchange'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { TestStorage } from '../test-storage.ts'
import { bytesToHex, flipBit, rootOf } from '../fixtures.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

const NOW = Date.UTC(2026, 10, 21)
const [alice, bob, mallory] = [
  await generateExchangeKeys(),
  await importExchangeKeys(rootOf(2)),
  await generateExchangeKeys(),
]
const name = { keyId: 'room-42', epoch: 3n }
const place = { room: 'room-42', purpose: 'room key' }
const sealing = { from: alice, to: bob.identity, ...place, expiresAt: NOW + 60_000 }
const opening = { to: bob, from: alice.identity, ...place, now: NOW, seen: 'none' } as const

const seal = (change: Partial<Parameters<typeof sealKey>[1]> = {}) =>
  sealKey(rootOf(9), { ...sealing, ...name, ...change })
const reasonOf = (opened: OpenedKey | DroppedKey): string =>
  opened.type === 'opened' ? `opened ${bytesToHex(opened.key)}` : opened.reason
const open = async (bytes: unknown, change: Partial<OpenKeyOptions> = {}): Promise<string> =>
  reasonOf(await openKey(bytes, { ...opening, ...change }))
const GOOD = `opened ${'09'.repeat(32)}`

describe('sealed keys', () => {
  test('[E10, E11, E12] come to the one receiver, with their names', async () => {
    const bytes = await seal()
    expect(bytes.length).toBe(106 + 64 + 9 + 7 + 32 + 16)
    expect([...bytes.subarray(0, 2)]).toEqual([1, 3])
    const opened = await openKey(bytes, opening)
    expect(opened).toEqual({
      ...{ type: 'opened', key: rootOf(9), ...name, from: alice.identity },
      ...{ id: decodeSealedKeyHeader(bytes)?.id, expiresAt: NOW + 60_000 },
      ...{ senderId: await identityId(alice.identity), mayRotate: false, sealedTo: 'identity' },
    })
    expect(decodeSealedKeyHeader(bytes)).toMatchObject({
      ...{ from: await identityId(alice.identity), to: await identityId(bob.identity) },
    })
    const text = bytesToHex(bytes)
    for (const secret of ['09'.repeat(8), bytesToHex(new TextEncoder().encode('room-42'))])
      expect(text).not.toContain(secret)
    expect(await seal()).not.toEqual(bytes)
  })

  test('[E12] bytes of any content within the bound', async () => {
    for (const length of [1, MAX_SEALED_KEY_BYTES]) {
      const key = new Uint8Array(length).fill(5)
      const opened = await openKey(await sealKey(key, sealing), opening)
      expect(opened).toMatchObject({ type: 'opened', key, keyId: '', epoch: 0n })
    }
    for (const length of [0, MAX_SEALED_KEY_BYTES + 1])
      await expect(sealKey(new Uint8Array(length), sealing)).rejects.toThrow(/^"key" expected 1 to/)
    const key = rootOf(9)
    const pending = sealKey(key, sealing)
    key.fill(0)
    expect(await open(await pending)).toBe(GOOD)
  })

  test('[E12] an opened key goes onto a keyring, and into WebCrypto', async () => {
    const opened = await openKey(await seal(), { ...opening, rotators: [alice.identity] })
    if (opened.type !== 'opened') throw new Error('expected a key')
    const [alices, bobs] = [new Keyring(), new Keyring()]
    alices.rotate({ ...name, key: rootOf(9) })
    bobs.rotate(opened)
    const place = { roomId: 'room-42', messageId: 'm' }
    const envelope = await encryptChatJson('hi', alices, place)
    expect(await decryptChatJson(envelope, bobs, { ...place, replay: 'none' })).toBe('hi')
    const text = btoa(String.fromCharCode(...opened.key))
    expect((await importAesGcmKeyFromBase64(text)).type).toBe('secret')
  })

  test('[E12] a participant’s grant is one of them', async () => {
    const id = randomParticipantId()
    const granted = new ParticipantKeySource(id)
    const bytes = await sealKey(encodeParticipantKeyGrant(granted.grantWithPast()), {
      ...{ ...sealing, purpose: 'participant key' },
    })
    const opened = await openKey(bytes, { ...opening, purpose: 'participant key' })
    if (opened.type !== 'opened') throw new Error('expected a grant')
    expect(decodeParticipantKeyGrant(opened.key)).toEqual(granted.grantWithPast())
  })

  test('[E13] another room, purpose, receiver or sender does not open it', async () => {
    const bytes = await seal({ purpose: 'files' })
    expect(await open(bytes, { purpose: 'files' })).toBe(GOOD)
    expect(await open(bytes)).toBe('not-authentic')
    expect(await open(bytes, { purpose: 'files', room: 'room-43' })).toBe('not-authentic')
    expect(await open(bytes, { purpose: 'files', room: 'room-42f' })).toBe('not-authentic')
    expect(await open(bytes, { purpose: 'files', to: mallory })).toBe('not-authentic')
    expect(await open(bytes, { purpose: 'files', from: mallory.identity })).toBe('not-authentic')
    expect(await open(await seal({ room: 'a', purpose: 'bc' }), { room: 'ab', purpose: 'c' })).toBe(
      'not-authentic',
    )
  })

  test('[E13] a receiver cannot pass it on, nor put another name under it', async () => {
    const bytes = await seal()
    // Bob opens what Alice sent, and seals the same content to Carol, saying that it is from Alice.
    const carol = await generateExchangeKeys()
    const forwarded = await sealKey(rootOf(9), {
      ...sealing,
      ...name,
      from: bob,
      to: carol.identity,
    })
    const sender = bytes.slice(26, 42)
    forwarded.set(sender, 26)
    expect(await open(forwarded, { to: carol })).toBe('not-authentic')
    // Mallory puts her own id under Alice's seal.
    const renamed = bytes.slice()
    renamed.set((await seal({ from: mallory })).subarray(26, 42), 26)
    expect(await open(renamed)).toBe('not-authentic')
    expect(await open(renamed, { from: mallory.identity })).toBe('not-authentic')
  })

  test('[E14] the sender is the one that the receiver names, or knows by the id', async () => {
    const bytes = await seal()
    const known = new Map([[await identityId(alice.identity), alice.identity]])
    const asked: string[] = []
    const lookUp = async (id: string): Promise<ExchangeIdentity | undefined> => {
      asked.push(id)
      return known.get(id)
    }
    expect(await open(bytes, { from: lookUp })).toBe(GOOD)
    const byMallory = await seal({ from: mallory })
    expect(await open(byMallory, { from: lookUp })).toBe('not-authentic')
    expect(await open(byMallory, { from: () => alice.identity })).toBe('not-authentic')
    expect(asked).toEqual([await identityId(alice.identity), await identityId(mallory.identity)])
  })

  test('[E13] carriers who know both identities, the context and the content find no signature', async () => {
    const bytes = await seal()
    const text = (value: string) => new TextEncoder().encode(value)
    const id = await crypto.subtle.importKey(
      ...(['raw', alice.identity.signingKey, 'Ed25519', false, ['verify']] as const),
    )
    const [from, to] = [alice, bob].map(({ identity }) =>
      concatBytes(identity.signingKey, identity.agreementKey),
    )
    const context = concatBytes([0, 7], text('room-42'), [0, 8], text('room key'))
    const bound = concatBytes(bytes.subarray(0, 74), from ?? [], to ?? [], context)
    const label = text('conclave/1 sealed key signature\0')
    const content = concatBytes([0, 0, 0, 0, 0, 0, 0, 3, 7], text('room-42'), rootOf(9))
    for (let at = 74; at + 64 <= bytes.length; at += 1) {
      const signature = bytes.slice(at, at + 64)
      for (const rest of [bytes.subarray(74, at), concatBytes(bytes.subarray(74, 106), content)]) {
        const signed = concatBytes(label, bound, rest)
        expect(await crypto.subtle.verify('Ed25519', id, signature, signed)).toBe(false)
      }
    }
  })

  test('[E14] no time is answered, and no guard asked, before the signature verified', async () => {
    const seen = { admit: vi.fn<SeenGuard['admit']>(async () => undefined) }
    const expired = { now: NOW + 60_000, seen }
    // Mallory seals to Bob in Alice's name: the seal opens, the signature is not Alice's.
    const forged = Object.create(Object.getPrototypeOf(mallory) as object, {
      identity: { value: alice.identity },
      toStored: { value: () => mallory.toStored() },
    }) as typeof mallory
    const bytes = await seal({ from: forged })
    expect(await open(bytes, expired)).toBe('not-authentic')
    expect(await open(bytes, { seen, keyId: 'another' })).toBe('not-authentic')
    expect(seen.admit).not.toHaveBeenCalled()
    expect(await open(await seal(), { seen })).toBe(GOOD)
    expect(seen.admit).toHaveBeenCalledOnce()
  })

  test('[E15] every changed bit, and every cut, is refused', async () => {
    const bytes = await seal()
    for (let index = 0; index < bytes.length * 8; index += 1) {
      const answer = await open(flipBit(bytes, index >> 3, index & 7))
      // Bits of the prekey's id name a prekey that there is not.
      const expected = index >> 3 >= 58 && index >> 3 < 74 ? 'unknown-prekey' : 'not-authentic'
      expect(['malformed', expected], `${index}`).toContain(answer)
    }
    for (let length = 0; length < bytes.length; length += 1) {
      const answer = await open(bytes.subarray(0, length))
      expect(['malformed', 'not-authentic']).toContain(answer)
    }
    expect(await open(concatBytes(bytes, [0]))).toBe('not-authentic')
    expect(await open(bytes)).toBe(GOOD)
  })

  test('[E15] anything but a sealed key is malformed', async () => {
    const bytes = await seal()
    const tooLate = bytes.slice()
    tooLate[18] = 1
    const wrong: unknown[] = [
      ...[undefined, null, 7, 'x', {}, [], new Uint8Array(), new Uint16Array(200), [...bytes]],
      ...[flipBit(bytes, 0), flipBit(bytes, 1), tooLate, new Uint8Array(20_000).fill(1)],
      new Proxy(bytes, {}),
    ]
    for (const value of wrong) {
      expect(await open(value)).toBe('malformed')
      expect(decodeSealedKeyHeader(value)).toBeUndefined()
    }
  })

  test('[E15] it expires, which is authenticated', async () => {
    const bytes = await seal()
    expect(await open(bytes, { now: NOW + 59_999 })).toBe(GOOD)
    expect(await open(bytes, { now: NOW + 60_000 })).toBe('expired')
    expect(await open(flipBit(bytes, 20), { now: NOW + 60_000 })).toBe('not-authentic')
    expect(await open(bytes, { now: NOW + 60_000, room: 'room-43' })).toBe('not-authentic')
  })

  test('[E15] the key id and version that the caller asks for', async () => {
    const bytes = await seal()
    expect(await open(bytes, name)).toBe(GOOD)
    expect(await open(bytes, { keyId: 'room-43' })).toBe('not-authentic')
    expect(await open(bytes, { keyId: '' })).toBe('not-authentic')
    expect(await open(bytes, { epoch: 2 })).toBe('not-authentic')
  })

  test('[E16] a guard lets each message in once, of a hundred at once', async () => {
    const seen = new SeenKeys({ storage: 'none' })
    const bytes = await seal()
    const answers = await Promise.all(Array.from({ length: 100 }, () => open(bytes, { seen })))
    expect(answers.filter((answer) => answer === GOOD)).toHaveLength(1)
    expect(answers.filter((answer) => answer === 'replay')).toHaveLength(99)
    expect(await open(await seal(), { seen })).toBe(GOOD)
    const forged = await seal({ from: mallory })
    expect(await open(forged, { seen })).toBe('not-authentic')
    const wrongName = await seal()
    expect(await open(wrongName, { seen, epoch: 9n })).toBe('not-authentic')
    expect(await open(wrongName, { seen })).toBe(GOOD)
  })

  test('[E16] also after a reload, and in another page', async () => {
    const storage = new TestStorage()
    const [one, other] = [new SeenKeys({ storage }), new SeenKeys({ storage })]
    const [first, second] = [await seal(), await seal()]
    expect(await open(first, { seen: one })).toBe(GOOD)
    const answers = await Promise.all([open(second, { seen: one }), open(second, { seen: other })])
    expect(answers.toSorted()).toEqual([GOOD, 'replay'])
    expect(await open(first, { seen: new SeenKeys({ storage }) })).toBe('replay')
    storage.fails = true
    const third = await seal()
    await expect(open(third, { seen: one })).rejects.toMatchObject({
      cause: { message: 'disk full' },
    })
    storage.fails = false
    expect(await open(third, { seen: one })).toBe(GOOD)
  })

  test('[E27] arguments of the caller’s own are TypeErrors and RangeErrors that name them', async () => {
    const bytes = await seal()
    const wrong: [object, RegExp][] = [
      [{ to: {} }, /^"to/],
      [{ from: {} }, /^"from/],
      [{ from: null }, /^"from/],
      [{ room: '' }, /^"room"/],
      [{ room: 7 }, /^"room"/],
      [{ room: 'x'.repeat(1025) }, /^"room"/],
      [{ purpose: '' }, /^"purpose"/],
      [{ keyId: 7 }, /^"keyId"/],
      [{ keyId: 'x'.repeat(256) }, /^"keyId"/],
      [{ epoch: -1 }, /^"epoch"/],
      [{ epoch: 2n ** 64n }, /^"epoch"/],
      [{ epoch: 2 ** 53 }, /^"epoch"/],
    ]
    for (const [change, message] of wrong) {
      await expect(seal(change as never)).rejects.toThrow(message)
      await expect(open(bytes, change as never)).rejects.toThrow(message)
    }
    for (const time of [-1, 0.5, NaN, 2 ** 53, '5', undefined]) {
      await expect(seal({ expiresAt: time as never })).rejects.toThrow(/^"expiresAt"/)
      await expect(open(bytes, { now: time as never })).rejects.toThrow(/^"now"/)
    }
    await expect(sealKey('key' as never, sealing)).rejects.toThrow(/^"key" expected Uint8Array/)
  })
})
