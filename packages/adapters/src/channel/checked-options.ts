import {
  checkInteger,
  checkMethods,
  checkObject,
  checkString,
  checkText,
  describeType,
  systemClock,
} from '@conclave/base'
import { EventCounter, isEventKeys, ReplayGuard, toEpoch } from '@conclave/e2ee'
import type { EventKeys, EventSigner, EventVerifier } from '@conclave/e2ee'
import { MAX_KEPT_EVENTS } from '../limits.ts'
import type { ChannelContext, SealedChannelOptions } from './channel-options.ts'
import { checkClearNames } from './clear-names.ts'
import type { EventTransport } from './transport.ts'

/** Checked options, with defaults for those that were left out. */
export interface CheckedOptions {
  readonly keys: CryptoKey | EventKeys
  readonly context: ChannelContext
  readonly sender: string
  readonly counter: EventCounter
  readonly hideEventNames: boolean
  readonly clear: ReadonlySet<string>
  readonly keepUnknown: number
  readonly checks: { readonly [eventName: string]: ((value: unknown) => boolean) | undefined }
  readonly sealing: KeyNameOptions & {
    readonly padding?: 'padme'
    readonly signer?: EventSigner
  }
  readonly opening: KeyNameOptions & {
    readonly minKeyVersion?: number | bigint
    readonly replay: ReplayGuard | 'none'
    readonly verifier?: EventVerifier
  }
}

/**
 * Checks all options when the channel is made: `sealEvent` and `openEvent` would fail at the first event. The transport
 * says which names it carries.
 *
 * @throws TypeError, RangeError that name the argument. spec T15
 */
export function checkOptions(
  options: unknown,
  transport: Pick<EventTransport, 'checkName'>,
): CheckedOptions {
  checkObject('options', options)
  const given = options as SealedChannelOptions
  const { sender, padding, signer, verifier, minKeyVersion } = given
  const { hideEventNames = false, keepUnknown = 0, checks = {}, clear = [] } = given
  const context = checkContext(given.context)
  const keys = checkKeys(given.keys)
  const keyName = checkKeyName(given)
  checkText('sender', sender, NAME_BYTES)
  if (isEventKeys(keys)) keys.checkSender('sender', sender)
  toEpoch('minKeyVersion', minKeyVersion ?? 0)
  checkInteger('keepUnknown', keepUnknown, { min: 0, max: MAX_KEPT_EVENTS })
  if (padding !== undefined && padding !== 'padme') {
    throw new RangeError('"padding" expected "padme" or nothing')
  }
  if (typeof hideEventNames !== 'boolean') {
    throw new TypeError(`"hideEventNames" expected boolean, got ${describeType(hideEventNames)}`)
  }
  if (signer !== undefined) checkMethods('signer', signer, 'sign')
  if (verifier !== undefined) checkMethods('verifier', verifier, 'verify')
  return {
    ...{ keys, context, sender, hideEventNames, keepUnknown },
    clear: checkClearNames(clear, transport),
    counter: checkCounter(given),
    checks: copyChecks(checks),
    sealing: {
      ...keyName,
      ...(padding !== undefined && { padding }),
      ...(signer !== undefined && { signer }),
    },
    opening: {
      ...keyName,
      ...(minKeyVersion !== undefined && { minKeyVersion }),
      replay: checkReplay(given),
      ...(verifier !== undefined && { verifier }),
    },
  }
}

/** The name of a bare key. */
interface KeyNameOptions {
  readonly keyId?: string
  readonly keyVersion?: number | bigint
}

function checkContext(context: unknown): ChannelContext {
  checkObject('context', context)
  const { kind, scope, scopeId, callId } = context as Readonly<Record<string, unknown>>
  if (kind === 'realtime') {
    return { kind, scope: checkId('scope', scope), scopeId: checkId('scopeId', scopeId) }
  }
  if (kind === 'call') return { kind, callId: checkId('callId', callId) }
  throw new TypeError(`"kind" expected "realtime" or "call", got ${describeType(kind)}`)
}

function checkId(name: string, id: unknown): string {
  checkString(name, id)
  checkText(name, id, ID_BYTES)
  return id
}

function checkKeys(keys: unknown): CryptoKey | EventKeys {
  if (isEventKeys(keys)) return keys
  if (Object.prototype.toString.call(keys) === '[object CryptoKey]') return keys as CryptoKey
  throw new TypeError(`"keys" expected CryptoKey, Keyring or KeySource, got ${describeType(keys)}`)
}

function checkKeyName({ keys, keyId, keyVersion }: SealedChannelOptions): KeyNameOptions {
  if (isEventKeys(keys) && (keyId !== undefined || keyVersion !== undefined)) {
    throw new TypeError(
      `"${keyId === undefined ? 'keyVersion' : 'keyId'}" expected with a bare key only`,
    )
  }
  if (keyId !== undefined) checkText('keyId', keyId, NAME_BYTES)
  toEpoch('keyVersion', keyVersion ?? 0)
  return {
    ...(keyId !== undefined && { keyId }),
    ...(keyVersion !== undefined && { keyVersion }),
  }
}

function checkCounter({ counter, clock = systemClock }: SealedChannelOptions): EventCounter {
  checkMethods('clock', clock, 'now')
  if (counter === undefined) return new EventCounter({ now: clock.now() })
  checkMethods('counter', counter, 'take')
  return counter
}

/** The replay guard; `'none'` when the caller disabled replay protection. */
function checkReplay({
  replay = new ReplayGuard({ storage: 'none' }),
}: SealedChannelOptions): ReplayGuard | 'none' {
  if (replay !== 'none') checkMethods('replay', replay, 'admit')
  return replay
}

/** Copies own properties only, as an event name may be that of an inherited property. */
function copyChecks(checks: object): CheckedOptions['checks'] {
  checkObject('checks', checks)
  for (const check of Object.values(checks)) {
    if (typeof check === 'function') continue
    throw new TypeError(`"checks" expected functions, got ${describeType(check)}`)
  }
  return Object.assign(Object.create(null), checks)
}

const NAME_BYTES = { min: 1, max: 255 }
const ID_BYTES = { min: 1, max: 1_024 }
