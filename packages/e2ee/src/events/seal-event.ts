import { encodeBase64Url } from '@conclave/base'
import type { EventKeys } from '../keys/event-keys.ts'
import type { EventContext } from './event-context.ts'
import { sealEnvelope } from './event-sealing.ts'
import type { GivenToSeal } from './event-sealing.ts'
import { encodeJsonEnvelope } from './json-envelope.ts'
import type { JsonEnvelope } from './json-envelope.ts'
import type { SealEventOptions } from './seal-event-options.ts'

/** The event name to send hidden ones under: one for all. */
export const HIDDEN_EVENT_NAME = 'sealed'

/**
 * Seals a JSON value, or bytes, as an object that survives `JSON.stringify`. Everything is read before the call
 * returns.
 *
 * @throws TypeError, RangeError that name the argument; always as a rejection
 * @throws E2eeError `ERR_E2EE_TOO_LARGE`, `ERR_E2EE_EXHAUSTED`; with a keyring or a key source also
 *   `ERR_E2EE_UNKNOWN_KEY`, `ERR_E2EE_EPOCH_TOO_OLD`, `ERR_E2EE_CLOSED`
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export function sealEvent(
  value: unknown,
  key: CryptoKey | EventKeys,
  options: EventContext & SealEventOptions,
): Promise<JsonEnvelope> {
  return sealJson(value, { key, options, jsonOnly: false })
}

/**
 * As {@link sealEvent}, but as bytes: for sockets, data channels and brokers that carry them. A third shorter,
 * and faster.
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function sealEventBinary(
  value: unknown,
  key: CryptoKey | EventKeys,
  options: EventContext & SealEventOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  return (await sealEnvelope(value, { key, options, jsonOnly: false, isBinary: true })).bytes
}

/** As {@link sealEvent}; the options need not name the kind. */
export async function sealJson(value: unknown, given: GivenToSeal): Promise<JsonEnvelope> {
  const { header, bytes } = await sealEnvelope(value, given)
  return encodeJsonEnvelope(header, encodeBase64Url(bytes))
}
