import type { Clock } from '../clock.ts'

/** A clock that stands still until it is moved: timers fire in their order, in the call of `advance`. */
export interface ManualClock extends Clock {
  /** Moves time on and fires what is due. */
  advance(byMs: number): void
  /** How many timers wait. */
  readonly pending: number
}

/** Makes a clock for tests. */
export function createManualClock(startMs = 1_000_000): ManualClock {
  let nowMs = startMs
  let count = 0
  const timers = new Map<unknown, { readonly dueMs: number; readonly callback: () => void }>()
  return {
    now: () => nowMs,
    setTimeout: (callback, delayMs) => {
      const id = (count += 1)
      timers.set(id, { dueMs: nowMs + delayMs, callback })
      return id
    },
    clearTimeout: (timer) => {
      timers.delete(timer)
    },
    advance: (byMs) => {
      const untilMs = nowMs + byMs
      for (;;) {
        const [next] = Array.from(timers).sort(([, one], [, other]) => one.dueMs - other.dueMs)
        if (next === undefined || next[1].dueMs > untilMs) break
        timers.delete(next[0])
        nowMs = Math.max(nowMs, next[1].dueMs)
        next[1].callback()
      }
      nowMs = untilMs
    },
    get pending() {
      return timers.size
    },
  }
}
