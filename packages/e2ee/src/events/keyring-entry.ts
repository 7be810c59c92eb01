import type { KeyName } from '../keys/event-keys.ts'
import type { KeyScope } from './key-scope.ts'

/** The name of a key as an application writes it: the epoch may be a number. */
export interface GivenKeyName {
  /** An id of the application's choice; may be empty. */
  readonly keyId: string
  /** Rises when the key of an id changes. */
  readonly epoch: number | bigint
}

/** A key as it is put on a ring. */
export interface KeyringEntry extends GivenKeyName {
  /**
   * An AES-256-GCM key, used as it is, as by the helpers with a bare key. Or 32 random bytes, from which each kind of
   * event and each sender gets its own key, so that no key has two senders. The bytes are copied: zero your copy. spec
   * P25
   */
  readonly key: CryptoKey | Uint8Array
  /** The only channel whose events it opens and seals. Left out: all. spec P38 */
  readonly onlyFor?: KeyScope
  /** Held for history: never seals, and opens only where the caller asks for `history`. spec P56 */
  readonly history?: boolean
  /** Of a key that `openKey` opened: whether its sender may make it current. Left out: the application chose the key. spec P55 */
  readonly mayRotate?: boolean
}

/** The events of a ring, by name. */
export interface KeyringEvents {
  /** Events are sealed with this key from now on. */
  readonly currentChanged: KeyName
  /** The key is gone from the ring: overwrite your copies too. */
  readonly retired: KeyName
}
