import { isBytes } from '../bytes.ts'
import { E2eeError } from '../errors.ts'
import type { E2eeErrorCode, E2eeErrorDetails } from '../errors.ts'
import type { CallSignalContext, ChatContext, EventKind, RealtimeContext } from './event-context.ts'
import type { JsonEnvelope } from './event-envelope.ts'
import type { EventKeys } from './event-keys.ts'
import { openAs } from './open-event.ts'
import type { DroppedEvent, OpenEventOptions } from './open-event.ts'
import { sealJson } from './seal-event.ts'
import type { SealEventOptions } from './seal-event.ts'
import { MAX_REPLAY_SENDERS } from './replay-state.ts'

/**
 * Encrypts a chat message for one room and message id; it opens with the same ones alone.
 *
 * @throws as `sealEvent`, and TypeError for bytes
 */
export function encryptChatJson(
  value: unknown,
  key: CryptoKey | EventKeys,
  options: ChatContext & SealEventOptions,
): Promise<JsonEnvelope> {
  return sealJson('chat', value, { key, options, jsonOnly: true })
}

/**
 * Decrypts a chat message; as `JSON.parse` makes it. You must check its shape: whoever has the key wrote it.
 *
 * @throws TypeError, RangeError that name an argument of the caller's own
 * @throws E2eeError `ERR_E2EE_OPEN_FAILED`, `ERR_E2EE_MALFORMED`, `ERR_E2EE_UNKNOWN_KEY`, `ERR_E2EE_VERSION_TOO_OLD`;
 *   with a replay guard also `ERR_E2EE_REPLAYED`, `ERR_E2EE_TOO_MANY_PEERS`, `ERR_E2EE_STORAGE`
 */
export function decryptChatJson(
  envelope: unknown,
  key: CryptoKey | EventKeys,
  options: ChatContext & OpenEventOptions,
): Promise<unknown> {
  return openJson('chat', envelope, { key, options })
}

/**
 * Encrypts a call signal (offer, answer, candidate, state) for one call and event name.
 *
 * @throws as `sealEvent`, and TypeError for bytes
 */
export function encryptCallSignalJson(
  value: unknown,
  key: CryptoKey | EventKeys,
  options: CallSignalContext & SealEventOptions,
): Promise<JsonEnvelope> {
  return sealJson('call', value, { key, options, jsonOnly: true })
}

/**
 * Decrypts a call signal. The id of the call does not tell a first offer from the same one sent again: number
 * them (`counter`) and open them with a `replay` guard.
 *
 * @throws as `decryptChatJson`
 */
export function decryptCallSignalJson(
  envelope: unknown,
  key: CryptoKey | EventKeys,
  options: CallSignalContext & OpenEventOptions,
): Promise<unknown> {
  return openJson('call', envelope, { key, options })
}

/**
 * Encrypts any event for one scope, id in it and event name.
 *
 * @throws as `sealEvent`, and TypeError for bytes
 */
export function encryptRealtimeJson(
  value: unknown,
  key: CryptoKey | EventKeys,
  options: RealtimeContext & SealEventOptions,
): Promise<JsonEnvelope> {
  return sealJson('realtime', value, { key, options, jsonOnly: true })
}

/**
 * Decrypts any event. As `decryptCallSignalJson` says: events that count once need a `replay` guard.
 *
 * @throws as `decryptChatJson`
 */
export function decryptRealtimeJson(
  envelope: unknown,
  key: CryptoKey | EventKeys,
  options: RealtimeContext & OpenEventOptions,
): Promise<unknown> {
  return openJson('realtime', envelope, { key, options })
}

/** The error that says what a dropped event says. */
export function droppedEventError(dropped: DroppedEvent): Error {
  switch (dropped.reason) {
    case 'unknown-key': {
      const { keyId, keyVersion } = dropped
      return failure('ERR_E2EE_UNKNOWN_KEY', { keyId, keyVersion })
    }
    case 'version-too-old': {
      const { keyId, keyVersion, minKeyVersion } = dropped
      return failure('ERR_E2EE_VERSION_TOO_OLD', { keyId, keyVersion, minKeyVersion })
    }
    case 'malformed':
      return failure('ERR_E2EE_MALFORMED', undefined)
    case 'not-authentic':
    case 'unsigned':
      return failure('ERR_E2EE_OPEN_FAILED', undefined)
    case 'too-many-senders':
      return failure('ERR_E2EE_TOO_MANY_PEERS', { maxPeers: MAX_REPLAY_SENDERS })
    case 'replay':
    case 'late':
    case 'unnumbered':
      return failure('ERR_E2EE_REPLAYED', { reason: dropped.reason })
  }
}

const failure = <C extends E2eeErrorCode>(code: C, details: E2eeErrorDetails[C]): E2eeError<C> =>
  new E2eeError(code, details)

async function openJson(
  kind: EventKind,
  envelope: unknown,
  given: { readonly key: unknown; readonly options: OpenEventOptions },
): Promise<unknown> {
  const opened = await openAs(kind, envelope, given)
  if (opened.type === 'dropped') throw droppedEventError(opened)
  if (isBytes(opened.value)) throw droppedEventError({ type: 'dropped', reason: 'malformed' })
  return opened.value
}
