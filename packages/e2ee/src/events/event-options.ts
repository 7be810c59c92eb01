import { describeType } from '@conclave/base'
import { isEventKeys } from '../keys/event-keys.ts'
import type { EventKeys } from '../keys/event-keys.ts'
import { toEpoch } from '../keys/epoch.ts'
import { keyStateOf } from './aes-gcm-key.ts'
import { checkContext } from './event-context.ts'
import type { CheckedContext, EventKind } from './event-context.ts'
import { checkName, EVENT_KINDS } from './event-header.ts'
import { channelOf } from './key-scope.ts'

/** The options that both ends have. */
export interface NameOptions {
  readonly keyId?: string
  readonly keyVersion?: number | bigint
  readonly sender?: string
  /** Of a receiver. */
  readonly self?: string
}

/** Arguments after their check, for both ends. */
export interface CheckedOptions {
  readonly kind: EventKind
  readonly context: CheckedContext
  /** The channel. spec P38 */
  readonly contextId: string
  readonly keyId: string | undefined
  readonly epoch: bigint | undefined
  readonly sender: string | undefined
  readonly self: string | undefined
  /** The keyring or key source; `undefined` for a bare key. */
  readonly eventKeys: EventKeys | undefined
}

/**
 * Checks the key, the context and the names that a caller gave.
 *
 * @param given.kind left out: the options name it
 * @throws TypeError, RangeError that name the argument. spec P46
 */
export function checkOptions(
  options: NameOptions,
  given: {
    readonly kind: EventKind | undefined
    readonly key: unknown
    readonly use: 'seal' | 'open'
  },
): CheckedOptions {
  const kind = given.kind ?? kindIn(options)
  const isOpening = given.use === 'open'
  const context = checkContext(kind, options, { nameOptional: isOpening })
  const { keyId, keyVersion, sender, self } = options
  checkName('keyId', keyId)
  const epoch = keyVersion === undefined ? undefined : toEpoch('keyVersion', keyVersion)
  checkName('sender', sender)
  checkName('self', self)
  const eventKeys = isEventKeys(given.key) ? given.key : undefined
  if (eventKeys === undefined) checkKey(given.key, isOpening)
  return {
    kind,
    context,
    contextId: channelOf(kind, context),
    keyId,
    epoch,
    sender,
    self,
    eventKeys,
  }
}

function kindIn(options: unknown): EventKind {
  const kind = (options as { readonly kind?: unknown } | null | undefined)?.kind
  if (EVENT_KINDS.indexOf(kind as string) > 0) return kind as EventKind
  throw new TypeError(`"kind" expected "chat", "call" or "realtime", got ${describeType(kind)}`)
}

function checkKey(key: unknown, isOpening: boolean): void {
  const { canSeal, canOpen } = keyStateOf('key', key)
  if (isOpening ? canOpen : canSeal) return
  throw new TypeError(`"key" expected the usage "${isOpening ? 'decrypt' : 'encrypt'}"`)
}
