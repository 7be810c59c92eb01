/**
 * Tells of peers that are without a connection for too long.
 *
 * @module
 */
import type { Clock } from '@conclave/base'

/** How long a peer may be without a connection, in milliseconds. spec S37, S88 */
const CONNECTION_TIMEOUT_MS = 30_000

/** One deadline for each peer without a connection. */
export class PeerExpiry {
  readonly #clock: Clock
  readonly #expired: (peer: string) => void
  readonly #timerByPeer = new Map<string, unknown>()

  /** @param expired called for a peer whose deadline passes */
  constructor(clock: Clock, expired: (peer: string) => void) {
    this.#clock = clock
    this.#expired = expired
  }

  /** Starts the deadline of a peer. Does nothing if it runs already, or has passed and was not stopped since. */
  start(peer: string): void {
    if (this.#timerByPeer.has(peer)) return
    const timer = this.#clock.setTimeout(() => this.#expired(peer), CONNECTION_TIMEOUT_MS)
    this.#timerByPeer.set(peer, timer)
  }

  /** Ends the deadline of a peer. */
  stop(peer: string): void {
    this.#clock.clearTimeout(this.#timerByPeer.get(peer))
    this.#timerByPeer.delete(peer)
  }
}
