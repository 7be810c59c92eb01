import { checkInteger, checkMethods, checkString } from '@conclave/base'
import { NONCE_BYTES, SIGNATURE_BYTES } from '@conclave/crypto'
import { dropped, droppedForKey, UNKNOWN_KEY } from '../core/dropped.ts'
import type { Dropped } from '../core/dropped.ts'
import { decryptUnder } from '../core/keyed-cipher.ts'
import { toEpoch } from '../keys/epoch.ts'
import { always } from '../keys/event-keys.ts'
import type { EventKeys, KeyName, OpeningKey } from '../keys/event-keys.ts'
import { encodeAssociatedData } from './associated-data.ts'
import { decodeBody } from './event-body.ts'
import type { EventKind, ExpectedEventContext } from './event-context.ts'
import { decodeEnvelope } from './event-envelope.ts'
import { EVENT_FLAGS, isNumbered, MAX_EVENT_BYTES } from './event-header.ts'
import type { EventHeader, ParsedEnvelope } from './event-header.ts'
import { checkOptions } from './event-options.ts'
import type { CheckedOptions } from './event-options.ts'
import { eventPurpose } from './event-purpose.ts'
import type { EventVerifier } from './event-signing.ts'
import type { ReplayGuard } from './replay-guard.ts'

/** The expectations of a receiver. An event that does not meet them is dropped. */
export interface OpenEventOptions {
  /** The key id that it must name; without it a bare key opens whatever id the envelope says. */
  readonly keyId?: string
  /** The exact epoch that it must name. */
  readonly keyVersion?: number | bigint
  /** The lowest epoch that it may name: an old key that leaked since opens nothing. spec P31 */
  readonly minKeyVersion?: number | bigint
  /** The sender that must have sealed it, as far as keys tell. */
  readonly sender?: string
  /** This receiver's own name as a sender: its own events that a carrier brings back are `reflected`. spec P58 */
  readonly self?: string
  /**
   * Drops an event that was opened before. The event must be numbered then. `'none'`: no replay protection, so that an event opens
   * any number of times, also one's own unless `self` is given. spec P40, P59
   */
  readonly replay?: ReplayGuard | 'none'
  /** Requires the sender's signature, so that other holders of the key cannot speak as the sender. spec P52 */
  readonly verifier?: EventVerifier
  /** The most bytes of a body; 1 MiB when left out, which is also the most that can be said. */
  readonly maxBytes?: number
}

/** A receiver's word on replays. spec P59 */
export type ReplayChoice =
  | { readonly replay: ReplayGuard | 'none'; readonly self: string }
  | { readonly replay: 'none' }

/**
 * The expectations of a receiver by its key. A bare key binds the context and nothing else; under a keyring or a key source a
 * receiver must give a replay guard and its own name, or refuse replay protection with `'none'`. spec P59
 */
export type OpenOptionsFor<Key> = OpenEventOptions &
  ([Key] extends [CryptoKey] ? unknown : ReplayChoice)

/** The option of a receiver that reads what was said earlier. */
export interface HistoryOption {
  /**
   * Opens events under keys that are held for history too, as `history`. You must not act upon those as upon what is said
   * now: a key for history may be that of a person who was removed. spec P56
   */
  readonly history?: boolean
}

/** An event that authenticated; as `history` under a key that is held for history only. */
export interface OpenedEvent<Type extends 'opened' | 'history' = 'opened'> extends KeyName {
  readonly type: Type
  readonly kind: EventKind
  /** As `JSON.parse` makes it, or a `Uint8Array` when bytes were sealed. You must check its shape. */
  readonly value: unknown
  /** The sender that the holder of the key claims; `undefined` when the event names none. */
  readonly sender: string | undefined
  /** `undefined` for a chat message. */
  readonly eventName: string | undefined
  /** The place among the sender's events, when it is numbered. Where order counts, order by this. */
  readonly place: { readonly stream: number; readonly sequence: number } | undefined
  /** The sender's public key whose signature verified; `undefined` where no `verifier` was given. */
  readonly signedBy: Uint8Array<ArrayBuffer> | undefined
}

/** The answer for something that claimed to be an event. */
export type OpenedOrDroppedEvent = OpenedEvent | Dropped

/** The answer where history is asked for. */
export type OpenedHistoryOrDroppedEvent = OpenedEvent<'history'> | OpenedOrDroppedEvent

/**
 * Opens an envelope of either encoding. Answers `dropped`, never throws, whatever the envelope is; its bytes are
 * read before the call returns.
 *
 * @throws TypeError, RangeError that name an argument of the caller's own; always as a rejection
 * @throws E2eeError `ERR_E2EE_STORAGE`
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`, with a verifier
 */
export function openEvent<Key extends CryptoKey | EventKeys>(
  envelope: unknown,
  key: Key,
  options: ExpectedEventContext & OpenOptionsFor<Key> & Required<HistoryOption>,
): Promise<OpenedHistoryOrDroppedEvent>
export function openEvent<Key extends CryptoKey | EventKeys>(
  envelope: unknown,
  key: Key,
  options: ExpectedEventContext & OpenOptionsFor<Key>,
): Promise<OpenedOrDroppedEvent>
export function openEvent(
  envelope: unknown,
  key: CryptoKey | EventKeys,
  options: ExpectedEventContext & OpenEventOptions,
): Promise<OpenedHistoryOrDroppedEvent> {
  return openAs(envelope, { key, options })
}

/** As {@link openEvent}; the options name the kind if the caller does not. */
export async function openAs(
  envelope: unknown,
  {
    kind,
    key,
    options,
  }: {
    readonly kind?: EventKind
    readonly key: unknown
    readonly options: OpenEventOptions & HistoryOption
  },
): Promise<OpenedHistoryOrDroppedEvent> {
  const checked = checkOptions(options, { kind, key, use: 'open' })
  const expected = checkExpectations(options, checked)
  const parsed = decodeEnvelope(envelope)
  if (parsed === undefined) return dropped('malformed')
  const { header } = parsed
  if (checked.self === header.sender) return dropped('reflected')
  if (!isExpected(header, checked)) return dropped('not-authentic')
  const opening = findOpeningKey(header, { key, expected })
  if (opening.type !== 'key') return droppedForKey(opening, header)
  const { replay, verifier } = expected
  if (verifier && (header.flags & EVENT_FLAGS.signed) === 0) return dropped('unsigned')
  if (replay === undefined) return await decrypt(parsed, opening, expected)
  if (!isNumbered(header)) return dropped('unnumbered')
  const event = { ...header, contextId: checked.contextId }
  const refusal = replay.peek(event)
  if (refusal !== undefined) return dropped(refusal)
  return replay.admit(event, decrypt(parsed, opening, expected))
}

interface Expected {
  readonly checked: CheckedOptions
  readonly minEpoch: bigint
  readonly maxBytes: number
  readonly replay: ReplayGuard | undefined
  readonly verifier: EventVerifier | undefined
  readonly history: boolean | undefined
}

async function decrypt(
  { header, box }: ParsedEnvelope,
  opening: Extract<OpeningKey, { type: 'key' }>,
  expected: Expected,
): Promise<OpenedHistoryOrDroppedEvent> {
  const { kind, flags, keyId, epoch, sender, stream, sequence } = header
  const additionalData = encodeAssociatedData(header, expected.checked.context).bytes
  const nonce = box.subarray(0, NONCE_BYTES)
  const decrypted = await decryptUnder(
    opening,
    { nonce, additionalData },
    box.subarray(NONCE_BYTES),
  )
  if (decrypted === undefined) return dropped('not-authentic')
  if ('type' in decrypted) return droppedForKey(decrypted, header)
  const { verifier } = expected
  let content = decrypted
  let signedBy: Uint8Array<ArrayBuffer> | undefined
  if ((flags & EVENT_FLAGS.signed) !== 0) {
    if (content.length < SIGNATURE_BYTES) return dropped('malformed')
    signedBy = await verifier?.verify({ sender, associatedData: additionalData, content })
    if (verifier && !signedBy) return dropped('not-authentic')
    content = content.subarray(SIGNATURE_BYTES)
  }
  if (!opening.confirm()) return droppedForKey(UNKNOWN_KEY, header)
  const body = decodeBody(content, { flags, maxBytes: expected.maxBytes })
  if (body === undefined) return dropped('malformed')
  const { givenName } = expected.checked.context
  if (body.eventName !== undefined && givenName !== undefined && body.eventName !== givenName) {
    return dropped('not-authentic')
  }
  return {
    type: opening.isHistory ? 'history' : 'opened',
    kind,
    value: body.value,
    keyId,
    epoch,
    sender: sender || undefined,
    eventName: body.eventName ?? givenName,
    place: isNumbered(header) ? { stream, sequence } : undefined,
    signedBy,
  }
}

/** Compares the envelope with the caller's context; a false envelope would not authenticate either. */
function isExpected(header: EventHeader, expected: CheckedOptions): boolean {
  const { kind, context, sender, epoch } = expected
  const isNamed =
    kind === 'chat' ||
    context.eventName !== undefined ||
    (header.flags & EVENT_FLAGS.hiddenName) !== 0
  return (
    header.kind === kind &&
    isNamed &&
    (sender === undefined || header.sender === sender) &&
    (epoch === undefined || header.epoch === epoch)
  )
}

function findOpeningKey(
  header: EventHeader,
  { key, expected }: { readonly key: unknown; readonly expected: Expected },
): OpeningKey {
  const { keyId, epoch, sender, kind } = header
  const { minEpoch, history } = expected
  const { contextId, eventKeys } = expected.checked
  if (epoch < minEpoch) return { type: 'epoch-too-old', minEpoch }
  if (expected.checked.keyId !== undefined && keyId !== expected.checked.keyId) return UNKNOWN_KEY
  const derived = (header.flags & EVENT_FLAGS.derived) !== 0
  if (eventKeys !== undefined) {
    const purpose = eventPurpose(kind)
    return eventKeys.openingKey({ purpose, sender, contextId, keyId, epoch, derived, history })
  }
  // A derived key is another one than the caller's.
  if (derived) return UNKNOWN_KEY
  return { type: 'key', key: key as CryptoKey, confirm: always }
}

function checkExpectations(
  options: OpenEventOptions & HistoryOption,
  checked: CheckedOptions,
): Expected {
  const { minKeyVersion, maxBytes = MAX_EVENT_BYTES, verifier, history } = options
  checkInteger('maxBytes', maxBytes, { min: 0, max: MAX_EVENT_BYTES })
  const replay = checkReplay(options, checked)
  if (verifier !== undefined) checkMethods('verifier', verifier, 'verify')
  const minEpoch = minKeyVersion === undefined ? 0n : toEpoch('minKeyVersion', minKeyVersion)
  return { checked, minEpoch, maxBytes, replay, verifier, history }
}

/** @throws TypeError where a receiver must say more. spec P59 */
function checkReplay(
  { replay }: OpenEventOptions,
  { eventKeys, self }: CheckedOptions,
): ReplayGuard | undefined {
  if (replay === 'none') return undefined
  if (eventKeys !== undefined) {
    if (replay === undefined) throw new TypeError('"replay" expected a ReplayGuard or "none"')
    checkString('self', self)
  }
  if (replay !== undefined) checkMethods('replay', replay, 'admit')
  return replay
}
