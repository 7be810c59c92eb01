import type { Clock } from '@conclave/base'
import { FIRST_STATE, hasJoinDeadline, nextState } from './connection-state.ts'
import type { ConnectionInput, ConnectionState } from './connection-state.ts'

/** Holds the state of a connection, and watches that it joins a channel in time. spec H11 */
export class ConnectionLife {
  readonly #clock: Clock
  readonly #joinDeadlineMs: number
  readonly #onLate: () => void
  #state = FIRST_STATE
  #timer: unknown
  /** The rest of the deadline, and the time since when it runs. */
  #leftMs: number
  #sinceMs = 0
  #waiting = 0

  constructor(options: {
    readonly clock: Clock
    readonly joinDeadlineMs: number
    /** Called when the connection has been in no channel for `joinDeadlineMs`, without the times in which the hub decided. */
    readonly onLate: () => void
  }) {
    this.#clock = options.clock
    this.#joinDeadlineMs = options.joinDeadlineMs
    this.#onLate = options.onLate
    this.#leftMs = options.joinDeadlineMs
    this.#watch()
  }

  get state(): ConnectionState {
    return this.#state
  }

  get isEnded(): boolean {
    return this.#state.state === 'ended'
  }

  /** Whether a join was granted on this connection, which has not ended. */
  get isGranted(): boolean {
    return this.#state.state === 'joined' || this.#state.state === 'idle'
  }

  /** Takes the connection to its next state. */
  step(input: ConnectionInput): void {
    const next = nextState(this.#state, input)
    if (next === this.#state) return
    this.#state = next
    this.#pause()
    this.#leftMs = this.#joinDeadlineMs
    this.#watch()
  }

  /** Stops the deadline while the hub decides about rights; the returned function lets it go on. spec G9 */
  wait(): () => void {
    this.#pause()
    this.#waiting += 1
    return () => {
      this.#waiting -= 1
      this.#watch()
    }
  }

  #watch(): void {
    if (this.#waiting > 0 || !hasJoinDeadline(this.#state)) return
    this.#sinceMs = this.#clock.now()
    this.#timer = this.#clock.setTimeout(this.#onLate, this.#leftMs)
  }

  #pause(): void {
    if (this.#timer === undefined) return
    this.#clock.clearTimeout(this.#timer)
    this.#timer = undefined
    this.#leftMs -= this.#clock.now() - this.#sinceMs
  }
}
