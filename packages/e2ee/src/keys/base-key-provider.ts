import type { ParticipantId } from '@conclave/wire'
import { E2eeError } from '../errors.ts'

/** The options that every key provider takes. */
export interface KeyProviderOptions {
  /**
   * `true`, the default and the only value: a frame without a key is dropped. `false` is refused, because nothing here sends a
   * frame in clear. spec K51
   */
  readonly discardFrameWhenCryptorNotReady?: boolean | undefined
}

/** A session that uses the keys of a source. */
export interface KeyedSession {
  /** The room's id or name. */
  readonly room: string
  /** The id of the session. */
  readonly self: ParticipantId
}

/**
 * The class under all key providers: it carries their options. Implement `KeySource` for keys from elsewhere. spec K51
 */
export abstract class BaseKeyProvider {
  get [Symbol.toStringTag](): string {
    return 'BaseKeyProvider'
  }

  /** @throws E2eeError `ERR_E2EE_CLEAR_FRAMES` for `discardFrameWhenCryptorNotReady: false` */
  constructor(options: KeyProviderOptions | undefined) {
    refuseClearFrames(options)
  }

  /** The options in effect. */
  get options(): { readonly discardFrameWhenCryptorNotReady: true } {
    return { discardFrameWhenCryptorNotReady: true }
  }

  /**
   * Called by the room, or by the manager, whose frames or messages these keys are for. Resolves when the keys are ready for it;
   * a source that is the same for every session does nothing. spec K52
   *
   * @throws RangeError for another session or room than before, where that matters
   */
  bind(_session: KeyedSession): Promise<void> {
    return Promise.resolve()
  }
}

/** @throws E2eeError `ERR_E2EE_CLEAR_FRAMES` for options that would let frames pass in clear. spec K51 */
export function refuseClearFrames(options: KeyProviderOptions | undefined): void {
  if (options?.discardFrameWhenCryptorNotReady === false) {
    throw new E2eeError('ERR_E2EE_CLEAR_FRAMES', undefined)
  }
}
