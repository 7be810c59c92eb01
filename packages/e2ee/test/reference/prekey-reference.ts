/**
 * A second implementation of prekeys, from the chapter only.
 *
 * @module
 */
import { createHash } from 'node:crypto'
import type { ReferencePerson, ReferencePrekey } from './exchange-reference.ts'
import { signWithSeed, u16, u64, utf8 } from './node-reference.ts'

const zero = Buffer.from([0])

/** spec E17 */
export function makePrekey({
  owner,
  publicKey,
  kem = 1,
  use,
  expiresAt,
  signer = owner,
  label = 'conclave/1 prekey',
}: {
  readonly owner: ReferencePerson
  readonly publicKey: Buffer
  readonly kem?: number
  /** 1: one-time; 2: last resort. */
  readonly use: number
  readonly expiresAt: number
  readonly signer?: ReferencePerson
  readonly label?: string
}): ReferencePrekey & { readonly bytes: Buffer } {
  const head = Buffer.concat([
    ...[Buffer.from([1, 5, kem, use]), u64(BigInt(expiresAt)), owner.id, publicKey],
  ])
  const signed = Buffer.concat([utf8(label), zero, head, owner.identity])
  const id = createHash('sha256')
    .update(Buffer.concat([utf8('conclave/1 prekey id'), zero, head]))
    .digest()
    .subarray(0, 16)
  return { publicKey, id, bytes: Buffer.concat([head, signWithSeed(signer.signingSeed, signed)]) }
}

/** spec E18 */
export const prekeyRecord = (
  ...entries: { state: number; use: number; id: Buffer; seed: Buffer; expiresAt: number }[]
): Buffer => recordOfKem(1, entries)

/** spec E18, E28 */
export const recordOfKem = (
  kem: number,
  entries: { state: number; use: number; id: Buffer; seed: Buffer; expiresAt: number }[],
): Buffer =>
  Buffer.concat([
    ...[Buffer.from([1, kem]), u16(entries.length)],
    ...entries.flatMap(({ state, use, id, seed, expiresAt }) => [
      ...[Buffer.from([state, use]), id, seed, u64(BigInt(expiresAt))],
    ]),
  ])
