/**
 * A fact about keys: how far a property holds, and what it depends on. `per-epoch` is about epochs that have retired.
 * spec K9, K34
 */
export interface KeyFact {
  readonly holds: 'no' | 'per-epoch' | 'yes'
  /** The conditions on which a property holds, all of them; the reasons for one that does not. */
  readonly because: readonly KeyCondition[]
}

/** A condition of a {@link KeyFact}. spec K34 */
export type KeyCondition =
  /** Nobody keeps the secret of an earlier epoch: no member, no link, no backup. */
  | 'secrets-deleted'
  /** Nobody guesses the passphrase, now or later, from what a carrier has recorded. */
  | 'passphrase-not-guessed'
  /**
   * Nobody can open, later, the messages that brought the keys to the members. Of sealed keys of `./exchange` this holds where
   * `sealedTo` is `one-time-prekey`.
   */
  | 'deliveries-closed'
  /** The application, or the room, tells the source of each participant who leaves. */
  | 'leaving-is-told'
  /** All members hold one secret, from which the keys of every sender follow. */
  | 'one-secret'
  /** A participant's key seals for everyone who was given it. */
  | 'granted-keys-seal'
  /** The next keys travel under keys that a thief of today's has too. */
  | 'same-delivery-keys'
  /** The application chooses the keys, and the time of each change. */
  | 'application-keys'
  /** The members are those whose keys are held; nothing proves who they are. */
  | 'members-unproved'

/** The facts about the keys of a source. You must show them for what they are: each with its conditions. spec K9 */
export interface KeySourceProperties {
  /** A thief of the current keys opens nothing that was sealed in epochs that have retired. */
  readonly forwardSecrecy: KeyFact
  /** A thief of the current keys opens nothing that is sealed after the next change of keys. */
  readonly postCompromise: KeyFact
  /** A member cannot speak as another one. */
  readonly senderAuth: KeyFact
  /** A participant that left opens nothing that is sealed later. */
  readonly rekeyOnLeave: KeyFact
  /** `members()` is proved by the keys themselves. */
  readonly memberAuth: KeyFact
}
