/**
 * Sessions that certify themselves: the id of a session is derived from its signing key, which signs its messages to a
 * room and its introductions to other sessions, and a person certifies the key. A separate entry, so that applications that only seal do not load it. Normative
 * text: spec/session.md.
 *
 * @module
 */
export { createBusSeal, MAX_BUS_FRAME_BYTES } from './bus-seal.ts'
export type { BusSeal } from './bus-seal.ts'
export { createDataSeal, DATA_OVERHEAD_BYTES } from './data-seal.ts'
export type { DataPlace, DataSeal } from './data-seal.ts'
export { createPairKeys } from './pair-keys.ts'
export type { PairKeys } from './pair-keys.ts'
export { deriveParticipantId } from './participant-id.ts'
export { MAX_INTRODUCED_NAME_BYTES } from './introduction-body.ts'
export type { IntroductionStatus } from './introduction-body.ts'
export {
  INTRODUCTION_FORMAT,
  MAX_INTRODUCTION_BYTES,
  openIntroduction,
  sealIntroduction,
} from './introduction.ts'
export type { Introduction, OpenedIntroduction, SealedIntroduction } from './introduction.ts'
export { certifySession, ensurePersonKeys, verifyPerson } from './person-keys.ts'
export type { CertifiedSession, PersonCertificate, PersonKeyStorage } from './person-keys.ts'
export { MAX_SIGNED_CONTENT_BYTES, signRoomMessage, verifyRoomMessage } from './room-message.ts'
export type { RoomMessagePlace } from './room-message.ts'
export {
  commitToNonce,
  computeRoomCode,
  MAX_ROOM_CODE_SESSIONS,
  ROOM_CODE_NONCE_BYTES,
} from './room-code.ts'
export type { RoomCodeCommitment, RoomCodeEntry } from './room-code.ts'
export { createRoomCodeRound, RoomCodeRound } from './room-code-round.ts'
export type { RoomCodeMember, RoomCodeRoundOptions } from './room-code-round.ts'
export type { RoomRoot } from './room-root.ts'
export type { SessionIdentity } from './session-identity.ts'
export { createSessionKeys, SessionKeys } from './session-keys.ts'
export type { SessionPairs } from './session-keys.ts'
export { createSessionSealer } from './session-sealer.ts'
export type { SigningKeys, StoredSigningKeys } from '../signing/signing-keys.ts'
