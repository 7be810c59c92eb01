import type { Clock } from '@conclave/base'
import type { HubLimits } from '../limits/hub-limits.ts'
import type { SessionSocket } from './session-socket.ts'

/** Pings a client, and drops the connection when the client is silent. spec H26 */
export class Heartbeat {
  readonly #socket: SessionSocket
  readonly #limits: HubLimits
  readonly #clock: Clock
  #timer: unknown
  #heardMs: number

  constructor({
    socket,
    limits,
    clock,
  }: {
    readonly socket: SessionSocket
    readonly limits: HubLimits
    readonly clock: Clock
  }) {
    this.#socket = socket
    this.#limits = limits
    this.#clock = clock
    this.#heardMs = clock.now()
    this.#wait(limits.pingIntervalMs)
  }

  /** Records a sign of life. */
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
