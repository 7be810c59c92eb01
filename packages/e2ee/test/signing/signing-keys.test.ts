import { generateAesGcmKey, openEvent, sealEvent } from '@conclave/e2ee'
import type { OpenedOrDroppedEvent } from '@conclave/e2ee'
import {
  createSigner,
  generateSigningKeys,
  importSigningKeys,
  restoreSigningKeys,
  SignerDirectory,
  SigningKeys,
} from '@conclave/e2ee/signing'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { failureOf, rootOf } from '../fixtures.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

const key = await generateAesGcmKey()
const [alices, mallorys] = [await generateSigningKeys(), await generateSigningKeys()]
const alice = createSigner(alices)
const chat = { kind: 'chat', roomId: 'room-42', messageId: 'msg-1' } as const
const call = { kind: 'call', callId: 'call-1', eventName: 'call.offer' } as const

function knowAlice(): SignerDirectory {
  const directory = new SignerDirectory()
  directory.add('alice', alices.publicKey)
  directory.add('mallory', mallorys.publicKey)
  return directory
}

const reasonOf = (opened: OpenedOrDroppedEvent): string =>
  opened.type === 'opened' ? `opened ${JSON.stringify(opened.value)}` : opened.reason
const openVerified = async (envelope: unknown, context: typeof chat | typeof call = chat) =>
  reasonOf(await openEvent(envelope, key, { ...context, verifier: knowAlice() }))

describe('signing keys', () => {
  test('[P54] private keys cannot be read out or printed, and survive structured cloning', async () => {
    const stored = alices.toStored()
    expect(stored.privateKey.extractable).toBe(false)
    await expect(crypto.subtle.exportKey('pkcs8', stored.privateKey)).rejects.toMatchObject({
      name: 'InvalidAccessError',
    })
    expect(JSON.stringify(alices)).toBe('{}')
    const restored = await restoreSigningKeys(structuredClone(stored))
    expect(restored?.publicKey).toEqual(alices.publicKey)
    const signer = createSigner(restored ?? mallorys)
    const envelope = await sealEvent(1, key, { ...chat, sender: 'alice', signer })
    expect(await openVerified(envelope)).toBe('opened 1')
  })

  test('[P54] halves that do not belong together, and other things, are not taken back', async () => {
    const stored = alices.toStored()
    const wrong: unknown[] = [
      { ...stored, publicKey: mallorys.publicKey },
      { ...stored, privateKey: key },
      { ...stored, publicKey: new Uint8Array(31) },
      ...[{}, null, undefined, 7, 'x', [], { publicKey: 1, privateKey: 2 }],
    ]
    for (const value of wrong) expect(await restoreSigningKeys(value)).toBeUndefined()
  })

  test('[P54] a seed makes the same keys again; it is copied', async () => {
    const seed = rootOf(5)
    const keys = await importSigningKeys(seed)
    expect(seed).toEqual(rootOf(5))
    expect(keys).toBeInstanceOf(SigningKeys)
    expect(keys.publicKey).toEqual((await importSigningKeys(rootOf(5))).publicKey)
    await expect(importSigningKeys(new Uint8Array(33))).rejects.toThrow(/^"seed" expected/)
  })

  test('[P54] without Ed25519 there are no keys, no signatures and no verdicts', async () => {
    const envelope = await sealEvent(1, key, { ...chat, sender: 'alice', signer: alice })
    const no = new DOMException('no', 'NotSupportedError')
    vi.spyOn(crypto.subtle, 'importKey').mockRejectedValue(no)
    vi.spyOn(crypto.subtle, 'generateKey').mockRejectedValue(no)
    vi.spyOn(crypto.subtle, 'sign').mockRejectedValue(no)
    for (const action of [
      generateSigningKeys(),
      importSigningKeys(rootOf(1)),
      openEvent(envelope, key, { ...chat, verifier: knowAlice() }),
    ]) {
      const failure = await failureOf(action)
      expect([failure.code, failure.details]).toEqual([
        'ERR_CRYPTO_UNSUPPORTED',
        { feature: 'Ed25519' },
      ])
    }
    const sealing = sealEvent(1, key, { ...chat, sender: 'alice', signer: alice })
    expect(await failureOf(sealing)).toMatchObject({ code: 'ERR_CRYPTO_UNSUPPORTED', cause: no })
  })
})
