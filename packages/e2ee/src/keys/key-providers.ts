import { isBytes, viewBytes } from '@conclave/base'
import type { ParticipantId } from '@conclave/wire'
import type { GraceOptions } from '../core/grace.ts'
import { randomParticipantId } from '../random-ids.ts'
import type { KeyProviderOptions } from './base-key-provider.ts'
import type { KeySourceProperties } from './key-properties.ts'
import { checkSecret } from './secret-bytes.ts'
import { SharedKeySource } from './shared-key-source.ts'
import { ParticipantKeyGrant } from './participant-key-grant.ts'
import { ParticipantKeySource } from './participant-key-source.ts'
import { WrappedKeySource } from './wrapped-key-source.ts'

/**
 * A shared key source whose key the app sets: it neither seals nor opens until the first `setKey`. For passphrases there
 * is `ExternalE2EEKeyProvider` in `@conclave/e2ee/passphrase`. spec K35
 */
export class SharedKeyProvider extends WrappedKeySource {
  readonly mode = 'shared'
  readonly #roots: SharedKeySource

  /** @throws TypeError, RangeError that name the argument @throws E2eeError `ERR_E2EE_CLEAR_FRAMES` */
  constructor(options: GraceOptions & KeyProviderOptions = {}) {
    const roots = new SharedKeySource(undefined, options)
    super(roots, options)
    this.#roots = roots
  }

  /**
   * Seals under this key from now on.
   *
   * @param key 32 uniformly random bytes; copied
   * @param epoch the same at every member; above all that were set before
   * @throws TypeError, RangeError for a key or an epoch that cannot be one; text is never a key
   * @throws E2eeError `ERR_E2EE_CLOSED`
   */
  setKey(key: Uint8Array | ArrayBuffer, epoch: bigint = 0n): void {
    this.#roots.setKey(keyToBytes(key), epoch)
  }

  /**
   * Adds the next key for opening only: bring it to everyone, then each calls `use`. spec K25
   *
   * @throws as {@link setKey}
   */
  addKey(key: Uint8Array | ArrayBuffer, epoch: bigint): void {
    this.#roots.addKey(keyToBytes(key), epoch)
  }
}

/**
 * A participant key source whose keys the app sets, also the session's own: it does not seal until its own key is set, and
 * opens a participant's messages only once that participant's key is set. You must bring the key of each participant to all
 * others, by its id, over a channel that no one else reads. spec K35
 *
 * The id of a session is fresh, and known when the session is: until a room or a manager takes this provider, `self` is an id
 * that it drew, and the own key is set by `setOwnKey`. spec K52
 */
export class ParticipantKeyProvider extends ParticipantKeySource {
  /**
   * @param self the session's id, where it is known already; or the options
   * @throws TypeError, RangeError that name the argument
   * @throws E2eeError `ERR_E2EE_CLEAR_FRAMES`
   * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`, without an id
   */
  constructor(
    self?: ParticipantId | (GraceOptions & KeyProviderOptions),
    options: GraceOptions & KeyProviderOptions = {},
  ) {
    const given = typeof self === 'object' ? { ...self, bound: false } : options
    const id = typeof self === 'object' || self === undefined ? randomParticipantId() : self
    super(id, { bound: self !== undefined, ...given, generate: false })
  }

  /** As its source, but no key changes by itself: when a participant leaves, the app must set new ones. */
  override properties(): KeySourceProperties {
    const chosen = { holds: 'no', because: ['application-keys'] } as const
    return { ...super.properties(), forwardSecrecy: chosen, rekeyOnLeave: chosen }
  }

  /**
   * Sets the key that a participant seals under from now on: this session's own, or another's.
   *
   * @param key 32 uniformly random bytes, another key for each participant; copied
   * @param epoch the same at every member; later than what was set for the participant before
   * @throws TypeError, RangeError for a malformed key or epoch, or an epoch that is too late
   * @throws E2eeError `ERR_E2EE_CLOSED`
   */
  setKey(participant: ParticipantId, key: Uint8Array | ArrayBuffer, epoch: bigint = 0n): void {
    if (participant === this.self) return this.setOwnKey(keyToBytes(key), epoch)
    const grant = new ParticipantKeyGrant({ participant, epoch, following: true }, keyToBytes(key))
    const outcome = this.setParticipantKey(participant, grant)
    grant.wipe()
    if (outcome.type === 'set') return
    const reason = outcome.type === 'known' ? outcome.type : outcome.reason
    throw new RangeError(`"epoch" expected an epoch that can be set, got ${epoch}: ${reason}`)
  }
}

/** The bytes of a key in either form. @throws RangeError for zeros and text. spec K46 */
export function keyToBytes(key: Uint8Array | ArrayBuffer): Uint8Array {
  // An `ArrayBuffer` of any realm; the key source refuses everything else.
  const bytes = ArrayBuffer.isView(key) ? key : (viewBytes(key) ?? (key as never))
  return isBytes(bytes) ? checkSecret('key', bytes) : bytes
}
