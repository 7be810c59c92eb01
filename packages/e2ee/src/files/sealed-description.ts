import { checkString } from '@conclave/base'
import type { EventContext, ExpectedEventContext } from '../events/event-context.ts'
import type { JsonEnvelope } from '../events/json-envelope.ts'
import type { EventKeys } from '../keys/event-keys.ts'
import { droppedEventError } from '../events/chat-json.ts'
import type { DecryptOptionsFor } from '../events/chat-json.ts'
import { openAs } from '../events/open-event.ts'
import { sealEvent } from '../events/seal-event.ts'
import type { SealEventOptions } from '../events/seal-event-options.ts'
import { encodeFileDescription, parseFileDescription } from './file-description.ts'
import type { FileDescription } from './file-description.ts'
import { malformedError } from './file-errors.ts'

/**
 * Seals a description as an event, for those who hold the key of the room: this is what wraps the key of the file. Always
 * padded, so that carriers see the length of a name only by size class. `envelopeToBinary` makes bytes of it. spec F8
 *
 * @throws as `sealEvent`; TypeError for anything but a description
 */
export async function sealFileDescription(
  description: FileDescription,
  key: CryptoKey | EventKeys,
  options: EventContext & Omit<SealEventOptions, 'padding'>,
): Promise<JsonEnvelope> {
  return sealEvent(encodeFileDescription(description), key, { ...options, padding: 'padme' })
}

/**
 * Opens an event of {@link sealFileDescription}. The description is a claim of the sender that the event names. With a keyring or a
 * key source you must give `replay` and `self`, or refuse with `replay: 'none'`, and with a `verifier` the `sender`. spec P59
 *
 * @throws TypeError, RangeError that name an argument of the caller's own; always as a rejection
 * @throws E2eeError as `decryptChatJson`; `ERR_E2EE_MALFORMED` also for an event that holds something else
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function openFileDescription<Key extends CryptoKey | EventKeys>(
  envelope: unknown,
  key: Key,
  options: ExpectedEventContext & DecryptOptionsFor<Key>,
): Promise<FileDescription> {
  if (options?.verifier !== undefined) checkString('sender', options.sender)
  const opened = await openAs(envelope, { key, options })
  if (opened.type === 'dropped') throw droppedEventError(opened)
  const description = parseFileDescription(opened.value)
  if (description === undefined) throw malformedError('description of a file')
  return description
}
