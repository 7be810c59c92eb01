import {
  encodeLinkSecret,
  generateLinkSecret,
  LINK_SECRET_BYTES,
  LinkSecret,
  parseLinkSecret,
} from '@conclave/e2ee'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bytesToHex } from '../fixtures.ts'

test('[K1] a generated secret survives its text', () => {
  const secret = generateLinkSecret()
  const text = encodeLinkSecret(secret)
  expect(text).toMatch(/^[A-Za-z0-9_-]{64}$/)
  expect(parseLinkSecret(text)?.unsafeExport()).toEqual(secret.unsafeExport())
})

test('[K1] no two generated secrets are the same', () => {
  const texts = new Set(Array.from({ length: 200 }, () => encodeLinkSecret(generateLinkSecret())))
  expect(texts.size).toBe(200)
})

test('[K1] of any text, only the canonical text of a secret is accepted', () => {
  const nearly = fc.stringMatching(/^[A-Za-z0-9_-]{61,66}=?$/)
  fc.assert(
    fc.property(fc.oneof(fc.string(), nearly, fc.anything()), (text) => {
      const secret = parseLinkSecret(text)
      expect(secret === undefined || encodeLinkSecret(secret) === text).toBe(true)
    }),
    { numRuns: 500 },
  )
})

test('[K1] a truncated secret is no secret', () => {
  const text = encodeLinkSecret(generateLinkSecret())
  for (let length = 0; length < text.length; length += 1) {
    expect(parseLinkSecret(text.slice(0, length))).toBeUndefined()
    expect(parseLinkSecret(text.slice(text.length - length))).toBeUndefined()
  }
})

test('[K1] a secret ends with the fingerprint of the owner, or with zeros', () => {
  const ownerFingerprint = new Uint8Array(16).fill(7)
  const owned = generateLinkSecret({ ownerFingerprint })
  expect(owned.unsafeExport().slice(32)).toEqual(ownerFingerprint)
  expect(generateLinkSecret().unsafeExport().slice(32)).toEqual(new Uint8Array(16))
  expect(() => generateLinkSecret({ ownerFingerprint: new Uint8Array(15) })).toThrow(TypeError)
})

test('a secret of another length, or of another type, is a TypeError that does not show it', () => {
  const wrong = [
    new Uint8Array(32).fill(77),
    new Uint8Array(49),
    'A'.repeat(48),
    undefined,
    null,
    {},
  ]
  for (const bytes of wrong) {
    const make = (): LinkSecret => new LinkSecret(bytes as Uint8Array)
    expect(make).toThrow(TypeError)
    expect(make).not.toThrow(/77|AAAA/)
  }
})

test('[K5] conversions to text and JSON redact a secret', () => {
  const secret = new LinkSecret(bytesOf(0xab))
  const shown = [
    String(secret),
    `${JSON.stringify({ secret })}`,
    JSON.stringify(Object.entries(secret)),
    JSON.stringify(Object.getOwnPropertyNames(secret)),
  ].join()
  const bytes = secret.unsafeExport()
  for (const form of [encodeLinkSecret(secret), bytesToHex(bytes), bytes.join()]) {
    expect(shown).not.toContain(form)
  }
  expect(() => structuredClone(secret)).not.toThrow()
  expect(structuredClone(secret)).toEqual({})
})

test('a secret owns its bytes: neither the given nor the exported array reaches it', () => {
  const given = bytesOf(1)
  const secret = new LinkSecret(given)
  given.fill(2)
  secret.unsafeExport().fill(3)
  expect(secret.unsafeExport()).toEqual(bytesOf(1))
  expect(LINK_SECRET_BYTES).toBe(48)
})

const bytesOf = (value: number): Uint8Array<ArrayBuffer> => new Uint8Array(48).fill(value)
