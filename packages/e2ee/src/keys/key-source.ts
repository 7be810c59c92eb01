import type { ParticipantId } from '@conclave/wire'
import type { KeyedSession } from './base-key-provider.ts'
import type { EventKeys } from './event-keys.ts'
import type { KeySourceProperties } from './key-properties.ts'

/** An epoch of all members, or of one sender where each has its own epochs. */
export interface EpochEvent {
  readonly epoch: bigint
  /** If omitted, it is the epoch of all members. */
  readonly sender?: ParticipantId
  /** Of `epochChanged`: the members have the key already, so nobody has to wait for it. spec K50 */
  readonly isPrepared?: boolean
}

/** The events of a key source, by name. */
export interface KeySourceEvents {
  /** Sealing uses this epoch from now on; earlier ones still open. spec K10, K23 */
  readonly epochChanged: EpochEvent
  /** This epoch opens from now on, and is not sealed in yet: ask again for keys that were missing. spec K23, K25 */
  readonly epochAdded: EpochEvent
  /** The root of this epoch is gone: drop everything that was derived from it, in this call. spec K12 */
  readonly epochRetired: EpochEvent
}

/** A holder of the keys of the current epoch, as far as the source can know. */
export interface Member {
  /** Names the member within its source, the same at every member's. */
  readonly id: string
}

/**
 * The source of all keys: the secret of a link, a passphrase, each participant, a group. Sealing asks it by purpose and
 * never branches on the mode. A source names its keys only by epoch: their key id is empty. chapter keys
 */
export interface KeySource extends EventKeys {
  readonly mode: 'passphrase' | 'shared' | 'participant' | 'group'

  /** The only participant as which these keys seal; left out: they seal as any. */
  readonly self?: ParticipantId

  /**
   * Called by a room that is joined with these keys, before anything is sealed; the join waits for the result. Left out: the
   * keys are the same for every session. spec K52
   */
  bind?(session: KeyedSession): Promise<void>

  /** The epoch to seal in now. Only rises. spec K10, K23 */
  readonly epoch: bigint

  /**
   * A key for one purpose: the same for everyone who holds the epoch, and telling nothing about any other
   * label, context, length or epoch. You must use a label for one purpose only, put into `context` all that
   * tells this key from others of the purpose (its sender too), name the sender of what the key seals or opens,
   * and overwrite the bytes when they are no longer needed.
   *
   * @param label 1 to 255 printable ASCII characters
   * @param context at most 65 535 bytes, read before the call returns
   * @param length 1 to 8 160 bytes
   * @param epoch the sender's current one when left out
   * @param sender the participant whose epoch it is, where each has its own epochs; this session when left out. spec
   * K20
   * @throws E2eeError `ERR_E2EE_UNKNOWN_EPOCH` when the epoch is not held, `ERR_E2EE_CLOSED`
   * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
   * @throws TypeError, RangeError for arguments outside these bounds. spec K6
   */
  export(
    label: string,
    context: Uint8Array,
    length: number,
    epoch?: bigint,
    sender?: ParticipantId,
  ): Promise<Uint8Array<ArrayBuffer>>

  /**
   * The newest available epoch of a sender whose number ends in this byte: for formats that carry only this byte.
   * Returns `undefined`, not throws, when there is none. spec K21
   *
   * @param sender this session when left out
   */
  epochEndingIn(byte: number, sender?: ParticipantId): bigint | undefined

  /**
   * You must call it when a message that `sender` sealed in `epoch` has authenticated, and only then: a source that can
   * look ahead ratchets by it, and a mere claim of an epoch must not ratchet. spec K22
   */
  confirm(epoch: bigint, sender: ParticipantId): void

  /** The holders of the current epoch; empty where the mode cannot know. */
  members(): readonly Member[]

  /** The facts about the keys as they are now: show them, for the word "encrypted" says too little. spec K9 */
  properties(): KeySourceProperties

  /**
   * Calls `handler` at each event, in the same call that caused it, until the returned function is called.
   * A handler that throws disturbs neither that call nor other handlers. spec K14
   */
  on<T extends keyof KeySourceEvents>(
    type: T,
    handler: (event: KeySourceEvents[T]) => void,
  ): () => void
}
