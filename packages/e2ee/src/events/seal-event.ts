import { isBytes } from '../bytes.ts'
import { webCrypto } from '../web-crypto.ts'
import { countSealed, keyStateOf, takeNonce } from './aes-gcm-key.ts'
import { bytesToBase64Url } from '../payload/base64.ts'
import { encodeBody } from './event-body.ts'
import { checkContext, checkMethod, kindOf } from './event-context.ts'
import type { CheckedContext, EventContext, EventKind } from './event-context.ts'
import type { EventCounter } from './event-counter.ts'
import {
  checkName,
  encodeAssociatedData,
  encodeJsonEnvelope,
  headerLengthIn,
  EVENT_FLAGS,
  EVENT_NONCE_BYTES,
  MAX_KEY_VERSION,
} from './event-envelope.ts'
import type { EventHeader, JsonEnvelope } from './event-envelope.ts'
import type { EventKeys, SealingKey } from './event-keys.ts'
import type { EventSigner } from './event-signing.ts'

/** How an event is sealed; all of it is authenticated. */
export interface SealEventOptions {
  /** Names the key in the envelope. With a keyring: left out, or one that it holds. */
  readonly keyId?: string
  /** 0 when left out; with a keyring: the current one's. */
  readonly keyVersion?: number
  /**
   * Who seals: 1 to 255 bytes, visible to carriers. Under a key that several hold this is a claim that any of
   * them can make; signatures prove it.
   */
  readonly sender?: string
  /** Numbers the event, so that receivers with a `ReplayGuard` drop what is sent to them again. Needs `sender`. */
  readonly counter?: EventCounter
  /**
   * Signs, so that receivers with a `verifier` know that no other member speaks as the sender: 64 bytes more,
   * which carriers do not see. Needs `sender`. spec P50
   */
  readonly signer?: EventSigner
  /**
   * Pads the plaintext to one of few lengths: at least 64 bytes, then Padmé, at most 12 % more. Hides how long
   * the value is within its class. Does not hide the class, that something was sent, when, by and to whom, nor
   * how many times. spec P43
   */
  readonly padding?: 'padme'
  /**
   * Puts the event name (of a call signal or a realtime event) into the plaintext. Hides it from carriers, as
   * far as you send all such events under one name: `HIDDEN_EVENT_NAME`. Does not hide what lengths and timing
   * betray (an offer is long, typing is frequent): pad too. spec P44
   */
  readonly hideEventName?: boolean
}

/** The event name to send hidden ones under: one for all. */
export const HIDDEN_EVENT_NAME = 'sealed'

/**
 * Seals a JSON value, or bytes, as an object that survives `JSON.stringify`. All is read before the call
 * returns.
 *
 * @throws TypeError, RangeError that name the argument; always as a rejection
 * @throws E2eeError `ERR_E2EE_TOO_LARGE`, `ERR_E2EE_EXHAUSTED`; with a keyring also `ERR_E2EE_UNKNOWN_KEY`,
 *   `ERR_E2EE_VERSION_TOO_OLD`, `ERR_E2EE_CLOSED`
 */
export function sealEvent(
  value: unknown,
  key: CryptoKey | EventKeys,
  options: EventContext & SealEventOptions,
): Promise<JsonEnvelope> {
  return sealJson(undefined, value, { key, options, jsonOnly: false })
}

/**
 * As {@link sealEvent}, but as bytes: for sockets, data channels and brokers that carry them. A third shorter,
 * and faster.
 */
export async function sealEventBinary(
  value: unknown,
  key: CryptoKey | EventKeys,
  options: EventContext & SealEventOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const { clear, nonce, ciphertext } = startSealing(undefined, value, {
    ...{ key, options, jsonOnly: false },
  })
  const sealed = new Uint8Array(await ciphertext)
  const bytes = new Uint8Array(clear.length + EVENT_NONCE_BYTES + sealed.length)
  bytes.set(clear)
  bytes.set(nonce, clear.length)
  bytes.set(sealed, clear.length + EVENT_NONCE_BYTES)
  return bytes
}

/** {@link sealEvent}; the options name the kind if the caller does not. */
export async function sealJson(
  kind: EventKind | undefined,
  value: unknown,
  given: GivenToSeal,
): Promise<JsonEnvelope> {
  const { header, nonce, ciphertext } = startSealing(kind, value, given)
  const sealed = new Uint8Array(await ciphertext)
  // Twelve bytes fill their sixteen characters: the texts join as the bytes would.
  return encodeJsonEnvelope(header, bytesToBase64Url(nonce) + bytesToBase64Url(sealed))
}

/** The kind that options of either end name. */
export function kindIn(options: unknown): EventKind {
  const kind = (options as { readonly kind?: unknown } | null | undefined)?.kind
  if (kind === 'chat' || kind === 'call' || kind === 'realtime') return kind
  throw new TypeError(`"kind" expected "chat", "call" or "realtime", got ${kindOf(kind)}`)
}

/** What both ends authenticate: spec P22 */
export function associate(
  header: EventHeader,
  { ids, eventName }: CheckedContext,
): Uint8Array<ArrayBuffer> {
  const isClear = eventName !== undefined && (header.flags & EVENT_FLAGS.hiddenName) === 0
  return encodeAssociatedData(header, isClear ? [...ids, eventName] : ids, PREFIX)
}

/** The id of a context that keys may be bound to. spec P38 */
export function contextIdOf(kind: EventKind, { ids }: CheckedContext): string {
  return ids[kind === 'realtime' ? 1 : 0] ?? ''
}

/**
 * @throws TypeError, RangeError
 */
export function checkVersion(name: string, value: unknown): number {
  if (typeof value !== 'number')
    throw new TypeError(`"${name}" expected number, got ${kindOf(value)}`)
  if (Number.isInteger(value) && value >= 0 && value <= MAX_KEY_VERSION) return value
  throw new RangeError(`"${name}" expected an integer from 0 to ${MAX_KEY_VERSION}, got ${value}`)
}

/**
 * Checks what options of either end name, where they do.
 *
 * @throws TypeError, RangeError
 */
export function checkNames(options: {
  readonly keyId?: string
  readonly keyVersion?: number
  readonly sender?: string
}): void {
  const { keyId, keyVersion, sender } = options
  checkName('keyId', keyId)
  if (keyVersion !== undefined) checkVersion('keyVersion', keyVersion)
  checkName('sender', sender)
}

/** Whether a key is a keyring, without importing it. */
export function isEventKeys(key: unknown): key is EventKeys {
  return typeof (key as Partial<EventKeys> | null | undefined)?.openingKey === 'function'
}

interface StartedSealing {
  readonly header: EventHeader
  /** The header in its binary encoding. */
  readonly clear: Uint8Array
  readonly nonce: Uint8Array
  readonly ciphertext: Promise<ArrayBuffer>
}

interface GivenToSeal {
  readonly key: unknown
  readonly options: SealEventOptions
  /** Bytes are refused. */
  readonly jsonOnly: boolean
}

function startSealing(
  givenKind: EventKind | undefined,
  value: unknown,
  { key, options, jsonOnly }: GivenToSeal,
): StartedSealing {
  const kind = givenKind ?? kindIn(options)
  const context = checkContext(kind, options, { nameOptional: false })
  const { keyId, keyVersion, sender = '', counter, signer } = options
  const { padding, hideEventName = false } = options
  checkNames(options)
  if (padding !== undefined && padding !== 'padme') {
    throw new RangeError('"padding" expected "padme"')
  }
  if (typeof hideEventName !== 'boolean' || (hideEventName && !context.eventName)) {
    throw new TypeError('"hideEventName" expected boolean, with an event name')
  }
  if ((counter ?? signer) && !sender)
    throw new TypeError('"sender" expected with "counter" or "signer"')
  let flags = !jsonOnly && isBytes(value) ? EVENT_FLAGS.bytes : 0
  if (padding !== undefined) flags |= EVENT_FLAGS.padded
  if (hideEventName) flags |= EVENT_FLAGS.hiddenName
  if (signer !== undefined) {
    checkMethod('signer', signer, 'sign')
    flags |= EVENT_FLAGS.signed
  }
  const contextId = contextIdOf(kind, context)
  const sealing = isEventKeys(key)
    ? key.sealingKey({ kind, sender, contextId, keyId, keyVersion })
    : takeKey(key, keyId ?? '', keyVersion ?? 0)
  if (sealing.derived) flags |= EVENT_FLAGS.derived
  const place = counter?.take()
  if (place !== undefined) flags |= EVENT_FLAGS.numbered
  const header: EventHeader = {
    kind,
    flags,
    keyId: sealing.keyId,
    keyVersion: sealing.keyVersion,
    sender,
    stream: place?.stream ?? 0,
    sequence: place?.sequence ?? 0,
  }
  const additionalData = associate(header, context)
  const clear = additionalData.subarray(
    PREFIX.length,
    PREFIX.length + headerLengthIn(additionalData, PREFIX.length),
  )
  const body = { flags, hiddenName: context.eventName ?? '' }
  if (sealing.key instanceof Promise || signer !== undefined) {
    const plaintext = encodeBody(value, body)
    const iv = crypto.getRandomValues(new Uint8Array(EVENT_NONCE_BYTES))
    const parameters = { name: 'AES-GCM', iv, additionalData }
    const content = signer?.sign({ associatedData: additionalData, plaintext }) ?? plaintext
    const ciphertext = Promise.all([sealing.key, content]).then(([ready, body]) =>
      webCrypto().encrypt(parameters, ready, body),
    )
    return { header, clear, nonce: iv, ciphertext }
  }
  const state = keyStateOf('key', sealing.key)
  const nonce = takeNonce(state)
  const parameters = { name: 'AES-GCM', iv: nonce, additionalData }
  const subtle = webCrypto()
  // The last that may run code of the caller's, who may seal again in it: from here on the room is this call's.
  const room = (state.room ??= new Uint8Array(ROOM_BYTES))
  const plaintext = encodeBody(value, body, room)
  const ciphertext = subtle.encrypt(parameters, sealing.key, plaintext)
  // It outlives the call, and the value lies in it also where padding or a name made a copy.
  room.fill(0)
  return { header, clear, nonce, ciphertext }
}

function takeKey(key: unknown, keyId: string, keyVersion: number): SealingKey {
  const state = keyStateOf('key', key)
  if (!state.canSeal) throw new TypeError('"key" expected a key whose usages include "encrypt"')
  countSealed(state)
  return { keyId, keyVersion, derived: false, key: key as CryptoKey }
}

const ROOM_BYTES = 16_384
const PREFIX = new TextEncoder().encode('conclave/1 event\0')
