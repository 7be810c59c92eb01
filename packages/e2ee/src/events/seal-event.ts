import { encodeBase64Url } from '@conclave/base'
import { NONCE_BYTES } from '@conclave/crypto'
import type { EventKeys } from '../keys/event-keys.ts'
import type { EventContext } from './event-context.ts'
import { finishSealing, startSealing } from './event-sealing.ts'
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
  const started = startSealing(value, { key, options, jsonOnly: false })
  const { headerBytes, nonce } = started
  const ciphertext = await finishSealing(started)
  const bytes = new Uint8Array(headerBytes.length + NONCE_BYTES + ciphertext.length)
  bytes.set(headerBytes)
  bytes.set(nonce, headerBytes.length)
  bytes.set(ciphertext, headerBytes.length + NONCE_BYTES)
  return bytes
}

/** As {@link sealEvent}; the options need not name the kind. */
export async function sealJson(value: unknown, given: GivenToSeal): Promise<JsonEnvelope> {
  const started = startSealing(value, given)
  const ciphertext = await finishSealing(started)
  // The nonce's 12 bytes fill 16 characters exactly, so the two texts join as the bytes would.
  return encodeJsonEnvelope(
    started.header,
    encodeBase64Url(started.nonce) + encodeBase64Url(ciphertext),
  )
}
