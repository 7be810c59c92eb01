/**
 * A generation's name and proof, for a person's other devices: by a notice a device learns of a revocation that the storage hides.
 *
 * @module
 */
import {
  ByteReader,
  concatBytes,
  decodeBytes,
  encodeBase64Url,
  equalBytes,
  textToBytes,
  uintToBytes,
} from '@conclave/base'
import { SIGNATURE_BYTES } from '@conclave/crypto'
import { ID_BYTES, KEY_BYTES, MAX_ROTATIONS } from '../limits.ts'
import type { Rotation } from './contents.ts'
import { isRotationProven } from './rotation-chain.ts'

/** A vault's generation and the rotations that led to it. */
export interface Lineage {
  readonly vaultId: Uint8Array<ArrayBuffer>
  readonly generation: number
  /** The last ones, that of the generation itself last. spec V21 */
  readonly rotations: readonly Rotation[]
}

/**
 * The outcome of hearing a notice. `known`: this device knows the generation already. `later`: the vault was rotated, and
 * this device has not seen it; it changes nothing until the storage shows that rotation. `forked`: two devices rotated
 * apart, so that one of them should not have; this device no longer changes anything. `unknown`: no notice of this
 * vault, or nothing that it proves. spec V29
 */
export type NoticeOutcome = 'known' | 'later' | 'forked' | 'unknown'

/** A generation and its signing key, base64url, as a pin has them. */
export interface KnownGeneration {
  readonly generation: number
  readonly signer: string
}

/** The generation of a lineage, and its key. */
export function knownGenerationOf({ generation, rotations }: Lineage): KnownGeneration {
  const last = rotations.at(-1)?.publicKey ?? new Uint8Array()
  return { generation, signer: encodeBase64Url(last) }
}

/** The bytes of a notice. spec V29 */
export function encodeNotice({ vaultId, generation, rotations }: Lineage): Uint8Array<ArrayBuffer> {
  return concatBytes(
    MAGIC,
    [FORMAT, rotations.length, 0, 0],
    vaultId,
    uintToBytes(generation, 4),
    ...rotations.flatMap(({ publicKey, signature }) => [publicKey, signature]),
  )
}

/** Decodes a notice. Returns `undefined`, not throws, for anything else. spec V29 */
export function decodeNotice(notice: unknown): Lineage | undefined {
  const bytes = decodeBytes(notice, { min: HEAD_BYTES, max: MAX_NOTICE_BYTES })
  if (bytes === undefined) return undefined
  const reader = new ByteReader(bytes)
  const isNotice = equalBytes(reader.take(MAGIC.length), MAGIC) && reader.uint(1) === FORMAT
  const count = reader.uint(1)
  const reserved = reader.uint(2)
  const vaultId = reader.copy(ID_BYTES)
  const generation = reader.uint(4)
  if (!isNotice || reserved !== 0 || generation === 0) return undefined
  if (count !== Math.min(generation, MAX_ROTATIONS)) return undefined
  const rotations = Array.from({ length: count }, () => ({
    publicKey: reader.copy(KEY_BYTES),
    signature: reader.copy(SIGNATURE_BYTES),
  }))
  return reader.ok && reader.left === 0 ? { vaultId, generation, rotations } : undefined
}

/** Compares a notice with what this device knows. Checks at most 64 signatures. spec V29 */
export async function compareNotice(notice: Lineage, own: Lineage): Promise<NoticeOutcome> {
  if (!equalBytes(notice.vaultId, own.vaultId)) return 'unknown'
  const newest = Math.min(notice.generation, own.generation)
  for (let generation = newest; generation > 0; generation -= 1) {
    const [signer, other] = [keyOf(own, generation), keyOf(notice, generation)]
    if (signer === undefined || other === undefined) return 'unknown'
    if (!equalBytes(signer, other)) continue
    if (generation === notice.generation) return 'known'
    // From here on only a holder of this generation's master key can have signed.
    if (!(await isRotationProven(notice, { signer, generation }))) return 'unknown'
    return generation === own.generation ? 'later' : 'forked'
  }
  return 'unknown'
}

const keyOf = (
  { generation, rotations }: Lineage,
  at: number,
): Uint8Array<ArrayBuffer> | undefined =>
  rotations[rotations.length - 1 - generation + at]?.publicKey

const MAGIC = textToBytes('CVLN')
const FORMAT = 1
const HEAD_BYTES = MAGIC.length + 4 + ID_BYTES + 4
const MAX_NOTICE_BYTES = HEAD_BYTES + MAX_ROTATIONS * (KEY_BYTES + SIGNATURE_BYTES)
