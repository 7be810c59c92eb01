/**
 * A clock that tests turn by hand.
 */
import type { Clock } from '@conclave/media'

export interface VirtualClock extends Clock {
  /** Moves time on, and fires the timers that fall due, in order. */
  advance(ms: number): void
  readonly timers: number
}

export function virtualClock(): VirtualClock {
  const timers = new Map<number, { readonly at: number; readonly callback: () => void }>()
  let nowMs = 0
  let handles = 0
  const due = (until: number) =>
    Array.from(timers)
      .filter(([, timer]) => timer.at <= until)
      .toSorted(([, a], [, b]) => a.at - b.at)[0]
  return {
    now: () => nowMs,
    setTimeout: (callback, delayMs) => {
      handles += 1
      timers.set(handles, { at: nowMs + delayMs, callback })
      return handles
    },
    clearTimeout: (handle) => void timers.delete(handle as number),
    advance: (ms) => {
      const until = nowMs + ms
      for (let next = due(until); next; next = due(until)) {
        timers.delete(next[0])
        nowMs = next[1].at
        next[1].callback()
      }
      nowMs = until
    },
    get timers() {
      return timers.size
    },
  }
}

/** Lets everything that waits for promises, streams or WebCrypto come to rest; takes no time by the clock. */
export async function settle(): Promise<void> {
  for (let quiet = 0; quiet < 8; quiet = running === 0 ? quiet + 1 : 0) {
    await new Promise<void>((resolve) => {
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = () => {
        port1.close()
        resolve()
      }
      port2.postMessage(undefined)
    })
  }
}

/** Operations of WebCrypto under way: they run on other threads, so that turns of the event loop do not bound them. */
let running = 0

for (const name of ['encrypt', 'decrypt', 'deriveKey', 'deriveBits', 'importKey'] as const) {
  const original = SubtleCrypto.prototype[name] as (...parameters: unknown[]) => Promise<unknown>
  const counted = function (this: SubtleCrypto, ...parameters: unknown[]): Promise<unknown> {
    running += 1
    return original.apply(this, parameters).finally(() => {
      running -= 1
    })
  }
  Object.defineProperty(SubtleCrypto.prototype, name, { value: counted, configurable: true })
}
