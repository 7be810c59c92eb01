import { VirtualClock } from '@conclave/base/testing'
import { expect, test } from 'vitest'
import { createWakeSignals, isOutOfReach } from '../../src/hub/wake-signals.ts'

/** A document that the test shows and hides. */
class TestDocument extends EventTarget {
  visibilityState = 'hidden'

  show(state: 'visible' | 'hidden'): void {
    this.visibilityState = state
    this.dispatchEvent(new Event('visibilitychange'))
  }
}

/** A clock whose device can sleep: time passes, and no timer fires meanwhile. */
class SleepingClock extends VirtualClock {
  #sleptMs = 0

  override now(): number {
    return super.now() + this.#sleptMs
  }

  sleep(ms: number): void {
    this.#sleptMs += ms
  }
}

const setUp = (): {
  readonly window: EventTarget
  readonly document: TestDocument
  readonly clock: SleepingClock
  readonly wakes: { count: number }
  readonly stop: () => void
} => {
  const window = new EventTarget()
  const document = new TestDocument()
  const clock = new SleepingClock()
  const wakes = { count: 0 }
  const signals = createWakeSignals({ window, document, clock })
  const stop = signals.subscribe(() => {
    wakes.count += 1
  })
  return { window, document, clock, wakes, stop }
}

test('[R22] a network that is gone or back and a page out of the cache are signs', () => {
  const { window, wakes } = setUp()
  window.dispatchEvent(new Event('online'))
  window.dispatchEvent(new Event('pageshow'))
  window.dispatchEvent(new Event('offline'))
  expect(wakes.count).toBe(3)
})

test('[R22] a page that becomes visible wakes the transport, one that is hidden does not', () => {
  const { document, wakes } = setUp()
  document.show('visible')
  document.show('hidden')
  expect(wakes.count).toBe(1)
})

test('[R22] a timer that fires more than 10 s late is a sign of sleep, once', () => {
  const { clock, wakes } = setUp()
  clock.advance(60_000)
  clock.sleep(9000)
  clock.advance(5000)
  expect(wakes.count).toBe(0)
  clock.sleep(3_600_000)
  clock.advance(5000)
  clock.advance(60_000)
  expect(wakes.count).toBe(1)
})

test('[R22] no listener and no timer is left after the end', () => {
  const { window, document, clock, wakes, stop } = setUp()
  stop()
  window.dispatchEvent(new Event('online'))
  document.show('visible')
  expect(clock.pending).toBe(0)
  expect(wakes.count).toBe(0)
})

test('[R22] outside a page only elapsed time wakes the transport', () => {
  const clock = new SleepingClock()
  let wakes = 0
  const stop = createWakeSignals({ clock }).subscribe(() => {
    wakes += 1
  })
  clock.sleep(20_000)
  clock.advance(5000)
  expect(wakes).toBe(1)
  stop()
})

test('[R216] a page without a network reaches no hub but one on this device', () => {
  const page = (onLine: boolean) =>
    createWakeSignals({ window: Object.assign(new EventTarget(), { navigator: { onLine } }) })
  const isOut = (url: string): boolean => isOutOfReach(url, page(false))
  expect(['wss://hub.example/', 'ws://10.0.0.7:80/'].map(isOut)).toEqual([true, true])
  const near = ['ws://localhost:8080/', 'ws://127.0.0.1/', 'wss://app.localhost/', 'ws://[::1]:1/']
  expect(near.map(isOut)).toEqual([false, false, false, false])
  expect(isOutOfReach('wss://hub.example/', page(true))).toBe(false)
  expect(isOutOfReach('wss://hub.example/', createWakeSignals({}))).toBe(false)
})
