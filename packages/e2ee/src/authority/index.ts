/**
 * Authority in a room: the owner's keys and signed policies, the acts of the hosts that it appoints,
 * and the state that follows from them, the same for every member. A separate entry, so that applications that only seal do
 * not load it. Normative text: spec/authority.md.
 *
 * @module
 */
export {
  deriveOwnerFingerprint,
  generateOwnerKeys,
  importOwnerKeys,
  OWNER_FINGERPRINT_BYTES,
  OwnerKeys,
  restoreOwnerKeys,
} from './owner-keys.ts'
export type { OwnerKeyOptions, StoredOwnerKeys } from './owner-keys.ts'
export { decodeOwnerKeys, encodeOwnerKeys } from './owner-text.ts'
export type { DecodedOwnerKeys } from './owner-text.ts'
export { MAX_HOSTS, MAX_POLICY_BYTES, MAX_REMOVED_PER_POLICY } from './policy.ts'
export type { AdmissionRule, HistoryRule, Policy } from './policy.ts'
export { judgePolicy, signPolicy, verifyPolicy } from './policy-statement.ts'
export type {
  OwnedRoom,
  PolicyJudgement,
  RefusedStatement,
  SignedPolicy,
} from './policy-statement.ts'
export { HOST_STATEMENT_BYTES, signHostStatement, verifyHostStatement } from './host-statement.ts'
export type { HostAct, HostSigner, HostStatement, SignedHostStatement } from './host-statement.ts'
export { MOVE_STATEMENT_BYTES, signMove, verifyMove } from './move-statement.ts'
export type { SignedMove } from './move-statement.ts'
export { MAX_TOMBSTONES } from './host-acts.ts'
export { RoomAuthority } from './room-authority.ts'
export type { AppliedStatement, PolicyChange } from './room-authority.ts'
export type { PersonCertificate } from '../session/person-keys.ts'
export type { SessionKeys } from '../session/session-keys.ts'
export type { SigningKeys, StoredSigningKeys } from '../signing/signing-keys.ts'
