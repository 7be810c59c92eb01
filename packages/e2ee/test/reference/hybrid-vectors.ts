/**
 * Makes `spec/vectors/exchange-hybrid.json`, from the reference and the vectors of X-Wing's draft only:
 * `node packages/e2ee/test/reference/hybrid-vectors.ts`
 *
 * @module
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { personOf, sealReferenceKey } from './exchange-reference.ts'
import type { ReferenceSealedKey } from './exchange-reference.ts'
import { makePrekey, recordOfKem } from './prekey-reference.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const counting = (first: number, length: number): Buffer =>
  Buffer.from(Array.from({ length }, (_, index) => (first + index) & 255))
const flip = (bytes: Buffer, at: number): Buffer =>
  Buffer.from(bytes.map((byte, index) => (index === at ? byte ^ 1 : byte)))

const NOW = Date.UTC(2026, 10, 21)
const SECRETS = { alice: counting(0x10, 32), bob: counting(0x30, 32), carol: counting(0x50, 32) }
const [alice, bob, carol] = [
  personOf(SECRETS.alice),
  personOf(SECRETS.bob),
  personOf(SECRETS.carol),
]
const draft: {
  vectors: Readonly<Record<'seed' | 'publicKey' | 'encapsulated' | 'shared', string>>[]
} = JSON.parse(
  readFileSync(new URL('../../../../spec/vectors/x-wing.json', import.meta.url), 'utf8'),
)
function kemOf(index: number) {
  const vector = draft.vectors[index]
  if (vector === undefined) throw new Error('expected two vectors of X-Wing')
  const [seed, publicKey, enc, shared] = [
    vector.seed,
    vector.publicKey,
    vector.encapsulated,
    vector.shared,
  ].map((text) => Buffer.from(text, 'hex')) as [Buffer, Buffer, Buffer, Buffer]
  return { seed, publicKey, encapsulated: { kem: 0x647a, enc, shared } }
}
const [first, second] = [kemOf(0), kemOf(1)]

const owned = { owner: bob, kem: 2, expiresAt: NOW + 9e5 }
const oneTime = makePrekey({ ...owned, use: 1, publicKey: first.publicKey })
const lastResort = makePrekey({ ...owned, use: 2, publicKey: second.publicKey })
const message: ReferenceSealedKey = {
  ...{ from: alice, to: bob, ephemeral: counting(0x70, 32), id: counting(0x90, 16) },
  ...{ expiresAt: NOW + 60_000, room: 'room-42', purpose: 'room key' },
  ...{ keyId: 'room-42', epoch: 3n, key: counting(0xb0, 32) },
  ...{ prekey: oneTime, encapsulated: first.encapsulated },
}

export function makeHybridVectors(): object {
  return {
    about:
      'Chapter exchange, rule E28: prekeys of X-Wing. Bytes are hexadecimal, times milliseconds since 1970. Persons are named, as in exchange.json.',
    now: NOW,
    persons: Object.entries(SECRETS).map(([name, secret]) => ({ name, secret: hex(secret) })),
    prekeys: makePrekeys(),
    sealedToPrekeys: makeSealedToPrekeys(),
  }
}

/** The choice of a sender to Bob, of one offer. */
function makePrekeys(): object[] {
  const change = (publicKey: Buffer): Buffer => makePrekey({ ...owned, use: 1, publicKey }).bytes
  const good = oneTime.publicKey
  const set = (at: number, ...bytes: number[]): Buffer =>
    Buffer.from(good.map((byte, index) => bytes[index - at] ?? byte))
  const cases: [why: string, chosen: Buffer | null, offer: Buffer][] = [
    ['a one-time prekey', oneTime.id, oneTime.bytes],
    ['a last resort', lastResort.id, lastResort.bytes],
    [
      'the greatest coefficient',
      makePrekey({ ...owned, use: 1, publicKey: set(0, 0, 13) }).id,
      change(set(0, 0, 13)),
    ],
    ['another public key', null, flip(oneTime.bytes, 28)],
    ['last byte of the signature', null, flip(oneTime.bytes, 28 + 1216 + 63)],
    ['last byte cut off', null, oneTime.bytes.subarray(0, -1)],
    ['the number of another KEM', null, flip(oneTime.bytes, 2)],
    ['a first coefficient that is not reduced', null, change(set(0, 1, 0x0d))],
    ['a last coefficient that is not reduced', null, change(set(1150, 0x1f, 0xd0))],
    [
      'an X25519 part of order 1',
      null,
      change(Buffer.concat([good.subarray(0, 1184), Buffer.alloc(32)])),
    ],
  ]
  return cases.map(([why, chosen, offer]) => ({
    ...{
      why,
      chosen: chosen?.toString('base64url') ?? null,
      of: 'bob',
      now: NOW,
      offer: hex(offer),
    },
  }))
}

/** The answer of a receiver whose book of prekeys is `record`. */
function makeSealedToPrekeys(): object[] {
  const entries = [first, second].map((kem, index) => ({
    ...{
      state: 0,
      use: index + 1,
      seed: kem.seed,
      expiresAt: owned.expiresAt,
    },
    id: index === 0 ? oneTime.id : lastResort.id,
  }))
  const given = { to: 'bob', from: 'alice', room: 'room-42', purpose: 'room key', now: NOW }
  const record = hex(recordOfKem(2, entries))
  const seal = (change: Partial<ReferenceSealedKey>): Buffer =>
    sealReferenceKey({ ...message, ...change }).bytes
  const good = seal({})
  const torsion = Buffer.concat([first.encapsulated.enc.subarray(0, 1088), Buffer.alloc(32)])
  const cases: [why: string, reason: string | null, bytes: Buffer, sealedTo?: string][] = [
    ['to a one-time prekey', null, good, 'one-time-prekey'],
    [
      'to a last resort',
      null,
      seal({ prekey: lastResort, encapsulated: second.encapsulated }),
      'last-resort-prekey',
    ],
    ['another byte of the ML-KEM part', 'not-authentic', flip(good, 74)],
    ['another byte of the X25519 part', 'not-authentic', flip(good, 74 + 1088)],
    [
      'an X25519 part of order 1',
      'not-authentic',
      Buffer.concat([good.subarray(0, 74), torsion, good.subarray(1194)]),
    ],
    ['last byte of the tag', 'not-authentic', flip(good, good.length - 1)],
    ['cut off within the encapsulated key', 'not-authentic', good.subarray(0, 1000)],
    [
      'encapsulated to another prekey',
      'not-authentic',
      seal({ encapsulated: second.encapsulated }),
    ],
    [
      'with the suite of X25519',
      'not-authentic',
      seal({
        encapsulated: { ...first.encapsulated, kem: 0x20 },
      }),
    ],
    ['signed by another', 'not-authentic', seal({ signer: carol })],
    ['another prekey id', 'unknown-prekey', flip(good, 58)],
  ]
  return cases.map(([why, reason, bytes, sealedTo]) => ({
    ...{ why, reason, ...given, record, ...(sealedTo && { sealedTo, key: hex(message.key) }) },
    bytes: hex(bytes),
  }))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const path = new URL('../../../../spec/vectors/exchange-hybrid.json', import.meta.url)
  writeFileSync(path, `${JSON.stringify(makeHybridVectors(), null, 2)}\n`)
}
