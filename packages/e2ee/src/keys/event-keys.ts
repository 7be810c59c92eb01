import type { SecretKey } from '@conclave/crypto'
import { E2eeError } from '../errors.ts'

/** Names a key: an id of the application's choice, which may be empty, and an epoch that rises with each change. */
export interface KeyName {
  readonly keyId: string
  /** A u64. */
  readonly epoch: bigint
}

/** The purpose of a derived key. No two purposes share a key. spec P1, P25 */
export interface KeyPurpose {
  /** The label of `export`. spec K7 */
  readonly label: string
  /** Tells the purposes of one label apart. */
  readonly id: string
  /** The context of `export`. */
  context(owner: { readonly keyId: string; readonly sender: string }): Uint8Array<ArrayBuffer>
}

/** A request for the key of a message or an event. */
export interface KeyRequest {
  readonly purpose: KeyPurpose
  /** The sender; empty if none is named. */
  readonly sender: string
  /** The channel: kind, scope and id of events, the room id of messages. spec P38 */
  readonly contextId: string
}

/** A request for a key that seals: the current one, or the one that is named. */
export interface SealingRequest extends KeyRequest {
  readonly keyId?: string | undefined
  readonly epoch?: bigint | undefined
}

/** A request for the key that an envelope names. */
export interface OpeningRequest extends KeyRequest, KeyName {
  /** Whether the envelope says that its key is derived; a bare key never opens it then. spec P25 */
  readonly derived: boolean
  /** Whether a key that is held for history is wanted too. */
  readonly history?: boolean | undefined
}

/** How much was sealed so far. spec P24 */
export interface SealedCount {
  sealed: number
  /** Nonces drawn ahead: drawing a single one takes as long as an eighth of sealing. Not for applications. */
  ahead?: Uint8Array<ArrayBuffer>
  /** Memory that is used again. Not for applications. */
  scratch?: Uint8Array<ArrayBuffer>
}

/** A key for one purpose and sender. */
export interface UsableKey extends KeyName {
  /** Whether it was derived for this purpose and sender; a bare key is used as it is. */
  readonly derived: boolean
  /** Rejects with `ERR_E2EE_UNKNOWN_KEY` when the key retires while it is derived. */
  readonly key: SecretKey | Promise<SecretKey>
  /**
   * You must call it when a message was sealed, or has authenticated, under the key, and only then. Returns `false`
   * when the key was retired meanwhile: then you must not use the result. spec K22, P11, P36
   */
  confirm(): boolean
}

/** The key that seals. */
export interface SealingKey extends UsableKey {
  /** Counts for all keys that are derived from the same secret. */
  readonly count: SealedCount
}

/** The key that an envelope names, or the reason why it is missing. */
export type OpeningKey =
  | ({
      readonly type: 'key'
      /** The key is held for history: nothing that it opens counts as said now. spec P56 */
      readonly isHistory?: boolean
    } & Pick<UsableKey, 'key' | 'confirm'>)
  | { readonly type: 'unknown-key' }
  | { readonly type: 'epoch-too-old'; readonly minEpoch: bigint }

/**
 * Where messages and events get their keys: a `Keyring`, and every `KeySource`. Sealing asks for a key by purpose and
 * never branches on who holds it.
 */
export interface EventKeys {
  /**
   * @throws E2eeError `ERR_E2EE_UNKNOWN_KEY`, `ERR_E2EE_EPOCH_TOO_OLD`, `ERR_E2EE_CLOSED`
   * @throws TypeError for a sender that these keys do not seal as
   */
  sealingKey(request: SealingRequest): SealingKey

  /** Never throws: the names in an envelope are untrusted. */
  openingKey(request: OpeningRequest): OpeningKey

  /**
   * Checks that these keys can seal as a sender.
   *
   * @param name of the argument
   * @throws TypeError
   */
  checkSender(name: string, sender: string): void

  /** Drops derived keys that are kept ready; they are derived again when they are needed. spec P13 */
  forgetKeys(matches: (purpose: KeyPurpose, sender: string) => boolean): void
}

/** Whether a value is a keyring or a key source, of this copy of the package or another. */
export function isEventKeys(value: unknown): value is EventKeys {
  const given = value as Partial<EventKeys> | null | undefined
  return typeof given?.sealingKey === 'function' && typeof given.openingKey === 'function'
}

/** The error for a key that is not held. */
export const unknownKeyError = ({ keyId, epoch }: KeyName): E2eeError<'ERR_E2EE_UNKNOWN_KEY'> =>
  new E2eeError('ERR_E2EE_UNKNOWN_KEY', { keyId, epoch })

/** Whether an error of this package, of this copy or another, says that a key is not held. */
export function isKeyGone(error: unknown): boolean {
  const code = (error as { readonly code?: unknown } | null | undefined)?.code
  return GONE.includes(code)
}

/** The `confirm` of a bare key: it never retires. */
export const always = (): boolean => true

const GONE: readonly unknown[] = [
  'ERR_E2EE_UNKNOWN_KEY',
  'ERR_E2EE_UNKNOWN_EPOCH',
  'ERR_E2EE_CLOSED',
]
