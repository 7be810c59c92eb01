/**
 * The chapter authority once more, from its text only: `node:crypto`, one line for each line of the text.
 *
 * @module
 */
import { createHash } from 'node:crypto'
import { codeTexts } from './exchange-reference.ts'
import { publicKeyOfSeed, signWithSeed, u16, u64, utf8 } from './node-reference.ts'
import { personSignature } from './session-reference.ts'
import type { ReferenceSession } from './session-reference.ts'

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest()
const labelled = (label: string, ...parts: Uint8Array[]): Buffer =>
  Buffer.concat([utf8(`conclave/1 ${label}`), Buffer.from([0]), ...parts])

/** spec U2 */
export const fingerprintOf = (ownerKey: Uint8Array): Buffer =>
  sha256(labelled('owner', ownerKey)).subarray(0, 16)

/** spec U18 */
export const ownerText = (seed: Buffer): string =>
  (codeTexts(3, seed).qr.match(/.{1,4}/g) ?? []).join('-')

export interface ReferencePolicy {
  ownerSeed: Uint8Array
  room: Uint8Array
  number: bigint
  rule: number
  history: number
  flags: number
  /** As they are written: a negative vector may leave them unsorted. */
  hosts: Uint8Array[]
  removed: Uint8Array[]
}

/** spec U4 */
export function policyStatement(policy: ReferencePolicy): { bytes: Buffer; digest: Buffer } {
  const { ownerSeed, room, number, rule, history, flags, hosts, removed } = policy
  const content = Buffer.concat([
    Buffer.from([1, 1]),
    publicKeyOfSeed(ownerSeed),
    u64(number),
    Buffer.from([rule, history, flags, hosts.length]),
    ...hosts,
    u16(removed.length),
    ...removed,
  ])
  const signature = signWithSeed(ownerSeed, labelled('policy', room, content))
  return { bytes: Buffer.concat([content, signature]), digest: sha256(content) }
}

export interface ReferenceAct {
  room: Uint8Array
  act: number
  session: Uint8Array
  number: bigint
  signer: ReferenceSession
  personSeed: Uint8Array
}

/** spec U9 */
export function hostStatement(given: ReferenceAct): Buffer {
  const { room, act, session, number, signer, personSeed } = given
  const { signingKey } = signer
  const content = Buffer.concat([
    Buffer.from([1, 2, act]),
    session,
    u64(number),
    signingKey,
    publicKeyOfSeed(personSeed),
    personSignature(personSeed, { room, signingKey }),
  ])
  return Buffer.concat([content, signWithSeed(signer.signingSeed, labelled('host', room, content))])
}

/** spec U17 */
export function moveStatement(move: {
  readonly ownerSeed: Uint8Array
  readonly room: Uint8Array
  readonly secret: Uint8Array
}): Buffer {
  const { ownerSeed, room, secret } = move
  const content = Buffer.concat([Buffer.from([1, 3]), publicKeyOfSeed(ownerSeed), secret])
  return Buffer.concat([content, signWithSeed(ownerSeed, labelled('move', room, content))])
}
