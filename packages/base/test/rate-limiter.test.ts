import { RateLimiter } from '@conclave/base'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

/** The obvious one: a bucket whose level is counted in milliseconds of its rate, which are whole numbers here. */
class Bucket {
  readonly #intervalMs: number
  readonly #fullMs: number
  #levelMs: number
  #atMs = 0

  constructor({ intervalMs, burst }: { intervalMs: number; burst: number }) {
    this.#intervalMs = intervalMs
    this.#fullMs = burst * intervalMs
    this.#levelMs = this.#fullMs
  }

  passTo(nowMs: number): void {
    this.#levelMs = Math.min(this.#fullMs, this.#levelMs + nowMs - this.#atMs)
    this.#atMs = nowMs
  }

  take(cost: number): boolean {
    if (this.#levelMs < cost * this.#intervalMs) return false
    this.force(cost)
    return true
  }

  force(cost: number): void {
    this.#levelMs -= cost * this.#intervalMs
  }

  waitMs(cost: number): number {
    return Math.max(0, Math.min(cost * this.#intervalMs, this.#fullMs) - this.#levelMs)
  }

  pauseUntil(untilMs: number): void {
    this.#levelMs = Math.min(this.#levelMs, this.#atMs - untilMs)
  }

  get isIdle(): boolean {
    return this.#levelMs === this.#fullMs
  }
}

describe('taking', () => {
  test('[H23] the burst passes at once, then the rate', () => {
    const limiter = new RateLimiter({ perSecond: 10, burst: 3 })
    const take = (nowMs: number): boolean => limiter.take(nowMs)
    expect([0, 0, 0, 0].map(take)).toEqual([true, true, true, false])
    expect([99, 100, 101].map(take)).toEqual([false, true, false])
    expect([1000, 1000, 1000, 1000].map(take)).toEqual([true, true, true, false])
  })

  test('[H23] a cost above the burst never passes, and a refusal takes nothing', () => {
    const limiter = new RateLimiter({ perSecond: 10, burst: 3 })
    expect([limiter.take(0, 4), limiter.take(0, 3), limiter.take(0)]).toEqual([false, true, false])
  })

  test('many small takes add up to the rate, though thirds of a millisecond are not exact', () => {
    const limiter = new RateLimiter({ perSecond: 3000, burst: 1 })
    let passed = 0
    for (let tick = 0; tick < 30_000; tick += 1) if (limiter.take(tick / 3)) passed += 1
    expect(passed).toBe(30_000)
  })
})

describe('waiting', () => {
  test('[R6] tells in how many whole milliseconds the tokens are available', () => {
    const limiter = new RateLimiter({ perSecond: 8, burst: 2 })
    expect(limiter.waitMs(0, 2)).toBe(0)
    limiter.take(0, 2)
    expect([limiter.waitMs(0), limiter.waitMs(0.5), limiter.waitMs(0, 2)]).toEqual([125, 125, 250])
    expect([limiter.take(124), limiter.take(125)]).toEqual([false, true])
  })

  test('[R6] a cost above the burst waits for a full bucket and leaves a debt', () => {
    const limiter = new RateLimiter({ perSecond: 10, burst: 5 })
    limiter.take(0, 1)
    expect(limiter.waitMs(0, 20)).toBe(100)
    limiter.force(100, 20)
    expect(limiter.waitMs(100)).toBe(1600)
    expect([limiter.take(1699), limiter.take(1700)]).toEqual([false, true])
  })

  test('[R6] a pause gives no token before its end, and never shortens a debt', () => {
    const limiter = new RateLimiter({ perSecond: 10, burst: 5 })
    limiter.pauseUntil(500)
    expect([limiter.take(499), limiter.waitMs(0), limiter.take(600)]).toEqual([false, 600, true])
    limiter.force(600, 50)
    const before = limiter.waitMs(600)
    limiter.pauseUntil(700)
    expect(limiter.waitMs(600)).toBe(before)
  })

  test('is idle when nothing that was taken still counts', () => {
    const limiter = new RateLimiter({ perSecond: 10, burst: 5 })
    expect(limiter.isIdle(0)).toBe(true)
    limiter.take(0)
    expect([limiter.isIdle(99), limiter.isIdle(100)]).toEqual([false, true])
  })
})

test('[H23] agrees with a bucket that is filled as time passes', () => {
  const step = fc.record({
    type: fc.constantFrom('take', 'take', 'take', 'force', 'pause'),
    afterMs: fc.oneof(fc.nat(50), fc.nat(3000)),
    cost: fc.integer({ min: 1, max: 12 }),
  })
  const rates = fc.record({
    perSecond: fc.constantFrom(1, 2, 5, 8, 20, 100, 500, 1000),
    burst: fc.integer({ min: 1, max: 10 }),
  })
  fc.assert(
    fc.property(rates, fc.array(step, { maxLength: 60 }), ({ perSecond, burst }, steps) => {
      const limiter = new RateLimiter({ perSecond, burst })
      const bucket = new Bucket({ intervalMs: 1000 / perSecond, burst })
      let nowMs = 0
      for (const { type, afterMs, cost } of steps) {
        nowMs += afterMs
        bucket.passTo(nowMs)
        expect(limiter.waitMs(nowMs, cost)).toBe(bucket.waitMs(cost))
        expect(limiter.isIdle(nowMs)).toBe(bucket.isIdle)
        const untilMs = nowMs + cost * 20
        if (type === 'force') {
          limiter.force(nowMs, cost)
          bucket.force(cost)
        } else if (type === 'pause') {
          limiter.pauseUntil(untilMs)
          bucket.pauseUntil(untilMs)
        }
        expect(limiter.take(nowMs, cost)).toBe(bucket.take(cost))
      }
    }),
    { numRuns: 300 },
  )
})
