/**
 * One connection to the hub after the other: when the next attempt comes, and which end is the last. spec R3 R22 R230
 *
 * @module
 */
import type { Clock } from '@conclave/base'
import type { TransportEnd } from '../transport.ts'
import { endOf, waitsAfter } from './connection-end.ts'
import type { SocketEnd } from './hub-socket.ts'
import { randomFraction, reconnectDelayMs } from './reconnect-delay.ts'

/** A connection that is made again when it is lost. */
export interface Attempt {
  probe(): void
  leave(): void
}

/** The needs of a {@link KeptConnection}. */
export interface KeptOptions<Connection extends Attempt> {
  readonly clock: Clock
  /** Makes a connection. It calls `stands` when the hub has let it in, and `lost` when it has ended. */
  connect(): Connection
  /** Whether attempts are in vain now, as far as it is known. Left out: never. spec R216 */
  isOffline?(): boolean
  /** The connection is lost; `attempt` counts the failed ones since one last stood for 10 s. */
  down(lost: { readonly wasUp: boolean; readonly attempt: number }): void
  /** The hub ended the connection for good; called at most once. */
  ended(end: TransportEnd): void
}

/** Keeps a connection until its owner, or the hub for good, ends it. */
export class KeptConnection<Connection extends Attempt> {
  readonly #options: KeptOptions<Connection>
  #state: State<Connection> = { type: 'idle' }

  constructor(options: KeptOptions<Connection>) {
    this.#options = options
  }

  /** The stage of the connection. */
  get type(): State<Connection>['type'] {
    return this.#state.type
  }

  /** The connection that the hub has let in; `undefined` when there is none. */
  get current(): Connection | undefined {
    return this.#state.type === 'up' ? this.#state.connection : undefined
  }

  /** Makes the first connection. Throws what the page's policy makes the browser throw. */
  start(): void {
    this.#connect(0)
  }

  /** The hub let the connection in. */
  stands(): void {
    if (this.#state.type !== 'connecting') return
    this.#state = {
      ...this.#state,
      type: 'up',
      upSinceMs: this.#options.clock.now(),
      wokenAtMs: -Infinity,
    }
  }

  /** The connection ended: another one follows, unless the close code is final. */
  lost({ code, notBeforeMs = 0 }: SocketEnd): void {
    const { clock } = this.#options
    const before = this.#state
    if (before.type === 'ended') return
    const end = endOf(code)
    if (end !== undefined) {
      this.end()
      return this.#options.ended(end)
    }
    const awayMs = notBeforeMs - clock.now()
    const attempt = Math.max(this.#nextAttempt(before), waitsAfter(code) ? 1 : 0)
    const leastMs = attempt > 0 && this.#options.isOffline?.() === true ? OFFLINE_PAUSE_MS : 0
    const delayMs =
      awayMs > 0
        ? awayMs + randomFraction() * SPREAD_MS
        : Math.max(leastMs, reconnectDelayMs(attempt, randomFraction()))
    const timer = clock.setTimeout(() => this.#retry(attempt), delayMs)
    this.#state = { type: 'waiting', timer, attempt, notBeforeMs }
    this.#options.down({ wasUp: before.type === 'up', attempt })
  }

  /** Makes an attempt that waits at once, and probes a connection that stands. spec R22 */
  wake(): void {
    const state = this.#state
    if (state.type === 'up') {
      this.#state = { ...state, wokenAtMs: this.#options.clock.now() }
      return state.connection.probe()
    }
    // The hub is away until then.
    if (state.type !== 'waiting' || this.#options.clock.now() < state.notBeforeMs) return
    this.#options.clock.clearTimeout(state.timer)
    this.#retry(state.attempt)
  }

  /** Ends the connection, or the wait for one. Idempotent. */
  end(): void {
    const state = this.#state
    if (state.type === 'ended') return
    this.#state = { type: 'ended' }
    if (state.type === 'waiting') this.#options.clock.clearTimeout(state.timer)
    if (state.type === 'connecting' || state.type === 'up') state.connection.leave()
  }

  /** An attempt from a timer or a sign: what the browser refuses now is lost, and tried again. spec R42 */
  #retry(attempt: number): void {
    try {
      this.#connect(attempt)
    } catch {
      this.lost({ code: 0 })
    }
  }

  #connect(attempt: number): void {
    this.#state = { type: 'connecting', connection: this.#options.connect(), attempt }
  }

  /** The first pause is used again only after a connection that stood: a hub may let in and close at once. spec R3, W14 */
  #nextAttempt(before: State<Connection>): number {
    if (before.type === 'connecting' || before.type === 'waiting') return before.attempt + 1
    if (before.type !== 'up') return 0
    const nowMs = this.#options.clock.now()
    // The network of this device changed: the hub did nothing.
    if (nowMs - before.wokenAtMs <= WOKEN_MS) return before.attempt
    const stoodMs = nowMs - before.upSinceMs
    return stoodMs < STOOD_MS ? before.attempt + 1 : 0
  }
}

type State<Connection> =
  | { readonly type: 'idle' }
  /** `attempt` counts the failed ones since a connection last stood for {@link STOOD_MS}. */
  | { readonly type: 'connecting'; readonly connection: Connection; readonly attempt: number }
  | {
      readonly type: 'up'
      readonly connection: Connection
      readonly attempt: number
      readonly upSinceMs: number
      /** The time of the last sign that this device may have been away. */
      readonly wokenAtMs: number
    }
  | {
      readonly type: 'waiting'
      readonly timer: unknown
      readonly attempt: number
      readonly notBeforeMs: number
    }
  | { readonly type: 'ended' }

const STOOD_MS = 10_000
/** The probe of a sign has ended by then. spec R22 */
const WOKEN_MS = 2500
/** Without a network an attempt is in vain, and the packets of one that is under way come late when there is one again. */
const OFFLINE_PAUSE_MS = 30_000
/** Within this time the clients of a hub that goes away come back, each at its own moment. spec R230 */
const SPREAD_MS = 1000
