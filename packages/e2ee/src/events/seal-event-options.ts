import type { EventCounter } from './event-counter.ts'
import type { EventSigner } from './event-signing.ts'

/** How an event is sealed; all of it is authenticated. */
export interface SealEventOptions {
  /** Names the key in the envelope. With a keyring: left out, or one that it holds. With a key source: left out. */
  readonly keyId?: string
  /** The epoch of the key. 0 when left out; with a keyring or a key source: the current one. */
  readonly keyVersion?: number | bigint
  /**
   * The sender: 1 to 255 bytes, visible to carriers. Under a key with several holders this is a claim that any of them
   * can make; signatures prove it. With a participant key source: its participant's id.
   */
  readonly sender?: string
  /** Numbers the event, so that receivers with a `ReplayGuard` drop repetitions. Needs `sender`. */
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
