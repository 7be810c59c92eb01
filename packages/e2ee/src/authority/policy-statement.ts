import { compareBytes, concatBytes, copyBytes, equalBytes } from '@conclave/base'
import { signBytes } from '@conclave/crypto'
import { hashBytes, verifySignature } from '@conclave/crypto/verify'
import type { RoomId } from '@conclave/wire'
import { encodeStatement, roomToBytes } from '../session/statements.ts'
import { checkOwner, deriveOwnerFingerprint, OWNER_FINGERPRINT_BYTES } from './owner-keys.ts'
import type { OwnerKeys } from './owner-keys.ts'
import { decodePolicy, encodePolicy } from './policy.ts'
import type { Policy } from './policy.ts'

/** A room, and the owner to which it is bound. */
export interface OwnedRoom {
  readonly room: RoomId
  /** The owner's fingerprint, {@link OWNER_FINGERPRINT_BYTES}. */
  readonly owner: Uint8Array
}

/** A policy that the owner of the room signed. */
export interface SignedPolicy {
  readonly type: 'policy'
  readonly policy: Policy
  readonly ownerKey: Uint8Array<ArrayBuffer>
  /** 32 bytes; tells policies with equal numbers apart, and the lower one counts. spec U6 */
  readonly digest: Uint8Array<ArrayBuffer>
  /** The statement, to be repeated to others. */
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** A statement that changes nothing, and the reason. spec U5, U9 */
export interface RefusedStatement {
  readonly type: 'refused'
  readonly reason: 'malformed' | 'other-owner' | 'not-authentic'
}

/** The place of a policy beside the one that counted before. spec U6 */
export type PolicyJudgement =
  /** It counts from now on. */
  | 'newer'
  | 'older'
  /** It is the same policy. */
  | 'known'
  /** Both have one number, and the new one counts. */
  | 'conflict-won'
  /** Both have one number, and the one before counts. */
  | 'conflict-lost'

/**
 * Signs a policy: the statement for all members of the room. spec U4
 *
 * @throws TypeError, RangeError that name the argument
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function signPolicy(
  policy: Policy,
  { owner, room }: { readonly owner: OwnerKeys; readonly room: RoomId },
): Promise<Uint8Array<ArrayBuffer>> {
  checkOwner(owner)
  const { publicKey, privateKey } = owner.signingKeys.toStored()
  const content = encodePolicy(policy, { ownerKey: publicKey })
  const statement = encodeStatement('policy', roomToBytes(room), content)
  return concatBytes(content, await signBytes(privateKey, statement))
}

/**
 * Verifies that the owner of the room signed a policy. Never throws for the bytes. spec U5
 *
 * @throws TypeError for a malformed room or owner
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function verifyPolicy(
  bytes: unknown,
  { room, owner }: OwnedRoom,
): Promise<SignedPolicy | RefusedStatement> {
  const roomBytes = roomToBytes(room)
  const fingerprint = copyBytes('owner', owner, OWNER_FINGERPRINT_BYTES)
  const decoded = decodePolicy(bytes)
  if (decoded === undefined) return { type: 'refused', reason: 'malformed' }
  const { policy, ownerKey, content, signature } = decoded
  if (!equalBytes(await deriveOwnerFingerprint(ownerKey), fingerprint)) {
    return { type: 'refused', reason: 'other-owner' }
  }
  const statement = encodeStatement('policy', roomBytes, content)
  if (!(await verifySignature(ownerKey, signature, statement))) {
    return { type: 'refused', reason: 'not-authentic' }
  }
  const digest = await hashBytes(content)
  return { type: 'policy', policy, ownerKey, digest, bytes: concatBytes(content, signature) }
}

/** Says which of two policies of one owner and room counts. All members judge alike. spec U6 */
export function judgePolicy(
  before: SignedPolicy | undefined,
  statement: SignedPolicy,
): PolicyJudgement {
  if (before === undefined) return 'newer'
  const order = comparePolicies(statement, before)
  if (order === 0) return 'known'
  if (before.policy.number === statement.policy.number) {
    return order < 0 ? 'conflict-won' : 'conflict-lost'
  }
  return order < 0 ? 'newer' : 'older'
}

/** Negative if the first one counts: by number, and by digest if they are equal. spec U6 */
export function comparePolicies(one: SignedPolicy, other: SignedPolicy): number {
  return other.policy.number - one.policy.number || compareBytes(one.digest, other.digest)
}
