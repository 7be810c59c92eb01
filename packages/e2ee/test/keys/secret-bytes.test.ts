import {
  Keyring,
  ParticipantKeyProvider,
  ParticipantKeySource,
  randomParticipantId,
  SharedKeyProvider,
  SharedKeySource,
} from '@conclave/e2ee'
import { generateExchangeKeys, importExchangeKeys, sealKey } from '@conclave/e2ee/exchange'
import { importSigningKeys } from '@conclave/e2ee/signing'
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
  'a password, filled up with zeros': asBytes('Tr0ub4dor&3'),
  'a sentence': asBytes('correct horse battery staple cor'),
}
const self = randomParticipantId()
const exchange = await generateExchangeKeys()
const sealing = { from: exchange, to: exchange.identity, room: 'r', purpose: 'p', expiresAt: 1 }

/** Every way in which a secret comes in that an application gives. */
const ways: Readonly<Record<string, (key: Uint8Array<ArrayBuffer>) => unknown>> = {
  'Keyring.add': (key) => new Keyring().add({ keyId: 'k', epoch: 1, key }),
  'Keyring.rotate': (key) => new Keyring().rotate({ keyId: 'k', epoch: 1, key }),
  SharedKeySource: (key) => new SharedKeySource(key),
  'SharedKeySource.setKey': (key) => new SharedKeySource().setKey(key, 1n),
  'SharedKeySource.addKey': (key) => new SharedKeySource().addKey(key, 1n),
  'ParticipantKeySource.setOwnKey': (key) => new ParticipantKeySource(self).setOwnKey(key, 9n),
  importExchangeKeys,
  importSigningKeys,
  sealKey: (key) => sealKey(key, sealing),
  SharedKeyProvider: (key) => new SharedKeyProvider().setKey(key),
  'SharedKeyProvider, a buffer': (key) => new SharedKeyProvider().setKey(key.slice().buffer),
  ParticipantKeyProvider: (key) => new ParticipantKeyProvider(self).setKey(self, key),
  'ParticipantKeyProvider, of another': (key) =>
    new ParticipantKeyProvider(self).setKey(randomParticipantId(), key),
  ExternalE2EEKeyProvider: (key) => new ExternalE2EEKeyProvider().setSharedKey(key),
}

test.each(Object.keys(ways))(
  '[K46] %s refuses zeros and passwords, and takes random bytes',
  async (name) => {
    const give = async (key: Uint8Array<ArrayBuffer>): Promise<unknown> => ways[name]?.(key)
    for (const key of Object.values(weak)) {
      await expect(give(key)).rejects.toThrow(/^"(key|secret|seed)" expected random/)
      await expect(give(key)).rejects.toThrow(RangeError)
    }
    await give(rootOf(7))
    await give(asBytes('Zm9yIGEgdGVzdCBvZiByYW5kb20gQUVT'))
  },
)

test('[K46] bytes with one that is no character are never refused', () =>
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 31, maxLength: 31 }), (bytes) => {
      const key = Uint8Array.of(...bytes, 200)
      expect(() => new Keyring().add({ keyId: 'k', epoch: 1, key })).not.toThrow()
    }),
  ))
