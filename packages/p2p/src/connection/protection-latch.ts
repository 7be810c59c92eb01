import type { FrameProtector, MediaDirection } from '../protectors.ts'

/** Remembers for a whole session which directions the frame protector has lost: nothing of them is attached again. spec S42 */
export class ProtectionLatch {
  readonly #lost = new Set<MediaDirection>()

  /** @param closed called once for each direction, after {@link ProtectionLatch.isLost} answers so */
  constructor(frames: FrameProtector, closed: (direction: MediaDirection) => void) {
    frames.onLost?.((direction) => {
      if (this.#lost.has(direction)) return
      this.#lost.add(direction)
      closed(direction)
    })
  }

  /** Whether nothing of this direction may be attached. */
  isLost(direction: MediaDirection): boolean {
    return this.#lost.has(direction)
  }
}
