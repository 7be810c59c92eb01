/**
 * Seals messages to a room and opens them, and brings every key out of the secret of a link. WebCrypto alone:
 * no input or output, no clock. Normative text: spec/keys.md and spec/payload.md.
 *
 * @module
 */
export { ACCESS_KEY_SEED_BYTES, createAccessKey } from './access-key.ts'
export type { AccessKey } from './access-key.ts'
export {
  decodeEnvelopeHeader,
  MAX_BODY_BYTES,
  MAX_SEALED_BYTES,
  MAX_SEQUENCE,
  SEALED_OVERHEAD_BYTES,
} from './envelope.ts'
export type { Audience, EnvelopeHeader } from './envelope.ts'
export { E2eeError, isE2eeError } from './errors.ts'
export type { AnyE2eeError, E2eeErrorCode, E2eeErrorDetails } from './errors.ts'
export { MAX_EPOCH } from './export-info.ts'
export type {
  EpochEvent,
  KeySource,
  KeySourceEvents,
  KeySourceProperties,
  Member,
} from './key-source.ts'
export { deriveLinkKeys, deriveRoomId } from './link-keys.ts'
export type { LinkKeys } from './link-keys.ts'
export {
  encodeLinkSecret,
  generateLinkSecret,
  LINK_SECRET_BYTES,
  LinkSecret,
  parseLinkSecret,
} from './link-secret.ts'
export * from './payload/index.ts'
export { MAX_PEERS } from './peer-table.ts'
export { randomMessageId, randomParticipantId } from './random-ids.ts'
export { REPLAY_WINDOW } from './replay-window.ts'
export { createSealer } from './sealer.ts'
export type { Sealer, SealerLimits } from './sealer.ts'
export type { DroppedMessage, DropReason, Opened, OpenedMessage, Sealed } from './sealed-message.ts'
export { MAX_MESSAGES_PER_KEY } from './send-counter.ts'
export { MAX_EPOCHS, SHARED_SECRET_BYTES, SharedKeySource } from './shared-key-source.ts'
export { ParticipantKeyProvider, SharedKeyProvider } from './sources/key-providers.ts'
export {
  decodeParticipantKeyGrant,
  encodeParticipantKeyGrant,
  PARTICIPANT_KEY_GRANT_BYTES,
  ParticipantKeyGrant,
} from './sources/participant-key-grant.ts'
export type { GrantedEpoch } from './sources/participant-key-grant.ts'
export { MAX_PARTICIPANTS, ParticipantKeySource } from './sources/participant-key-source.ts'
export type { GrantOutcome } from './sources/participant-key-source.ts'
export { ratchetSharedKey } from './sources/ratchet.ts'
export { MAX_RATCHET_STEPS } from './sources/sender-epochs.ts'
export { MAX_STREAM_KEYS } from './stream-keys.ts'
