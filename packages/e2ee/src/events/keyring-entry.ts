import type { KeyName } from '../keys/event-keys.ts'

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
  /** The only room, call or scope id whose events it opens and seals. Left out: all. spec P38 */
  readonly onlyFor?: string
}

/** The events of a ring, by name. */
export interface KeyringEvents {
  /** Events are sealed with this key from now on. */
  readonly currentChanged: KeyName
  /** The key is gone from the ring: overwrite your copies too. */
  readonly retired: KeyName
}
