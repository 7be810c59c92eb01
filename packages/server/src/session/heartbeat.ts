import type { Clock } from '@conclave/base'
import type { HubLimits } from '../limits/hub-limits.ts'
import type { HubSocket } from './outbound.ts'

/** Pings a connection, and drops it when nothing is heard of it. spec H26 */
export class Heartbeat {
  readonly #socket: HubSocket
  readonly #limits: HubLimits
  readonly #clock: Clock
  #timer: unknown
  #heardMs: number

  constructor({ socket, limits, clock }: { socket: HubSocket; limits: HubLimits; clock: Clock }) {
    this.#socket = socket
    this.#limits = limits
    this.#clock = clock
    this.#heardMs = clock.now()
    this.#wait(limits.pingIntervalMs)
  }

  /** The client showed a sign of life. */
  heard(): void {
    this.#heardMs = this.#clock.now()
  }

  /** Stops pinging. */
  stop(): void {
    this.#clock.clearTimeout(this.#timer)
  }

  #wait(delayMs: number): void {
    this.#timer = this.#clock.setTimeout(() => this.#ping(), delayMs)
  }

  #ping(): void {
    const { pingIntervalMs, pongDeadlineMs } = this.#limits
    const askedMs = this.#clock.now()
    this.#socket.ping()
    this.#timer = this.#clock.setTimeout(() => {
      if (this.#heardMs < askedMs) this.#socket.terminate()
      else this.#wait(Math.max(1, pingIntervalMs - pongDeadlineMs))
    }, pongDeadlineMs)
  }
}
