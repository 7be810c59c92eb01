/**
 * Brings keys to members: sealed to their public key and signed, with public identities as text, numbers to compare
 * them by voice, and invitations that work once. A separate entry, as it loads HPKE (RFC 9180). Normative text:
 * spec/exchange.md.
 *
 * @module
 */
export { X25519_KEM } from './hpke.ts'
export type { ExchangeKem, OpenedSeal } from './hpke.ts'
export { encodeIdentity, identityId, parseIdentity } from './exchange-identity.ts'
export type { ExchangeIdentity } from './exchange-identity.ts'
export {
  EXCHANGE_SECRET_BYTES,
  ExchangeKeys,
  generateExchangeKeys,
  importExchangeKeys,
  restoreExchangeKeys,
} from './exchange-keys.ts'
export type { StoredExchangeKeys } from './exchange-keys.ts'
export {
  encodeInvitation,
  Invitation,
  INVITATION_SECRET_BYTES,
  MAX_INVITATION_ROOM_BYTES,
  parseInvitation,
} from './invitation.ts'
export type { InvitationDetails } from './invitation.ts'
export { openInvitationAnswer } from './invitation-answer.ts'
export { InvitationBook, MAX_INVITATION_MS } from './invitation-book.ts'
export type { AnswerOptions } from './invitation-book.ts'
export { MAX_ANSWER_KEY_BYTES } from './invitation-outcome.ts'
export type {
  AcceptedOrRefused,
  AnsweredInvitation,
  AnsweredOrRefused,
  InvitationEntry,
  InvitationOutcome,
  InvitationRefusal,
} from './invitation-outcome.ts'
export { INVITATION_REQUEST_BYTES, requestInvitation } from './invitation-request.ts'
export type { InvitationRequest } from './invitation-request.ts'
export { MAX_INVITATIONS } from './invitation-state.ts'
export { choosePrekey, MAX_PREKEY_OFFERS, Prekey } from './prekey.ts'
export type { PrekeyChoice, SealTarget } from './prekey.ts'
export { PrekeyBook } from './prekey-book.ts'
export type { FoundPrekey, MissingPrekey, PrekeyTimes } from './prekey-book.ts'
export { MAX_PREKEY_MS } from './prekey-message.ts'
export type { PrekeyUse } from './prekey-message.ts'
export { MAX_PREKEYS } from './prekey-record.ts'
export { safetyNumber } from './safety-number.ts'
export { MAX_SEALED_KEY_MS, openKey } from './open-key.ts'
export type { DroppedKey, OpenedKey, OpenKeyOptions } from './open-key.ts'
export { sealKey } from './seal-key.ts'
export type { SealKeyOptions } from './seal-key.ts'
export { decodeSealedKeyHeader, MAX_SEALED_KEY_BYTES } from './sealed-key.ts'
export type { KeyContext, SealedKeyHeader } from './sealed-key.ts'
export { MAX_SEEN_KEYS, MAX_SEEN_KEYS_OF_SENDER, SeenKeys } from './seen-keys.ts'
export type { AdmittedKey, SeenGuard, SeenRefusal } from './seen-keys.ts'
export type { TextForm } from './text-code.ts'
