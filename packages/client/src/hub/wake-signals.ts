/**
 * Signs that this device is away, or was and may be back: sleep, no network or another one, a page that is shown again. spec R22
 *
 * @module
 */
import { type Clock, systemClock } from '@conclave/base'

import {
  CLOCK,
  EVENT_TARGET,
  FUNCTION,
  type Kinds,
  checkArgument,
  checkMembers,
  optional,
} from '../arguments.ts'

/** Tells a transport that its connection may have died unnoticed. */
export interface WakeSignals {
  /** Calls `wake` at each sign, until the returned function is called. */
  subscribe(wake: () => void): () => void
  /** Whether the platform says that this device has no network now. Left out: it does not know. spec R216 */
  isOffline?(): boolean
}

/** The parts of a page that {@link createWakeSignals} listens to. */
export interface WakeSources {
  /** Tells `online` and `offline`, and `pageshow` for a page that comes out of the back/forward cache. */
  readonly window?:
    | (Pick<EventTarget, 'addEventListener' | 'removeEventListener'> & {
        readonly navigator?: { readonly onLine: boolean }
      })
    | undefined
  /** Tells `visibilitychange`. */
  readonly document?:
    | (Pick<EventTarget, 'addEventListener' | 'removeEventListener'> & {
        readonly visibilityState: string
      })
    | undefined
  /** The time of day, because other clocks may stand still while a device sleeps. */
  readonly clock?: Clock | undefined
}

/**
 * Signs of a page and, from timers that fire much too late, of a device that slept.
 *
 * @throws TypeError `ERR_CLIENT_ARGUMENT`
 */
export function createWakeSignals(sources: WakeSources): WakeSignals {
  checkMembers('sources', sources, SOURCES)
  const { window, document, clock = WALL_CLOCK } = sources
  return {
    subscribe(wake) {
      checkArgument('wake', wake, FUNCTION)
      const shown = (): void => {
        if (document?.visibilityState === 'visible') wake()
      }
      let timer: unknown
      const watchTime = (): void => {
        const startedAtMs = clock.now()
        timer = clock.setTimeout(() => {
          const lateMs = clock.now() - startedAtMs - TICK_MS
          watchTime()
          if (lateMs > SLEEP_MS) wake()
        }, TICK_MS)
      }
      watchTime()
      for (const type of WINDOW_EVENTS) window?.addEventListener(type, wake)
      document?.addEventListener('visibilitychange', shown)
      return () => {
        clock.clearTimeout(timer)
        for (const type of WINDOW_EVENTS) window?.removeEventListener(type, wake)
        document?.removeEventListener('visibilitychange', shown)
      }
    },
    isOffline: () => window?.navigator?.onLine === false,
  }
}

/** Whether a hub cannot be reached for want of a network: one on this device needs none. spec R216 */
export function isOutOfReach(url: string, signals: WakeSignals | undefined): boolean {
  return signals?.isOffline?.() === true && !LOOPBACK.test(new URL(url).hostname)
}

/** The signs of the page that runs this; outside pages, as in Node, only the lateness of timers. */
export function pageWakeSignals(): WakeSignals {
  return typeof document === 'undefined'
    ? createWakeSignals({})
    : createWakeSignals({ window, document })
}

/** Changes of the time of day do no harm: a connection is probed once too often. */
const WALL_CLOCK: Clock = { ...systemClock, now: () => Date.now() }

const SOURCES: Kinds<WakeSources> = {
  window: optional(EVENT_TARGET),
  document: optional(EVENT_TARGET),
  clock: optional(CLOCK),
}
const WINDOW_EVENTS = ['online', 'offline', 'pageshow'] as const
const LOOPBACK = /^(?:(?:.+\.)?localhost|127\.[\d.]+|\[::1\])$/
const TICK_MS = 5000
const SLEEP_MS = 10_000
