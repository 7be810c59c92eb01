/** A clock that the test moves, and that lets promises go on. */
import { VirtualClock } from '@conclave/base/testing'

export class SettlingClock extends VirtualClock {
  /** Lets time pass and runs what is due, in order, with all that follows from it. */
  async pass(ms: number): Promise<void> {
    for (let leftMs = ms; leftMs > 0; leftMs -= STEP_MS) {
      this.advance(Math.min(STEP_MS, leftMs))
      await settle()
    }
  }
}

/** Lets every promise that can go on go on. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 25; turn += 1) await Promise.resolve()
}

const STEP_MS = 100
