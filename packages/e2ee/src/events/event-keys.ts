import type { EventKind } from './event-context.ts'
import type { EventHeader } from './event-envelope.ts'

/** Names a key: an id of the app's choice, and a version that rises when its key changes. */
export interface KeyName {
  readonly keyId: string
  readonly keyVersion: number
}

/** What an event needs a key for. */
export interface SealingRequest {
  readonly kind: EventKind
  readonly sender: string
  /** The room, call or scope id, as a byte string. */
  readonly contextId: string
  readonly keyId: string | undefined
  readonly keyVersion: number | undefined
}

/** The key that seals an event. */
export interface SealingKey extends KeyName {
  /** Whether it was derived for this kind and sender. spec P25 */
  readonly derived: boolean
  readonly key: CryptoKey | Promise<CryptoKey>
}

/** The key that an envelope names, or why there is none. */
export type OpeningKey =
  | {
      readonly type: 'key'
      readonly key: CryptoKey | Promise<CryptoKey>
      /** To be called when the event authenticated; `false` when the key was retired meanwhile. */
      confirm(key: CryptoKey): boolean
    }
  | { readonly type: 'unknown-key' }
  | { readonly type: 'version-too-old'; readonly minKeyVersion: number }

/** Many keys, of which it picks one for each event: what `Keyring` is to those that seal and open. */
export interface EventKeys {
  /** @throws E2eeError `ERR_E2EE_UNKNOWN_KEY`, `ERR_E2EE_VERSION_TOO_OLD`, `ERR_E2EE_EXHAUSTED`, `ERR_E2EE_CLOSED` */
  sealingKey(request: SealingRequest): SealingKey
  openingKey(header: EventHeader, contextId: string): OpeningKey
}
