import { SIGNATURE_BYTES } from '../ed25519.ts'
import { webCrypto } from '../web-crypto.ts'
import { keyStateOf } from './aes-gcm-key.ts'
import { decodeBody } from './event-body.ts'
import { checkContext, checkMethod } from './event-context.ts'
import type { CheckedContext, EventKind, ExpectedEventContext } from './event-context.ts'
import { EVENT_FLAGS, EVENT_NONCE_BYTES, MAX_EVENT_BYTES, parseEnvelope } from './event-envelope.ts'
import type { EventHeader, ParsedEnvelope } from './event-envelope.ts'
import type { EventKeys, OpeningKey } from './event-keys.ts'
import type { EventVerifier } from './event-signing.ts'
import type { ReplayGuard } from './replay-guard.ts'
import {
  associate,
  checkNames,
  checkVersion,
  contextIdOf,
  isEventKeys,
  kindIn,
} from './seal-event.ts'

/** What the receiver of an event insists on. */
export interface OpenEventOptions {
  /** The key id that it must name; without it a bare key opens whatever id the envelope says. */
  readonly keyId?: string
  /** The very version that it must name. */
  readonly keyVersion?: number
  /** The lowest version that it may name: no old key, leaked since, is good any more. spec P31 */
  readonly minKeyVersion?: number
  /** Who must have sealed it, as far as keys tell. */
  readonly sender?: string
  /** Drops what was opened before. The event must be numbered then. spec P40 */
  readonly replay?: ReplayGuard
  /** Insists on a signature of the sender's: who else has the key cannot speak as the sender. spec P52 */
  readonly verifier?: EventVerifier
  /** The most bytes of a body; 1 MiB when left out, which is also the most that can be said. */
  readonly maxBytes?: number
}

/** An event that authenticated. */
export interface OpenedEvent {
  readonly type: 'opened'
  readonly kind: EventKind
  /** As `JSON.parse` makes it, or a `Uint8Array` when bytes were sealed. You must check its shape. */
  readonly value: unknown
  readonly keyId: string
  readonly keyVersion: number
  /** Who sealed it, as the holder of the key says; `undefined` when it does not. */
  readonly sender: string | undefined
  /** `undefined` for a chat message. */
  readonly eventName: string | undefined
  /** The place among the sender's events, when it is numbered. Where order counts, order by this. */
  readonly place: { readonly stream: number; readonly sequence: number } | undefined
  /** The sender's public key whose signature verified; `undefined` where no `verifier` was given. */
  readonly signedBy: Uint8Array<ArrayBuffer> | undefined
}

/** An event that was dropped; nothing has changed but this answer. spec P30 */
export type DroppedEvent =
  | {
      readonly type: 'dropped'
      readonly reason: 'unknown-key'
      readonly keyId: string
      readonly keyVersion: number
    }
  | {
      readonly type: 'dropped'
      readonly reason: 'version-too-old'
      readonly keyId: string
      readonly keyVersion: number
      readonly minKeyVersion: number
    }
  | {
      readonly type: 'dropped'
      readonly reason:
        | 'malformed'
        | 'not-authentic'
        | 'replay'
        | 'late'
        | 'unnumbered'
        | 'unsigned'
        | 'too-many-senders'
    }

/** What became of something that claimed to be an event. */
export type OpenedOrDroppedEvent = OpenedEvent | DroppedEvent

/**
 * Opens an envelope of either encoding. Answers `dropped`, never throws, whatever the envelope is; its bytes are
 * read before the call returns.
 *
 * @throws TypeError, RangeError that name an argument of the caller's own; always as a rejection
 * @throws E2eeError `ERR_E2EE_STORAGE`, and whatever else the storage of a replay guard throws; with a verifier
 *   CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export function openEvent(
  envelope: unknown,
  key: CryptoKey | EventKeys,
  options: ExpectedEventContext & OpenEventOptions,
): Promise<OpenedOrDroppedEvent> {
  return openAs(undefined, envelope, { key, options })
}

/** {@link openEvent}; the options name the kind if the caller does not. */
export async function openAs(
  givenKind: EventKind | undefined,
  envelope: unknown,
  { key, options }: { readonly key: unknown; readonly options: OpenEventOptions },
): Promise<OpenedOrDroppedEvent> {
  const kind = givenKind ?? kindIn(options)
  const context = checkContext(kind, options, { nameOptional: true })
  checkExpectations(options)
  if (!isEventKeys(key) && !keyStateOf('key', key).canOpen) {
    throw new TypeError('"key" expected a key whose usages include "decrypt"')
  }
  const parsed = parseEnvelope(envelope)
  if (parsed === undefined) return dropped('malformed')
  const { header } = parsed
  if (!isExpected(header, { kind, context, options })) return dropped('not-authentic')
  const { keyId, keyVersion } = header
  const opening = findKey(header, { key, options, contextId: contextIdOf(kind, context) })
  if (opening.type === 'unknown-key')
    return { type: 'dropped', reason: opening.type, keyId, keyVersion }
  if (opening.type !== 'key')
    return { ...opening, type: 'dropped', reason: opening.type, keyId, keyVersion }
  const { replay, verifier } = options
  if (verifier && (header.flags & EVENT_FLAGS.signed) === 0) return dropped('unsigned')
  const numbered = (header.flags & EVENT_FLAGS.numbered) !== 0
  if (replay === undefined) return decrypt(parsed, opening, { context, options })
  if (!numbered) return dropped('unnumbered')
  const refusal = replay.peek(header)
  if (refusal !== undefined) return dropped(refusal)
  return replay.admit(header, decrypt(parsed, opening, { context, options }))
}

async function decrypt(
  { header, box }: ParsedEnvelope,
  opening: Extract<OpeningKey, { type: 'key' }>,
  { context, options }: { readonly context: CheckedContext; readonly options: OpenEventOptions },
): Promise<OpenedOrDroppedEvent> {
  const { kind, flags, keyId, keyVersion, sender, stream, sequence } = header
  const { key } = opening
  const unknownKey = { type: 'dropped', reason: 'unknown-key', keyId, keyVersion } as const
  const parameters = {
    name: 'AES-GCM',
    iv: box.subarray(0, EVENT_NONCE_BYTES),
    additionalData: associate(header, context),
  }
  let sealed = box.subarray(EVENT_NONCE_BYTES)
  let ready: CryptoKey
  let plaintext: ArrayBuffer
  if (key instanceof Promise) {
    // The envelope is the caller's, who may change it while the key is derived.
    parameters.iv = parameters.iv.slice()
    sealed = sealed.slice()
    try {
      ready = await key
    } catch (error) {
      // Without the table of all codes that `isE2eeError` brings along.
      if ((error as { readonly code?: unknown }).code !== 'ERR_E2EE_UNKNOWN_KEY') throw error
      return unknownKey
    }
  } else ready = key
  try {
    plaintext = await webCrypto().decrypt(parameters, ready, sealed)
  } catch {
    return dropped('not-authentic')
  }
  const { maxBytes = MAX_EVENT_BYTES, verifier } = options
  let content = new Uint8Array(plaintext)
  let signedBy: Uint8Array<ArrayBuffer> | undefined
  if ((flags & EVENT_FLAGS.signed) !== 0) {
    if (content.length < SIGNATURE_BYTES) return dropped('malformed')
    const associatedData = parameters.additionalData
    signedBy = await verifier?.verify({ sender, associatedData, content })
    if (verifier && !signedBy) return dropped('not-authentic')
    content = content.subarray(SIGNATURE_BYTES)
  }
  if (!opening.confirm(ready)) return unknownKey
  const body = decodeBody(content, { flags, maxBytes })
  if (body === undefined) return dropped('malformed')
  const { eventName } = options as { readonly eventName?: string }
  if (body.eventName !== undefined && eventName !== undefined && body.eventName !== eventName) {
    return dropped('not-authentic')
  }
  return {
    type: 'opened',
    kind,
    value: body.value,
    keyId,
    keyVersion,
    sender: sender || undefined,
    eventName: body.eventName ?? (kind === 'chat' ? undefined : eventName),
    place: (flags & EVENT_FLAGS.numbered) === 0 ? undefined : { stream, sequence },
    signedBy,
  }
}

/** What the envelope says against what the caller knows; a lie here would not authenticate either. */
function isExpected(
  header: EventHeader,
  expected: {
    readonly kind: EventKind
    readonly context: CheckedContext
    readonly options: OpenEventOptions
  },
): boolean {
  const { sender, keyVersion } = expected.options
  const isNamed =
    expected.kind === 'chat' ||
    expected.context.eventName !== undefined ||
    (header.flags & EVENT_FLAGS.hiddenName) !== 0
  return (
    header.kind === expected.kind &&
    isNamed &&
    (sender === undefined || header.sender === sender) &&
    (keyVersion === undefined || header.keyVersion === keyVersion)
  )
}

function findKey(
  header: EventHeader,
  given: { readonly key: unknown; readonly options: OpenEventOptions; readonly contextId: string },
): OpeningKey {
  const { key, contextId } = given
  const { keyId, minKeyVersion = 0 } = given.options
  if (header.keyVersion < minKeyVersion) return { type: 'version-too-old', minKeyVersion }
  if (keyId !== undefined && header.keyId !== keyId) return { type: 'unknown-key' }
  if (isEventKeys(key)) return key.openingKey(header, contextId)
  // A derived key is another one than the caller's.
  if ((header.flags & EVENT_FLAGS.derived) !== 0) return { type: 'unknown-key' }
  return { type: 'key', key: key as CryptoKey, confirm: always }
}

function checkExpectations(options: OpenEventOptions): void {
  const { minKeyVersion, maxBytes, replay, verifier } = options
  checkNames(options)
  if (minKeyVersion !== undefined) checkVersion('minKeyVersion', minKeyVersion)
  if (maxBytes !== undefined && checkVersion('maxBytes', maxBytes) > MAX_EVENT_BYTES) {
    throw new RangeError(`"maxBytes" expected ${MAX_EVENT_BYTES} at most, got ${maxBytes}`)
  }
  if (replay !== undefined) checkMethod('replay', replay, 'admit')
  if (verifier !== undefined) checkMethod('verifier', verifier, 'verify')
}

const always = (): boolean => true

const dropped = (
  reason: Exclude<DroppedEvent['reason'], 'unknown-key' | 'version-too-old'>,
): DroppedEvent => ({ type: 'dropped', reason })
