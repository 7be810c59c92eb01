/**
 * Keeps received tracks black and silent while their receivers pass from one participant to the next. spec M57
 *
 * @module
 */
import type { Clock } from '@conclave/base'

/** The part of a receiver that is used. */
export interface CoveredReceiver {
  readonly track: { enabled: boolean }
}

/** The tracks that are covered now. Tracks that were disabled before stay so. */
export class TrackCovers {
  readonly #clock: Clock
  readonly #coverByReceiver = new Map<CoveredReceiver, Cover>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Disables a receiver's track now; it stays so until `reveal`. */
  cover(receiver: CoveredReceiver): void {
    const { track } = receiver
    const before = this.#coverByReceiver.get(receiver)
    this.#clock.clearTimeout(before?.timer)
    const wasEnabled = before?.wasEnabled ?? track.enabled
    const cover = { wasEnabled, sinceMs: this.#clock.now(), timer: undefined }
    this.#coverByReceiver.set(receiver, cover)
    track.enabled = false
  }

  /** Enables the track again, once what the receiver had taken in before has been played. */
  reveal(receiver: CoveredReceiver): void {
    const cover = this.#coverByReceiver.get(receiver)
    if (!cover || cover.timer !== undefined) return
    const delayMs = Math.max(0, cover.sinceMs + SHORTEST_COVER_MS - this.#clock.now())
    cover.timer = this.#clock.setTimeout(() => {
      this.forget(receiver)
      receiver.track.enabled = cover.wasEnabled
    }, delayMs)
  }

  /** Leaves the track as it is: it was stopped, or its connection is gone. */
  forget(receiver: CoveredReceiver): void {
    this.#clock.clearTimeout(this.#coverByReceiver.get(receiver)?.timer)
    this.#coverByReceiver.delete(receiver)
  }

  /** Forgets all. */
  close(): void {
    for (const receiver of this.#coverByReceiver.keys()) this.forget(receiver)
  }
}

interface Cover {
  readonly wasEnabled: boolean
  readonly sinceMs: number
  timer: unknown
}

/** Longer than engines buffer frames in a call: what they took in before is played while the track is disabled. */
const SHORTEST_COVER_MS = 300
