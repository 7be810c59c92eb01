/**
 * Events for channels of any make: sealed one at a time, as JSON or as bytes, under a key of the application's or the
 * keys of a keyring or key source.
 *
 * @module
 */
export {
  exportAesGcmKeyToBase64,
  generateAesGcmKey,
  importAesGcmKeyFromBase64,
  MAX_EVENTS_PER_KEY,
} from './aes-gcm-key.ts'
export { keyedChannelId } from './channel-id.ts'
export { MAX_JSON_DEPTH, toPlainJson } from './plain-json.ts'
export { MAX_CONTEXT_BYTES } from './event-context.ts'
export type {
  CallSignalContext,
  ChatContext,
  EventContext,
  EventKind,
  ExpectedEventContext,
  RealtimeContext,
} from './event-context.ts'
export { EventCounter } from './event-counter.ts'
export type { EventPlace } from './event-counter.ts'
export { decodeEventHeader, envelopeToBinary, envelopeToJson } from './event-envelope.ts'
export { EVENT_FLAGS, MAX_EVENT_BYTES } from './event-header.ts'
export type { EventHeader } from './event-header.ts'
export type { JsonEnvelope } from './json-envelope.ts'
export type { EventSigner, EventToSign, EventVerifier, SignedEvent } from './event-signing.ts'
export {
  decryptCallSignalJson,
  decryptChatJson,
  decryptRealtimeJson,
  encryptCallSignalJson,
  encryptChatJson,
  encryptRealtimeJson,
} from './chat-json.ts'
export type { DecryptOptionsFor } from './chat-json.ts'
export type { KeyScope } from './key-scope.ts'
export { DEFAULT_GRACE_MS } from '../core/grace.ts'
export type { GraceOptions } from '../core/grace.ts'
export { Keyring, MAX_KEYS } from './keyring.ts'
export type { GivenKeyName, KeyringEntry, KeyringEvents } from './keyring-entry.ts'
export { openEvent } from './open-event.ts'
export type {
  HistoryOption,
  OpenedEvent,
  OpenedHistoryOrDroppedEvent,
  OpenedOrDroppedEvent,
  OpenEventOptions,
  OpenOptionsFor,
  ReplayChoice,
} from './open-event.ts'
export { pad as padBytes, padmeLength, unpad as unpadBytes } from './padding.ts'
export { ReplayGuard } from './replay-guard.ts'
export { MAX_REPLAY_CHANNELS, MAX_REPLAY_WINDOWS } from './replay-state.ts'
export { MAX_REPLAY_STREAMS, MAX_STREAM_AHEAD_MS } from './sender-streams.ts'
export type { PlacedEvent } from './replay-state.ts'
export type { ReplayRefusal } from './sender-streams.ts'
export { HIDDEN_EVENT_NAME, sealEvent, sealEventBinary } from './seal-event.ts'
export type { SealEventOptions } from './seal-event-options.ts'
