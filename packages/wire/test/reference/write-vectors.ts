/**
 * Writes the vectors of the proofs of a join, from the chapter only, with `node:crypto`:
 * `node packages/wire/test/reference/write-vectors.ts`
 *
 * @module
 */
import { createPrivateKey, createPublicKey, hkdfSync, sign } from 'node:crypto'
import { writeFileSync } from 'node:fs'

const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')
const privateKeyOf = (seed: Buffer) =>
  createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' })
const publicKeyOf = (seed: Buffer): Buffer =>
  createPublicKey(privateKeyOf(seed)).export({ format: 'der', type: 'spki' }).subarray(-32)
const idOf = (key: Buffer, info: string): Buffer =>
  Buffer.from(hkdfSync('sha256', key, '', info, 16))

interface Context {
  readonly host: string
  readonly nonce: Buffer
  readonly room: Buffer
  readonly participant: Buffer
}

/** spec W8 */
function proofBytes(label: string, { host, nonce, room, participant }: Context): Buffer {
  const text = Buffer.from(host, 'utf8')
  const length = Buffer.from([text.length >> 8, text.length & 255])
  return Buffer.concat([Buffer.from(`${label}\0`), length, text, nonce, room, participant])
}

/** The seeds of RFC 8032 §7.1, tests 1 and 2. */
const seed = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex')
const sessionSeed = Buffer.from(
  '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
  'hex',
)
const [key, session] = [publicKeyOf(seed), publicKeyOf(sessionSeed)]
const base: Context = {
  host: 'meet.example:8443',
  nonce: Buffer.from(Array.from({ length: 32 }, (_, at) => 0x80 + at)),
  room: idOf(Buffer.concat([key, Buffer.alloc(16)]), 'conclave/1 room id'),
  participant: idOf(session, 'conclave/1 participant id'),
}

/** Proofs that were signed for `signed` and are given as those for `shown`. */
function vectorOf(name: string, shown: Context, signed: Context, flip = false): object {
  const proofs = (
    [
      ['access', seed],
      ['session', sessionSeed],
    ] as const
  ).map(([which, by]) => {
    const label = `conclave/1 hub ${which}`
    const signature = sign(null, proofBytes(label, signed), privateKeyOf(by))
    if (flip) signature[0] = (signature[0] ?? 0) ^ 1
    return [which, { bytes: proofBytes(label, shown), signature }] as const
  })
  const hex = (value: Buffer): string => value.toString('hex')
  return {
    name,
    seed: hex(seed),
    key: hex(key),
    sessionSeed: hex(sessionSeed),
    session: hex(session),
    room: shown.room.toString('base64url'),
    participant: shown.participant.toString('base64url'),
    host: shown.host,
    nonce: hex(shown.nonce),
    ...Object.fromEntries(
      proofs.map(([which, { bytes, signature }]) => [
        `${which}Proof`,
        { hex: hex(bytes), signature: hex(signature) },
      ]),
    ),
    valid: shown === signed && !flip,
  }
}

const loopback = { ...base, host: '127.0.0.1:8080' }
const vectors = [
  vectorOf('name and port', base, base),
  vectorOf('loopback', loopback, loopback),
  vectorOf('signatures with a flipped bit', base, base, true),
  vectorOf('another host', { ...base, host: 'meet.example' }, base),
  vectorOf('another nonce', { ...base, nonce: Buffer.from(base.nonce).fill(0, 0, 1) }, base),
  vectorOf('another participant', base, { ...base, participant: Buffer.alloc(16, 7) }),
]
const path = new URL('../../../../spec/vectors/wire-proof.json', import.meta.url)
writeFileSync(path, `${JSON.stringify(vectors, null, 2)}\n`)
