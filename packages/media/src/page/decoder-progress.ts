/**
 * Finds decoders that stand still although frames are opened for them. spec M101
 *
 * @module
 */

/** The frames of a received video that were opened, and those that were decoded. */
export interface DecoderCounts {
  readonly opened: number
  readonly decoded: number
}

/** Looks at the decoder of one receiver, at one check after the other. */
export class DecoderProgress {
  #before: DecoderCounts | undefined
  #asked = 0

  /** Whether it stands still since the check before, and a key frame is to be asked for. */
  needsKeyFrame(now: DecoderCounts): boolean {
    const before = this.#before
    this.#before = now
    if (before === undefined) return false
    if (now.decoded !== before.decoded) this.#asked = 0
    else if (now.opened - before.opened >= MIN_FRAMES && this.#asked < MAX_ASKED) {
      this.#asked += 1
      return true
    }
    return false
  }
}

/** Fewer may be on their way to the decoder, or wait in it. */
const MIN_FRAMES = 5
/** A decoder that stands still after so many key frames has another fault, and the encoder of the sender has others to serve. */
const MAX_ASKED = 3
