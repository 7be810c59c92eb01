import {
  Keyring,
  ParticipantKeyProvider,
  randomParticipantId,
  SharedKeyProvider,
} from '@conclave/e2ee'
import { ExternalE2EEKeyProvider } from '@conclave/e2ee/passphrase'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rootOf } from '../fixtures.ts'

const asBytes = (text: string): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(32)
  new TextEncoder().encodeInto(text, bytes)
  return bytes
}
const weak = {
  zeros: new Uint8Array(32),
  'a password, filled up': asBytes('password'.padEnd(32, '!')),
  'a sentence': asBytes('correct horse battery staple cor'),
}
const self = randomParticipantId()

/** Every way in which a secret comes in that an application gives. */
const ways: Readonly<Record<string, (key: Uint8Array<ArrayBuffer>) => unknown>> = {
  'Keyring.add': (key) => new Keyring().add({ keyId: 'k', epoch: 1, key }),
  'Keyring.rotate': (key) => new Keyring().rotate({ keyId: 'k', epoch: 1, key }),
  SharedKeyProvider: (key) => new SharedKeyProvider().setKey(key),
  'SharedKeyProvider, a buffer': (key) => new SharedKeyProvider().setKey(key.slice().buffer),
  ParticipantKeyProvider: (key) => new ParticipantKeyProvider(self).setKey(self, key),
  'ParticipantKeyProvider, of another': (key) =>
    new ParticipantKeyProvider(self).setKey(randomParticipantId(), key),
  ExternalE2EEKeyProvider: (key) => new ExternalE2EEKeyProvider().setSharedKey(key),
}

test.each(Object.keys(ways))(
  '[K46] %s refuses zeros and passwords, and takes random bytes',
  (name) => {
    const give = ways[name]
    for (const key of Object.values(weak))
      expect(() => give?.(key)).toThrow(/^"key" expected random/)
    expect(() => give?.(rootOf(7))).not.toThrow()
    const text = 'Zm9yIGEgdGVzdCBvZiByYW5kb20gQUVT'
    expect(() => give?.(asBytes(text))).not.toThrow()
  },
)

test('[K46] bytes with one that is no character are never refused', () =>
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 31, maxLength: 31 }), (bytes) => {
      const key = Uint8Array.of(...bytes, 200)
      expect(() => new Keyring().add({ keyId: 'k', epoch: 1, key })).not.toThrow()
    }),
  ))
