import { checkString, isBytes } from '@conclave/base'
import { dropped } from '../core/dropped.ts'
import type { Dropped } from '../core/dropped.ts'
import { E2eeError } from '../errors.ts'
import { unknownKeyError } from '../keys/event-keys.ts'
import type { EventKeys } from '../keys/event-keys.ts'
import type { CallSignalContext, ChatContext, EventKind, RealtimeContext } from './event-context.ts'
import type { JsonEnvelope } from './json-envelope.ts'
import { openAs } from './open-event.ts'
import type { EventVerifier } from './event-signing.ts'
import type { HistoryOption, OpenEventOptions, OpenOptionsFor } from './open-event.ts'
import { sealJson } from './seal-event.ts'
import type { SealEventOptions } from './seal-event-options.ts'

/**
 * The expectations of a receiver that gets the value only: by its key, and with a verifier the sender too, since the value does not
 * say whose it is. spec P59
 */
export type DecryptOptionsFor<Key> = OpenOptionsFor<Key> &
  HistoryOption &
  (
    | { readonly verifier?: undefined }
    | { readonly verifier: EventVerifier; readonly sender: string }
  )

/**
 * Encrypts a chat message for one room and message id; it opens only with the same two.
 *
 * @throws as `sealEvent`, and TypeError for bytes
 */
export function encryptChatJson(
  value: unknown,
  key: CryptoKey | EventKeys,
  options: ChatContext & SealEventOptions,
): Promise<JsonEnvelope> {
  return sealJson(value, { kind: 'chat', key, options, jsonOnly: true })
}

/**
 * Decrypts a chat message; as `JSON.parse` makes it. You must check its shape: any holder of the key can have written it. A bare key
 * binds room and message id and nothing else; with a keyring or a key source you must also give `replay` and `self`, or refuse with
 * `replay: 'none'`. `openEvent` also tells the sender.
 *
 * @throws TypeError, RangeError that name an argument of the caller's own
 * @throws E2eeError `ERR_E2EE_OPEN_FAILED`, `ERR_E2EE_MALFORMED`, `ERR_E2EE_UNKNOWN_KEY`, `ERR_E2EE_EPOCH_TOO_OLD`;
 *   with a replay guard also `ERR_E2EE_REPLAYED`, `ERR_E2EE_STORAGE`
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export function decryptChatJson<Key extends CryptoKey | EventKeys>(
  envelope: unknown,
  key: Key,
  options: ChatContext & DecryptOptionsFor<Key>,
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
  return sealJson(value, { kind: 'call', key, options, jsonOnly: true })
}

/**
 * Decrypts a call signal. The id of the call does not tell a first offer from the same one sent again: number
 * them (`counter`) and open them with a `replay` guard.
 *
 * @throws as `decryptChatJson`
 */
export function decryptCallSignalJson<Key extends CryptoKey | EventKeys>(
  envelope: unknown,
  key: Key,
  options: CallSignalContext & DecryptOptionsFor<Key>,
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
  return sealJson(value, { kind: 'realtime', key, options, jsonOnly: true })
}

/**
 * Decrypts any event. As `decryptCallSignalJson` says: events that count once need a `replay` guard.
 *
 * @throws as `decryptChatJson`
 */
export function decryptRealtimeJson<Key extends CryptoKey | EventKeys>(
  envelope: unknown,
  key: Key,
  options: RealtimeContext & DecryptOptionsFor<Key>,
): Promise<unknown> {
  return openJson('realtime', envelope, { key, options })
}

/** The error that says the same as a dropped event. */
export function droppedEventError(event: Dropped): Error {
  const { reason } = event
  switch (reason) {
    case 'unknown-key':
      return unknownKeyError(event)
    case 'epoch-too-old': {
      const { keyId, epoch, minEpoch } = event
      return new E2eeError('ERR_E2EE_EPOCH_TOO_OLD', { keyId, epoch, minEpoch })
    }
    case 'replay':
    case 'late':
    case 'ahead':
    case 'unnumbered':
      return new E2eeError('ERR_E2EE_REPLAYED', { reason })
    default:
      return new E2eeError(
        reason === 'malformed' ? 'ERR_E2EE_MALFORMED' : 'ERR_E2EE_OPEN_FAILED',
        undefined,
      )
  }
}

async function openJson(
  kind: EventKind,
  envelope: unknown,
  given: { readonly key: unknown; readonly options: OpenEventOptions & HistoryOption },
): Promise<unknown> {
  const { verifier, sender } = given.options ?? {}
  if (verifier !== undefined) checkString('sender', sender)
  const opened = await openAs(envelope, { kind, ...given })
  if (opened.type === 'dropped') throw droppedEventError(opened)
  if (isBytes(opened.value)) throw droppedEventError(dropped('malformed'))
  return opened.value
}
