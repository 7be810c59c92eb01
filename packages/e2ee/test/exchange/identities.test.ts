import { concatBytes } from '@conclave/base'
import { importAesGcmKeyFromBase64, openEvent, sealEvent } from '@conclave/e2ee'
import {
  encodeIdentity,
  generateExchangeKeys,
  identityId,
  importExchangeKeys,
  openKey,
  parseIdentity,
  restoreExchangeKeys,
  safetyNumber,
  sealKey,
} from '@conclave/e2ee/exchange'
import type { ExchangeIdentity, ExchangeKeys } from '@conclave/e2ee/exchange'
import { createSigner, SignerDirectory } from '@conclave/e2ee/signing'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { failureOf, hexToBytes, rootOf } from '../fixtures.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

const NOW = Date.UTC(2026, 10, 21)
const [alice, bob, mallory] = [
  await generateExchangeKeys(),
  await importExchangeKeys(rootOf(2)),
  await generateExchangeKeys(),
]
const place = { room: 'room-42', purpose: 'room key', expiresAt: NOW + 60_000, now: NOW }
const taken = { ...place, seen: 'none' } as const
const seal = (change: object = {}) =>
  sealKey(rootOf(9), { ...place, from: alice, to: bob.identity, ...change })
const opens = async (to: ExchangeKeys): Promise<string> =>
  (await openKey(await seal(), { ...taken, to, from: alice.identity })).type

const SMALL_ORDER = [
  '00'.repeat(32),
  `01${'00'.repeat(31)}`,
  `01${'00'.repeat(30)}80`,
  `ec${'ff'.repeat(30)}7f`,
  `ed${'ff'.repeat(30)}7f`,
  `ee${'ff'.repeat(30)}ff`,
]
const SMALL_AGREEMENT = [
  ...SMALL_ORDER,
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
]

describe('identities', () => {
  test('[E1] the same secret gives the same keys; it is copied', async () => {
    const secret = rootOf(2)
    const again = await importExchangeKeys(secret)
    expect(secret).toEqual(rootOf(2))
    expect(again.identity).toEqual(bob.identity)
    expect((await importExchangeKeys(rootOf(3))).identity).not.toEqual(bob.identity)
    expect(await opens(again)).toBe('opened')
    await expect(importExchangeKeys(new Uint8Array(31))).rejects.toThrow(/^"secret" expected/)
  })

  test('[E2] have an id, which no other identity has', async () => {
    const { signingKey, agreementKey } = bob.identity
    const input = concatBytes(
      new TextEncoder().encode('conclave/1 identity\0'),
      signingKey,
      agreementKey,
    )
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', input))
    const id = await identityId(bob.identity)
    expect(id).toBe(
      btoa(String.fromCharCode(...hash.subarray(0, 16)))
        .replaceAll('+', '-')
        .replaceAll('/', '_')
        .slice(0, 22),
    )
    expect(await identityId({ signingKey, agreementKey: alice.identity.agreementKey })).not.toBe(id)
    bob.identity.signingKey.fill(0)
    expect(await identityId(bob.identity)).toBe(id)
  })

  test('[E3] private keys cannot be read out or printed, and survive structured cloning', async () => {
    const stored = bob.toStored()
    for (const { privateKey } of [stored.signing, stored.agreement]) {
      expect(privateKey.extractable).toBe(false)
      await expect(crypto.subtle.exportKey('pkcs8', privateKey)).rejects.toMatchObject({
        name: 'InvalidAccessError',
      })
    }
    expect(JSON.stringify(bob)).toBe('{}')
    const restored = await restoreExchangeKeys(structuredClone(stored))
    expect(restored?.identity).toEqual(bob.identity)
    expect(await opens(restored ?? alice)).toBe('opened')
  })

  test('[E3] halves that do not belong together, and other things, are not taken back', async () => {
    const [stored, other] = [bob.toStored(), alice.toStored()]
    const { publicKey } = other.agreement
    const wrong: unknown[] = [
      { ...stored, agreement: { ...stored.agreement, publicKey } },
      { ...stored, signing: { ...stored.signing, publicKey: other.signing.publicKey } },
      { ...stored, agreement: stored.signing },
      { signing: stored.signing },
      ...[{}, null, undefined, 7, 'x', [], { signing: 1, agreement: 2 }],
    ]
    for (const value of wrong) expect(await restoreExchangeKeys(value)).toBeUndefined()
  })

  test('[E3] closed keys seal and open nothing', async () => {
    const keys = await importExchangeKeys(rootOf(2))
    const bytes = await seal()
    keys.close()
    keys.close()
    expect(keys.identity).toEqual(bob.identity)
    for (const action of [
      () => seal({ from: keys }),
      () => openKey(bytes, { ...taken, to: keys, from: alice.identity }),
      () => keys.toStored(),
      () => keys.signingKeys,
    ]) {
      expect((await failureOf(async () => action())).code).toBe('ERR_E2EE_CLOSED')
    }
  })

  test.each(['Ed25519', 'X25519'] as const)(
    '[E3] a platform without %s has no keys',
    async (feature) => {
      const no = new DOMException('no', 'NotSupportedError')
      for (const method of ['generateKey', 'importKey'] as const) {
        const original = crypto.subtle[method].bind(crypto.subtle) as (
          ...rest: unknown[]
        ) => unknown
        vi.spyOn(crypto.subtle, method).mockImplementation(((...rest: unknown[]) =>
          rest.includes(feature) ? Promise.reject(no) : original(...rest)) as never)
      }
      for (const action of [generateExchangeKeys(), importExchangeKeys(rootOf(1))]) {
        const failure = await failureOf(action)
        expect([failure.code, failure.details]).toEqual(['ERR_CRYPTO_UNSUPPORTED', { feature }])
      }
    },
  )

  test('[E4] keys of small order are refused', async () => {
    const { signingKey, agreementKey } = bob.identity
    const wrong: ExchangeIdentity[] = [
      ...SMALL_ORDER.map((hex) => ({ signingKey: hexToBytes(hex), agreementKey })),
      ...SMALL_AGREEMENT.map((hex) => ({ signingKey, agreementKey: hexToBytes(hex) })),
    ]
    for (const to of wrong) {
      await expect(seal({ to })).rejects.toThrow(/^"to" expected keys/)
      expect(() => encodeIdentity(to, 'link')).toThrow(RangeError)
    }
    const point = await crypto.subtle.importKey(
      'raw',
      hexToBytes(SMALL_AGREEMENT[7] ?? ''),
      'X25519',
      false,
      [],
    )
    const { privateKey } = bob.toStored().agreement
    // The engine agrees that this is one of them.
    await expect(
      crypto.subtle.deriveBits({ name: 'X25519', public: point }, privateKey, 256),
    ).rejects.toMatchObject({ name: 'OperationError' })
  })

  test('[E5] as text: in a link, in a QR code, and as a person types it', () => {
    const [link, qr] = [encodeIdentity(bob.identity, 'link'), encodeIdentity(bob.identity, 'qr')]
    expect(link).toMatch(/^[A-Za-z0-9_-]{94}$/)
    expect(qr).toMatch(/^[0-9A-HJKMNP-TV-Z]{112}$/)
    const typed = qr
      .toLowerCase()
      .replaceAll(/.{4}/g, '$& – ')
      .replaceAll('0', 'o')
      .replaceAll('1', 'l')
    const fullWidth = qr.replaceAll(/./g, (character) =>
      String.fromCharCode(character.charCodeAt(0) + 0xfee0),
    )
    for (const text of [link, qr, typed, fullWidth]) {
      expect(parseIdentity(text)).toEqual(bob.identity)
    }
    expect(() => encodeIdentity(bob.identity, 'hex' as never)).toThrow(/^"form"/)
  })

  test('[E5] a text with a wrong character, and any other text, is no identity', () => {
    for (const form of ['link', 'qr'] as const) {
      const text = encodeIdentity(bob.identity, form)
      for (let at = 0; at < text.length; at += 1) {
        const other = text[at] === 'A' ? 'B' : 'A'
        expect(parseIdentity(text.slice(0, at) + other + text.slice(at + 1))).toBeUndefined()
        expect(parseIdentity(text.slice(0, at) + text.slice(at + 1))).toBeUndefined()
      }
      expect(parseIdentity(`${text}A`)).toBeUndefined()
      expect(parseIdentity(`${text}=`)).toBeUndefined()
    }
    for (const wrong of [
      undefined,
      null,
      7,
      {},
      [],
      '',
      ' ',
      'A'.repeat(3000),
      '\ud800',
      'ß'.repeat(56),
    ])
      expect(parseIdentity(wrong)).toBeUndefined()
  })

  test('[E6] only two people with each other’s true identity see the same digits', async () => {
    const digits = await safetyNumber(alice.identity, bob.identity)
    expect(digits).toMatch(/^(\d{5} ){11}\d{5}$/)
    expect(await safetyNumber(bob.identity, alice.identity)).toBe(digits)
    const { signingKey } = bob.identity
    const { agreementKey } = mallory.identity
    expect(await safetyNumber(alice.identity, { signingKey, agreementKey })).not.toBe(digits)
    expect(await safetyNumber(alice.identity, mallory.identity)).not.toBe(digits)
    await expect(safetyNumber(alice.identity, {} as never)).rejects.toThrow(/^"other.signingKey"/)
  })
})

test('[E2] one identity signs keys and events', async () => {
  const key = await importAesGcmKeyFromBase64(btoa('k'.repeat(32)))
  const chat = { kind: 'chat', roomId: 'r', messageId: 'm' } as const
  const signer = createSigner(alice.signingKeys)
  const envelope = await sealEvent('x', key, { ...chat, sender: 'alice', signer })
  const verifier = new SignerDirectory()
  verifier.add('alice', alice.identity.signingKey)
  expect(await openEvent(envelope, key, { ...chat, verifier })).toMatchObject({ value: 'x' })
})
