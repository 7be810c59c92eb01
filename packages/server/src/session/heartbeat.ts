import type { Clock } from '@conclave/base'
import type { HubLimits } from '../limits/hub-limits.ts'
import type { SessionSocket } from './session-socket.ts'

/** Pings a client that is silent, and drops the connection when no sign of life follows. spec H26 */
export class Heartbeat {
  readonly #socket: SessionSocket
  readonly #limits: HubLimits
  readonly #clock: Clock
  readonly #onPaused: () => void
  #timer: unknown
  #heardMs: number
  #isPaused = false

  constructor(options: {
    readonly socket: SessionSocket
    readonly limits: HubLimits
    readonly clock: Clock
    /** Called from time to time while the hub does not read: the client is to hear that the hub lives. spec H39 */
    readonly onPaused: () => void
  }) {
    this.#socket = options.socket
    this.#limits = options.limits
    this.#clock = options.clock
    this.#onPaused = options.onPaused
    this.#heardMs = this.#clock.now()
    this.#wait(this.#limits.pingIntervalMs)
  }

  /** Records a sign of life. */
  heard(): void {
    this.#heardMs = this.#clock.now()
  }

  /** The hub does not read: the client's silence means nothing. */
  pause(): void {
    if (this.#isPaused) return
    this.#isPaused = true
    this.#look()
  }

  /** The hub reads again. */
  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    this.heard()
    this.#look()
  }

  /** Stops pinging. */
  stop(): void {
    this.#clock.clearTimeout(this.#timer)
  }

  #wait(delayMs: number): void {
    this.#clock.clearTimeout(this.#timer)
    this.#timer = this.#clock.setTimeout(() => this.#look(), delayMs)
  }

  #look(): void {
    const { pingIntervalMs } = this.#limits
    if (this.#isPaused) {
      this.#wait(pingIntervalMs / 2)
      return this.#onPaused()
    }
    const silentMs = this.#clock.now() - this.#heardMs
    if (silentMs < pingIntervalMs) this.#wait(pingIntervalMs - silentMs)
    else this.#ping()
  }

  #ping(): void {
    const askedMs = this.#clock.now()
    const { bufferedBytes, leftBytes } = this.#socket
    const { pongDeadlineMs } = this.#limits
    this.#socket.ping()
    this.#clock.clearTimeout(this.#timer)
    this.#timer = this.#clock.setTimeout(() => {
      const lateMs = this.#clock.now() - askedMs - pongDeadlineMs
      // The ping may wait behind what the client still reads; and a hub that stood still has not read the answer yet.
      const isReading = bufferedBytes > 0 && this.#socket.leftBytes !== leftBytes
      if (this.#isPaused || this.#heardMs >= askedMs) this.#look()
      else if (isReading || lateMs > LATE_MS) this.#ping()
      else this.#socket.terminate()
    }, pongDeadlineMs)
  }
}

/** A timer that fires so much later than it should shows that the hub stood still. */
const LATE_MS = 1000
