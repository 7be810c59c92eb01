import { systemClock } from '@conclave/base'
import type { Clock } from '@conclave/base'
import { EventCounter, isEventKeys, ReplayGuard, toEpoch } from '@conclave/e2ee'
import type {
  CallSignalContext,
  EventKeys,
  EventSigner,
  EventVerifier,
  RealtimeContext,
} from '@conclave/e2ee'
import type { AnyEvents } from './channel-events.ts'
import { MAX_KEPT_EVENTS } from '../limits.ts'

/** Where the events of a channel belong; the event name is added to it. An event of another context does not open. */
export type ChannelContext =
  | (Omit<RealtimeContext, 'eventName'> & { readonly kind: 'realtime' })
  | (Omit<CallSignalContext, 'eventName'> & { readonly kind: 'call' })

/** How the events of a channel are sealed and opened. */
export interface SealedChannelOptions<Events extends object = AnyEvents> {
  /** A keyring, a key source, or one AES-256-GCM key. */
  readonly keys: CryptoKey | EventKeys
  readonly context: ChannelContext
  /**
   * Names this device among those that send: 1 to 255 bytes, visible to carriers, the same after a reload. You
   * must give no two devices or tabs the same.
   */
  readonly sender: string
  /** The name of a bare key, in envelopes; a keyring or a key source names its keys itself. */
  readonly keyId?: string
  /** The epoch of a bare key. */
  readonly keyVersion?: number | bigint
  /** The lowest epoch that an arriving event may name. */
  readonly minKeyVersion?: number | bigint
  /** Numbers what is sent; left out: one of this channel's own. */
  readonly counter?: EventCounter
  /** Where the channel's own counter begins; the machine's time when left out. */
  readonly clock?: Clock
  /**
   * Drops what was opened before; left out: one that forgets with the page. `false`: what comes again opens again,
   * and what has no number opens.
   */
  readonly replay?: ReplayGuard | false
  /** Signs what is sent, by `createSigner` of `@conclave/e2ee/signing`. */
  readonly signer?: EventSigner
  /** Opens only what its sender signed, by a `SignerDirectory` of `@conclave/e2ee/signing`. spec T16 */
  readonly verifier?: EventVerifier
  /** Hides how long values are, within classes. See `SealEventOptions`. */
  readonly padding?: 'padme'
  /** Sends every event under one name, the real one inside. Those of others open either way. */
  readonly hideEventNames?: boolean
  /** How many events may wait for a key that is not held; 0 when left out, 512 at most. spec T10 */
  readonly keepUnknown?: number
  /** Says of an authentic value whether it is what handlers take; without one you must check in the handler. */
  readonly checks?: {
    readonly [N in keyof Events]?: (value: unknown) => value is Events[N]
  }
}

/** Options after their check, with what stands for those that were left out. */
export interface CheckedOptions {
  readonly keys: CryptoKey | EventKeys
  readonly context: ChannelContext
  readonly sender: string
  readonly counter: EventCounter
  readonly hideEventNames: boolean
  readonly keepUnknown: number
  readonly checks: { readonly [eventName: string]: ((value: unknown) => boolean) | undefined }
  readonly sealing: {
    readonly keyId?: string
    readonly keyVersion?: number | bigint
    readonly padding?: 'padme'
    readonly signer?: EventSigner
  }
  readonly opening: {
    readonly keyId?: string
    readonly keyVersion?: number | bigint
    readonly minKeyVersion?: number | bigint
    readonly replay?: ReplayGuard
    readonly verifier?: EventVerifier
  }
}

/**
 * Checks what `sealEvent` and `openEvent` would say too late: when the first event fails.
 *
 * @throws TypeError, RangeError that name the argument
 */
export function checkOptions(options: unknown): CheckedOptions {
  checkObject('options', options)
  const given = options as SealedChannelOptions
  const { sender, keyId, keyVersion, minKeyVersion, padding, replay } = given
  const { hideEventNames = false, keepUnknown = 0, checks = {} } = given
  const context = checkContext(given.context)
  const keys = checkKeys(given.keys)
  if (isEventKeys(keys) && (keyId !== undefined || keyVersion !== undefined)) {
    throw new TypeError(
      `"${keyId === undefined ? 'keyVersion' : 'keyId'}" expected with a bare key alone`,
    )
  }
  checkText('sender', sender, 255)
  if (isEventKeys(keys)) keys.checkSender('sender', sender)
  if (keyId !== undefined) checkText('keyId', keyId, 255)
  toEpoch('keyVersion', keyVersion ?? 0)
  toEpoch('minKeyVersion', minKeyVersion ?? 0)
  checkInteger('keepUnknown', keepUnknown, MAX_KEPT_EVENTS)
  if (padding !== undefined && padding !== 'padme') {
    throw new RangeError('"padding" expected "padme" or nothing')
  }
  if (typeof hideEventNames !== 'boolean') {
    throw new TypeError(`"hideEventNames" expected boolean, got ${kindOf(hideEventNames)}`)
  }
  checkObject('checks', checks)
  for (const check of Object.values(checks)) {
    if (typeof check === 'function') continue
    throw new TypeError(`"checks" expected functions, got ${kindOf(check)}`)
  }
  const { signer, verifier, clock = systemClock } = given
  checkMethod('clock', clock, 'now')
  const { counter = new EventCounter({ now: clock.now() }) } = given
  checkMethod('counter', counter, 'take')
  const guard = replay === undefined ? new ReplayGuard() : replay
  if (guard !== false) checkMethod('replay', guard, 'admit')
  if (signer !== undefined) checkMethod('signer', signer, 'sign')
  if (verifier !== undefined) checkMethod('verifier', verifier, 'verify')
  const name = {
    ...(keyId !== undefined && { keyId }),
    ...(keyVersion !== undefined && { keyVersion }),
  }
  return {
    keys,
    context,
    sender,
    counter,
    hideEventNames,
    keepUnknown,
    // Own properties alone: an event name may be the name of something inherited.
    checks: Object.assign(Object.create(null), checks),
    sealing: {
      ...name,
      ...(padding !== undefined && { padding }),
      ...(signer !== undefined && { signer }),
    },
    opening: {
      ...name,
      ...(minKeyVersion !== undefined && { minKeyVersion }),
      ...(guard !== false && { replay: guard }),
      ...(verifier !== undefined && { verifier }),
    },
  }
}

/** @throws TypeError for anything else. */
export function checkObject(name: string, value: unknown): asserts value is object {
  if (typeof value === 'object' && value !== null) return
  throw new TypeError(`"${name}" expected an object, got ${kindOf(value)}`)
}

/** @throws TypeError, RangeError for anything but a number of bytes, or nothing. */
export function checkBytes(name: string, value: unknown): void {
  if (value === undefined) return
  checkInteger(name, value, Number.MAX_SAFE_INTEGER)
}

function checkContext(context: unknown): ChannelContext {
  checkObject('context', context)
  const { kind, scope, scopeId, callId } = context as Readonly<Record<string, unknown>>
  if (kind === 'realtime') {
    checkText('scope', scope, 1024)
    checkText('scopeId', scopeId, 1024)
    return { kind, scope, scopeId }
  }
  if (kind === 'call') {
    checkText('callId', callId, 1024)
    return { kind, callId }
  }
  throw new TypeError(`"kind" expected "realtime" or "call", got ${kindOf(kind)}`)
}

function checkKeys(keys: unknown): CryptoKey | EventKeys {
  if (isEventKeys(keys)) return keys
  if (Object.prototype.toString.call(keys) === '[object CryptoKey]') return keys as CryptoKey
  throw new TypeError(`"keys" expected CryptoKey, Keyring or KeySource, got ${kindOf(keys)}`)
}

function checkMethod(name: string, value: unknown, method: string): void {
  const has = (value as Readonly<Record<string, unknown>> | null)?.[method]
  if (typeof has === 'function') return
  throw new TypeError(`"${name}" expected an object with ${method}(), got ${kindOf(value)}`)
}

function checkText(name: string, value: unknown, maxBytes: number): asserts value is string {
  if (typeof value !== 'string') {
    throw new TypeError(`"${name}" expected string, got ${kindOf(value)}`)
  }
  const bytes = new TextEncoder().encode(value)
  if (bytes.length < 1 || bytes.length > maxBytes || !isWellFormed(value)) {
    throw new RangeError(`"${name}" expected 1 to ${maxBytes} bytes of well-formed text`)
  }
}

function checkInteger(name: string, value: unknown, max: number): void {
  if (typeof value !== 'number') {
    throw new TypeError(`"${name}" expected number, got ${kindOf(value)}`)
  }
  if (!Number.isInteger(value) || value < 0 || value > max) {
    throw new RangeError(`"${name}" expected an integer from 0 to ${max}, got ${value}`)
  }
}

/** What messages about wrong types say. */
export function kindOf(value: unknown): string {
  return value === null ? 'null' : `type=${typeof value}`
}

/** Whether text has no half of a surrogate pair. */
export function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text)
}
