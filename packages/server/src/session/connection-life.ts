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

  constructor(options: {
    readonly clock: Clock
    readonly joinDeadlineMs: number
    /** Called when the connection has been in no channel for `joinDeadlineMs`. */
    readonly onLate: () => void
  }) {
    this.#clock = options.clock
    this.#joinDeadlineMs = options.joinDeadlineMs
    this.#onLate = options.onLate
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
    this.#clock.clearTimeout(this.#timer)
    this.#watch()
  }

  #watch(): void {
    if (!hasJoinDeadline(this.#state)) return
    this.#timer = this.#clock.setTimeout(this.#onLate, this.#joinDeadlineMs)
  }
}
