import { deriveBytes, expand, importExpandKey, importHkdfKey } from '@conclave/crypto'
import { readFileSync } from 'node:fs'
import { createSealer, deriveLinkKeys, LinkSecret, SharedKeySource } from '@conclave/e2ee'
import { bytesToParticipantId, bytesToRoomId, idToBytes } from '@conclave/wire'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bytesToHex, withSalt } from './fixtures.ts'
import { makeGrowingVectors } from './reference/growing-vectors.ts'
import * as reference from './reference/node-reference.ts'
import { makePassphraseVectors } from './reference/passphrase-vectors.ts'
import { makeRatchetVectors } from './reference/ratchet-vectors.ts'
import { makeKeyVectors, makePayloadVectors } from './reference/vectors.ts'

const bytes = (minLength: number, maxLength = minLength) => fc.uint8Array({ minLength, maxLength })
const epochs = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
const labels = fc.string({ minLength: 1, maxLength: 255, unit: 'grapheme-ascii' })

const readVectors = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../spec/vectors/${name}.json`, import.meta.url), 'utf8'))

test('[K2] the committed vectors of keys equal the output of the reference', () => {
  expect(readVectors('keys')).toEqual(makeKeyVectors())
})

test('[K24, K28] the committed vectors of ratchets equal the output of the reference', () => {
  expect(readVectors('keys-ratchet')).toEqual(makeRatchetVectors())
})

test('[K36, K37] the committed vectors of passphrases equal the output of the reference', () => {
  expect(readVectors('keys-passphrase')).toEqual(makePassphraseVectors())
})

test('[P6] the committed vectors of payload equal the output of the reference', () => {
  expect(readVectors('payload')).toEqual(JSON.parse(JSON.stringify(makePayloadVectors())))
})

test('[Q7] the committed vectors of growing files equal the output of the reference', () => {
  expect(readVectors('growing-files')).toEqual(JSON.parse(JSON.stringify(makeGrowingVectors())))
})

test('[K2] HKDF agrees with the reference', () =>
  fc.assert(
    fc.asyncProperty(
      bytes(0, 80),
      labels,
      labels,
      fc.integer({ min: 1, max: 200 }),
      async (ikm, salt, info, length) => {
        const key = await importHkdfKey(new Uint8Array(ikm))
        const encoder = new TextEncoder()
        const options = { salt: encoder.encode(salt), info: encoder.encode(info), length }
        expect(bytesToHex(await deriveBytes(key, options))).toBe(
          bytesToHex(reference.hkdf(ikm, salt, info, length)),
        )
      },
    ),
  ))

test('[K6] HKDF-Expand agrees with the reference', () =>
  fc.assert(
    fc.asyncProperty(
      bytes(32),
      bytes(0, 100),
      fc.integer({ min: 1, max: 8160 }),
      async (prk, info, length) => {
        const key = await importExpandKey(new Uint8Array(prk))
        expect(bytesToHex(await expand(key, { info, length }))).toBe(
          bytesToHex(reference.hkdfExpand(prk, info, length)),
        )
      },
    ),
    { examples: [[new Uint8Array(32), new Uint8Array(), 8160]] },
  ))

test('[K6] export agrees with the reference', () =>
  fc.assert(
    fc.asyncProperty(
      bytes(32),
      labels,
      bytes(0, 300),
      fc.integer({ min: 1, max: 100 }),
      epochs,
      async (root, label, context, length, epoch) => {
        const source = new SharedKeySource(root, { epoch })
        expect(bytesToHex(await source.export(label, context, length))).toBe(
          bytesToHex(reference.exportKey(root, { label, context, length, epoch })),
        )
      },
    ),
  ))

test('[K3] link keys agree with the reference', () =>
  fc.assert(
    fc.asyncProperty(bytes(48), async (secret) => {
      const ours = await deriveLinkKeys(new LinkSecret(secret))
      const theirs = reference.linkKeys(secret)
      expect(bytesToHex(idToBytes(ours.room))).toBe(bytesToHex(theirs.room))
      expect(bytesToHex(ours.access.publicKey)).toBe(bytesToHex(theirs.accessPublicKey))
    }),
    { numRuns: 30 },
  ))

test('[P6] sealing agrees with the reference, byte for byte', () =>
  fc.assert(
    fc.asyncProperty(
      bytes(32),
      fc.uniqueArray(bytes(16), { minLength: 3, maxLength: 3, selector: (id) => id.join() }),
      fc.record({
        ...{ kind: fc.nat(255), epoch: epochs, body: bytes(0, 2000) },
        ...{ direct: fc.boolean(), salt: bytes(8) },
      }),
      async (
        root,
        [roomBytes = bytes16(), senderBytes = bytes16(), peerBytes = bytes16()],
        message,
      ) => {
        const [room, self] = [bytesToRoomId(roomBytes), bytesToParticipantId(senderBytes)]
        const peer = bytesToParticipantId(peerBytes)
        fc.pre(room !== undefined && self !== undefined && peer !== undefined)
        if (room === undefined || self === undefined || peer === undefined) return
        const { kind, epoch, body, direct, salt } = message
        const keys = new SharedKeySource(root, { epoch })
        const sealer = withSalt(salt, () => createSealer({ keys, room, unsafeSelf: self }))
        const sealed = await sealer.seal(direct ? { kind, to: peer } : { kind }, body)
        const expected = reference.sealMessage({
          ...{ root, room: roomBytes, sender: senderBytes, salt, kind, epoch, body, sequence: 0n },
          recipient: direct ? peerBytes : new Uint8Array(16),
        })
        expect(bytesToHex(sealed.bytes)).toBe(bytesToHex(expected.bytes))
      },
    ),
  ))

const bytes16 = (): Uint8Array<ArrayBuffer> => new Uint8Array(16)
