/**
 * The chapter session once more, from its text only: `node:crypto`, one line for each line of the text.
 *
 * @module
 */
import { createCipheriv, createHash, diffieHellman, hkdfSync } from 'node:crypto'
import { x25519Private, x25519Public, x25519PublicOf } from './exchange-reference.ts'
import { exportKey, hkdf, publicKeyOfSeed, signWithSeed, u16, u64, utf8 } from './node-reference.ts'

export interface ReferenceSession {
  signingSeed: Buffer
  agreementSeed: Buffer
  signingKey: Buffer
  agreementKey: Buffer
  id: Buffer
}

/** spec C2 */
const participantIdOf = (signingKey: Uint8Array): Buffer =>
  hkdf(signingKey, '', 'conclave/1 participant id', 16)

/** The session of two seeds, each 32 times one byte. spec C1 */
export function sessionOf(signing: number, agreement: number): ReferenceSession {
  const signingSeed = Buffer.alloc(32, signing)
  const agreementSeed = Buffer.alloc(32, agreement)
  const signingKey = publicKeyOfSeed(signingSeed)
  const agreementKey = x25519PublicOf(agreementSeed)
  return { signingSeed, agreementSeed, signingKey, agreementKey, id: participantIdOf(signingKey) }
}

/** spec C6 */
export function secretOf(
  own: ReferenceSession,
  other: ReferenceSession,
  { salt, info }: { salt: Uint8Array; info: Uint8Array },
): Buffer {
  const shared = diffieHellman({
    privateKey: x25519Private(own.agreementSeed),
    publicKey: x25519Public(other.agreementKey),
  })
  return Buffer.from(hkdfSync('sha256', shared, salt, info, 32))
}

const zero = Buffer.from([0])

/** spec C7 */
export function signedBody(
  sender: ReferenceSession,
  message: { room: Uint8Array; sequence: bigint; kind: number; content: Uint8Array },
): Buffer {
  const { room, sequence, kind, content } = message
  const parts = [room, sender.id, u64(sequence), Buffer.from([kind]), content]
  const statement = Buffer.concat([utf8('conclave/1 room message'), zero, ...parts])
  return Buffer.concat([signWithSeed(sender.signingSeed, statement), content])
}

/** spec C9 */
export const personSignature = (
  personSeed: Uint8Array,
  { room, signingKey }: { room: Uint8Array; signingKey: Uint8Array },
): Buffer =>
  signWithSeed(personSeed, Buffer.concat([utf8('conclave/1 person'), zero, room, signingKey]))

export interface ReferenceIntroduction {
  root: Uint8Array
  room: Uint8Array
  sender: ReferenceSession
  recipient: Uint8Array
  salt: Uint8Array
  status: number
  flags: number
  /** 16 zero bytes: none. */
  answers: Uint8Array
  /** With flag 2. */
  personSeed?: Uint8Array
  name: string
}

/** spec C11 */
export function introductionBody(given: ReferenceIntroduction): Buffer {
  const { room, sender, recipient, status, flags, answers, personSeed } = given
  const { signingKey, agreementKey, signingSeed } = sender
  const person =
    personSeed === undefined
      ? []
      : [publicKeyOfSeed(personSeed), personSignature(personSeed, { room, signingKey })]
  const name = utf8(given.name)
  const before = Buffer.concat([
    ...[Buffer.from([1, status, flags]), signingKey, agreementKey, answers, ...person],
    ...[Buffer.from([name.length]), name],
  ])
  return Buffer.concat([before, signBefore(signingSeed, { room, sender, recipient, before })])
}

/** The signature at the end of a body. spec C11 */
export function signBefore(
  seed: Uint8Array,
  given: {
    room: Uint8Array
    sender: { id: Uint8Array }
    recipient: Uint8Array
    before: Uint8Array
  },
): Buffer {
  const parts = [given.room, given.sender.id, given.recipient, given.before]
  return signWithSeed(seed, Buffer.concat([utf8('conclave/1 introduction'), zero, ...parts]))
}

/** spec C13 */
export function sealBody(
  body: Uint8Array,
  given: Pick<ReferenceIntroduction, 'root' | 'room' | 'sender' | 'recipient' | 'salt'>,
): { bytes: Buffer; digest: Buffer } {
  const { root, room, sender, recipient, salt } = given
  const parties = Buffer.concat([room, sender.id, recipient])
  const label = 'conclave/1 introduction'
  const context = Buffer.concat([parties, salt])
  const key = exportKey(root, { label, context, length: 32, epoch: 0n })
  const aad = Buffer.concat([utf8(label), zero, Buffer.from([3]), salt, parties])
  const cipher = createCipheriv('aes-256-gcm', key, Buffer.alloc(12)).setAAD(aad)
  const sealed = Buffer.concat([cipher.update(body), cipher.final(), cipher.getAuthTag()])
  const bytes = Buffer.concat([Buffer.from([3]), salt, sealed])
  return { bytes, digest: createHash('sha256').update(bytes).digest().subarray(0, 16) }
}

/** spec C15 */
export function pairRoot(
  own: ReferenceSession,
  other: ReferenceSession,
  { root, room }: { root: Uint8Array; room: Uint8Array },
): Buffer {
  const parties = [own, other].sort((one, two) => Buffer.compare(one.id, two.id))
  const ids = Buffer.concat(parties.map(({ id }) => id))
  const salt = exportKey(root, { label: 'conclave/1 pair', context: ids, length: 32, epoch: 0n })
  const identities = parties.flatMap(({ id, signingKey, agreementKey }) => [
    ...[id, signingKey, agreementKey],
  ])
  const info = Buffer.concat([utf8('conclave/1 pair root'), zero, room, ...identities])
  return secretOf(own, other, { salt, info })
}

/** spec C18 */
export function commitmentOf(
  nonce: Uint8Array,
  given: { room: Uint8Array; round: bigint; signingKey: Uint8Array },
): Buffer {
  const parts = [given.room, u64(given.round), given.signingKey, nonce]
  const bytes = Buffer.concat([utf8('conclave/1 room code'), zero, ...parts])
  return createHash('sha256').update(bytes).digest()
}

export interface ReferenceEntry {
  signingKey: Uint8Array
  personKey?: Uint8Array
  nonce: Uint8Array
}

/** spec C17 */
export function roomCode(entries: readonly ReferenceEntry[], root: Uint8Array): string {
  const label = 'conclave/1 room code'
  const secret = exportKey(root, { label, context: Buffer.alloc(0), length: 32, epoch: 0n })
  const sorted = entries
    .map(({ signingKey, personKey, nonce }) =>
      Buffer.concat([signingKey, personKey ?? Buffer.alloc(32), nonce]),
    )
    .sort(Buffer.compare)
  const roster = [utf8('conclave/1 room code roster'), zero, secret, u16(sorted.length), ...sorted]
  const digest = createHash('sha256').update(Buffer.concat(roster)).digest()
  const digits = (digest.readBigUInt64BE(0) % 100_000_000n).toString().padStart(8, '0')
  return `${digits.slice(0, 4)} ${digits.slice(4)}`
}
