/**
 * The chapter session once more, from its text only: `node:crypto`, one line for each line of the text.
 *
 * @module
 */
import { diffieHellman, hkdfSync } from 'node:crypto'
import { x25519Private, x25519Public, x25519PublicOf } from './exchange-reference.ts'
import { hkdf, publicKeyOfSeed, signWithSeed, u64, utf8 } from './node-reference.ts'

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
