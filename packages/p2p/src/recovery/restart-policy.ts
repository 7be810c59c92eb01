/**
 * The policy of ICE restarts: a pure step function over the events of a connection.
 *
 * A restart that is tried once is lost with the network that it should repair, so it is repeated until media flows
 * again. ICE takes seconds to notice what missing packets show at once. spec S30 to S33
 *
 * @module
 */
import { backoffMs } from '@conclave/base'
import type { Backoff } from '@conclave/base'

/** An input of the policy. */
export type RestartInput =
  /** The platform's state of the connection. */
  | { readonly type: 'state'; readonly state: RTCPeerConnectionState }
  /** Both descriptions are set. Chromium stays `new` until the first candidate comes, and may for ever. */
  | { readonly type: 'begun' }
  /** Packets that should arrive do not. */
  | { readonly type: 'silent' }
  /** Packets arrive again. */
  | { readonly type: 'flowing' }
  /** The other side asks for a restart. */
  | { readonly type: 'requested' }
  /** The device has another network, or has one again. */
  | { readonly type: 'network' }
  /** The driver is back: messages sent before may be lost. */
  | { readonly type: 'signalling' }
  /** The moment that `wakeAtMs` named has come. */
  | { readonly type: 'tick' }

/** The policy's memory of one connection; begin with {@link initialRestartState}. */
export interface RestartState {
  /** The condition of the connection; `idle` before it began and after it was closed. */
  readonly connection: 'idle' | 'connecting' | 'connected' | 'down'
  /** Packets are missing. */
  readonly silent: boolean
  /** Restarts in the present trouble. */
  readonly attempts: number
  /** The time of the last restart. */
  readonly lastAtMs: number
  /** The time at which the connection was well again; `undefined` in trouble. */
  readonly wellSinceMs?: number | undefined
  /** The time of the next `tick`; `undefined` for none. */
  readonly wakeAtMs?: number | undefined
}

/** A connection that has not begun. */
export const initialRestartState: RestartState = {
  connection: 'idle',
  silent: false,
  attempts: 0,
  lastAtMs: -Infinity,
}

/** Pauses between restarts; the last one repeats for ever. spec S31 */
const RESTART_BACKOFF: Backoff = { firstMs: 1_000, maxMs: 8_000 }
/** Restarts are at least this far apart, whoever asks. */
const MIN_RESTART_INTERVAL_MS = 1_000
/** A first connection gets this long before it counts as failed. */
const CONNECT_TIMEOUT_MS = 8_000
/** Trouble within this time after trouble continues its back-off. */
const SETTLED_AFTER_MS = 10_000

/** Applies one input at the time `nowMs`; `restart` says to restart ICE now. */
export function stepRestart(state: RestartState, input: RestartInput, nowMs: number): RestartStep {
  switch (input.type) {
    case 'state':
      return stepConnection(state, input.state, nowMs)
    case 'begun':
      return state.connection === 'idle' ? stepConnection(state, 'connecting', nowMs) : keep(state)
    case 'silent':
      return state.silent ? keep(state) : attempt({ ...begin(state, nowMs), silent: true }, nowMs)
    case 'flowing':
      return state.silent ? settle({ ...state, silent: false }, nowMs) : keep(state)
    case 'requested':
      return nowMs - state.lastAtMs < MIN_RESTART_INTERVAL_MS ? keep(state) : restart(state, nowMs)
    case 'network':
      return state.connection === 'idle' ? keep(state) : attempt({ ...state, attempts: 0 }, nowMs)
    case 'signalling':
      return isInTrouble(state) ? attempt({ ...state, attempts: 0 }, nowMs) : keep(state)
    case 'tick':
      if (state.wakeAtMs === undefined || nowMs < state.wakeAtMs) return keep(state)
      return restart(state, nowMs)
  }
}

const stepConnection = (
  state: RestartState,
  connection: RTCPeerConnectionState,
  nowMs: number,
): RestartStep => {
  switch (connection) {
    case 'connected':
      return settle({ ...state, connection }, nowMs)
    case 'connecting':
      // A lost connection that tries again looks like this too: then its retries continue unchanged.
      if (state.connection === 'down' || state.wakeAtMs !== undefined) return keep(state)
      return keep({ ...state, connection, wakeAtMs: nowMs + CONNECT_TIMEOUT_MS })
    case 'disconnected':
    case 'failed':
      if (state.connection === 'down') return keep(state)
      return attempt({ ...begin(state, nowMs), connection: 'down' }, nowMs)
    case 'closed':
      return keep(initialRestartState)
    case 'new':
      return keep(state)
  }
}

/** The result of a step. */
export interface RestartStep {
  /** For the next step. */
  readonly state: RestartState
  /** Whether to restart ICE now. */
  readonly restart: boolean
}

const keep = (state: RestartState): RestartStep => ({ state, restart: false })

const isInTrouble = (state: RestartState): boolean =>
  state.silent || state.connection === 'down' || state.connection === 'connecting'

/** Enters the trouble state: the first failure starts the backoff, a relapse continues it. */
const begin = (state: RestartState, nowMs: number): RestartState => {
  const relapse =
    isInTrouble(state) ||
    (state.wellSinceMs !== undefined && nowMs - state.wellSinceMs < SETTLED_AFTER_MS)
  return { ...state, attempts: relapse ? state.attempts : 0, wellSinceMs: undefined }
}

const settle = (state: RestartState, nowMs: number): RestartStep =>
  isInTrouble(state)
    ? keep(state)
    : keep({ ...state, wellSinceMs: state.wellSinceMs ?? nowMs, wakeAtMs: undefined })

/** Restarts now, or as soon as the minimum interval and the back-off of a relapse allow. */
const attempt = (state: RestartState, nowMs: number): RestartStep => {
  const pauseMs = state.attempts === 0 ? MIN_RESTART_INTERVAL_MS : delayMsAfter(state.attempts - 1)
  const allowedAtMs = state.lastAtMs + pauseMs
  return allowedAtMs <= nowMs ? restart(state, nowMs) : keep({ ...state, wakeAtMs: allowedAtMs })
}

const restart = (state: RestartState, nowMs: number): RestartStep => ({
  restart: true,
  state: {
    ...state,
    attempts: state.attempts + 1,
    lastAtMs: nowMs,
    // A connection that does well is restarted once: should that go wrong, its state will say so.
    wakeAtMs: isInTrouble(state) ? nowMs + delayMsAfter(state.attempts) : undefined,
  },
})

const delayMsAfter = (attempts: number): number => backoffMs(attempts, RESTART_BACKOFF)
