/**
 * Seals messages and events and opens them, and derives every key from the secret of a link. Uses only WebCrypto:
 * no input or output, no clock. Normative text: spec/keys.md and spec/payload.md.
 *
 * @module
 */
export { ACCESS_KEY_SEED_BYTES, createAccessKey } from './link/access-key.ts'
export type { AccessKey } from './link/access-key.ts'
export {
  decodeEnvelopeHeader,
  MAX_BODY_BYTES,
  MAX_SEALED_BYTES,
  MAX_SEQUENCE,
  SEALED_OVERHEAD_BYTES,
} from './messages/message-envelope.ts'
export type { Audience, EnvelopeHeader } from './messages/message-envelope.ts'
export { E2eeError, isE2eeError } from './errors.ts'
export type { AnyE2eeError, E2eeErrorCode, E2eeErrorDetails } from './errors.ts'
export type { Dropped, DropReason } from './core/dropped.ts'
export { REPLAY_WINDOW } from './core/replay-window.ts'
export { MAX_DERIVED_KEYS } from './keys/derived-keys.ts'
export { MAX_EPOCH, toEpoch } from './keys/epoch.ts'
export { isEventKeys } from './keys/event-keys.ts'
export type {
  EventKeys,
  KeyName,
  KeyPurpose,
  KeyRequest,
  OpeningKey,
  OpeningRequest,
  SealedCount,
  SealingKey,
  SealingRequest,
  UsableKey,
} from './keys/event-keys.ts'
export type { EpochEvent, KeySource, KeySourceEvents, Member } from './keys/key-source.ts'
export { BaseKeyProvider, refuseClearFrames } from './keys/base-key-provider.ts'
export type { KeyedSession, KeyProviderOptions } from './keys/base-key-provider.ts'
export type { KeyCondition, KeyFact, KeySourceProperties } from './keys/key-properties.ts'
export { deriveLinkKeys, deriveRoomId } from './link/link-keys.ts'
export type { LinkKeys } from './link/link-keys.ts'
export {
  encodeLinkSecret,
  generateLinkSecret,
  LINK_SECRET_BYTES,
  LinkSecret,
  parseLinkSecret,
} from './link/link-secret.ts'
export * from './events/index.ts'
export { MAX_PEERS } from './messages/peer-table.ts'
export { randomMessageId, randomParticipantId } from './random-ids.ts'
export { createSealer } from './messages/sealer.ts'
export type { Sealer, SealerLimits, SealOptions } from './messages/sealer.ts'
export type { Opened, OpenedMessage, Sealed } from './messages/sealed-message.ts'
export { MAX_MESSAGES_PER_KEY } from './messages/send-counter.ts'
export { MAX_EPOCHS, SHARED_SECRET_BYTES, SharedKeySource } from './keys/shared-key-source.ts'
export { ParticipantKeyProvider, SharedKeyProvider } from './keys/key-providers.ts'
export {
  decodeParticipantKeyGrant,
  encodeParticipantKeyGrant,
  PARTICIPANT_KEY_GRANT_BYTES,
  ParticipantKeyGrant,
} from './keys/participant-key-grant.ts'
export type { GrantedEpoch } from './keys/participant-key-grant.ts'
export { ParticipantKeySource } from './keys/participant-key-source.ts'
export { MAX_PARTICIPANTS, MAX_REMEMBERED_PARTICIPANTS } from './keys/participant-keys.ts'
export type { GrantOutcome } from './keys/participant-keys.ts'
export { ratchetSharedKey } from './keys/ratchet.ts'
export { MAX_RATCHET_STEPS } from './keys/sender-epochs.ts'
