/**
 * The attack on keys without a commitment: one ciphertext that two receivers open to two texts, because GCM's tag is
 * linear. spec P16
 *
 * @module
 */
import { concatBytes } from '@conclave/base'
import {
  createSealer,
  Keyring,
  openEvent,
  ParticipantKeySource,
  randomParticipantId,
  sealEventBinary,
  SharedKeySource,
} from '@conclave/e2ee'
import { createDecipheriv } from 'node:crypto'
import { expect, test } from 'vitest'
import { join } from './parties.ts'
import { openSession, outcome, rootOf, ROOM, sealText } from './fixtures.ts'
import { makeTwoKeyChunk } from './reference/two-key-chunk.ts'

const place = { kind: 'chat', roomId: 'r', messageId: 'm' } as const

/** The header of an event under a bare key, and a nonce. */
async function headerAndNonce(ring: Keyring): Promise<[Buffer, Buffer]> {
  const bytes = Buffer.from(await sealEventBinary(1, ring, place))
  const boxBytes = 12 + 16 + 1 + 16
  const start = bytes.length - boxBytes
  return [bytes.subarray(0, start), bytes.subarray(start, start + 12)]
}

test('[P16] bytes that GCM accepts under two keys open under neither', async () => {
  const raws = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)] as const
  const rings: Keyring[] = []
  for (const raw of raws) {
    const ring = new Keyring()
    const usages: KeyUsage[] = ['encrypt', 'decrypt']
    const key = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, usages)
    ring.rotate({ keyId: 'k', epoch: 1, key })
    rings.push(ring)
  }
  const [header, nonce] = await headerAndNonce(rings[0] as Keyring)
  const text = (value: string): Buffer => Buffer.from(value, 'utf8')
  const aad = Buffer.concat([
    text('conclave/1 event\0'),
    header,
    Buffer.from([0, 1]),
    text('r'),
    Buffer.from([0, 1]),
    text('m'),
  ])
  const forged = new Uint8Array(makeTwoKeyChunk(raws, nonce, aad))
  for (const [index, raw] of raws.entries()) {
    const key = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['decrypt'])
    const parameters = { name: 'AES-GCM', iv: nonce, additionalData: aad }
    // The tag verifies under both keys, to two plaintexts.
    const plaintext = new Uint8Array(await crypto.subtle.decrypt(parameters, key, forged))
    expect(plaintext).toHaveLength(32)
    const event = concatBytes(header, nonce, forged)
    expect(await openEvent(event, rings[index] as Keyring, { ...place, replay: 'none' })).toEqual({
      ...{ type: 'dropped', reason: 'other-key', keyId: 'k', epoch: 1n },
    })
  }
})

test('[P16] a member who gives two others two keys of hers says one thing to both', async () => {
  const [bob, carol, mallory] = [join(), join(), randomParticipantId()]
  const keysOfMallory = [0, 1].map(() => new ParticipantKeySource(mallory))
  const salt = Buffer.alloc(8, 7)
  const parties = Buffer.concat([ROOM, mallory].map((id) => Buffer.from(id, 'base64url')))
  const toRoom = Buffer.concat([parties, Buffer.alloc(16)])
  const raws: Buffer[] = []
  for (const [index, { keys }] of [bob, carol].entries()) {
    const own = keysOfMallory[index] as ParticipantKeySource
    keys.setParticipantKey(mallory, own.grantWithPast())
    const context = Buffer.concat([toRoom, salt])
    raws.push(Buffer.from(await own.export('conclave/1 payload', context, 32)))
  }
  const header = Buffer.concat([Buffer.from([1, 3, 0, 0]), Buffer.alloc(16), salt])
  const label = Buffer.from('conclave/1 payload\0')
  const [aad, nonce] = [Buffer.concat([label, header, toRoom]), Buffer.alloc(12)]
  const forged = makeTwoKeyChunk([raws[0] as Buffer, raws[1] as Buffer], nonce, aad)
  const texts = new Set<string>()
  for (const [index, { sealer }] of [bob, carol].entries()) {
    const key = createDecipheriv('aes-256-gcm', raws[index] as Buffer, nonce)
    key.setAAD(aad).setAuthTag(forged.subarray(32))
    texts.add(Buffer.concat([key.update(forged.subarray(0, 32)), key.final()]).toString('hex'))
    const opened = await sealer.open(mallory, concatBytes(header, forged))
    expect(outcome(opened)).toBe('other-key')
  }
  expect(texts.size).toBe(2)
})

test('[P16] another key under the name is told apart from a changed tag', async () => {
  const [alice, bob] = [openSession(), openSession()]
  const keys = new SharedKeySource(rootOf(9))
  const stranger = createSealer({ keys, room: ROOM })
  const bytes = await sealText(alice, 'hello')
  expect(await stranger.open(alice.id, bytes)).toEqual({
    ...{ type: 'dropped', reason: 'other-key', keyId: '', epoch: 0n },
  })
  const changed = bytes.with(-1, (bytes.at(-1) ?? 0) ^ 1)
  expect(outcome(await bob.sealer.open(alice.id, changed))).toBe('not-authentic')
})

test('[P16] a key that only decrypts cannot tell, and calls both not authentic', async () => {
  const raw = Buffer.alloc(32, 1)
  const key = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['decrypt'])
  const ring = new Keyring()
  ring.rotate({
    ...{ keyId: 'k', epoch: 1 },
    key: await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt']),
  })
  const event = await sealEventBinary(1, ring, place)
  expect(await openEvent(event, key, place)).toEqual({ type: 'dropped', reason: 'not-authentic' })
})
