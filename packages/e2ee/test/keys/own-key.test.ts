import { describe, expect, test } from 'vitest'
import {
  close,
  complete,
  deriveRatcheted,
  prepare,
  requireHeld,
  rotate,
  switchTo,
} from '../../src/keys/own-key.ts'
import type { ChainKey, HeldKey, OwnKey } from '../../src/keys/own-key.ts'
import { failureOf, rootOf } from '../fixtures.ts'
import { epochOf } from '../parties.ts'

const NONE: OwnKey = { state: 'none' }
const CLOSED: OwnKey = { state: 'closed' }
const current: ChainKey = { epoch: epochOf(0, 3), secret: rootOf(1) }
const prepared: ChainKey = { epoch: epochOf(1, 4), secret: rootOf(2) }
const CURRENT: HeldKey = { state: 'current', current }
const PREPARED = { state: 'prepared', current, prepared } as const
const fresh = rootOf(3)

describe('steps of the own key', () => {
  test('[K13] only a key that is held can be asked for', async () => {
    expect((await failureOf(() => requireHeld(NONE))).code).toBe('ERR_E2EE_UNKNOWN_EPOCH')
    expect((await failureOf(() => requireHeld(CLOSED))).code).toBe('ERR_E2EE_CLOSED')
    expect(requireHeld(CURRENT)).toBe(CURRENT)
    expect(requireHeld(PREPARED)).toBe(PREPARED)
  })

  test('[K28, K32] a ratchet derives the next step and leaves the state alone', async () => {
    const next = await deriveRatcheted(CURRENT)
    expect(next.epoch).toBe(epochOf(0, 4))
    expect(next.secret).not.toEqual(current.secret)
    expect(await deriveRatcheted(PREPARED)).toEqual(next)
    expect(current.secret).toEqual(rootOf(1))
  })

  test('[K32] a ratchet reads the secret before it returns', async () => {
    const secret = rootOf(1)
    const deriving = deriveRatcheted({ state: 'current', current: { ...current, secret } })
    secret.fill(0)
    expect(await deriving).toEqual(await deriveRatcheted(CURRENT))
  })

  test('[K32] a rotation begins a generation and consumes the key before', () => {
    const step = rotate(CURRENT, fresh)
    const next = { epoch: epochOf(1, 4), secret: fresh }
    expect(step.own).toEqual({ state: 'current', current: next })
    expect(step.consumed).toEqual([current.secret])
    expect(step.consumed[0]).toBe(current.secret)
  })

  test('[K32] a rotation gives a prepared key up and passes its numbers', () => {
    const step = rotate(PREPARED, fresh)
    expect(step.own.current).toEqual({ epoch: epochOf(2, 5), secret: fresh })
    expect(step.consumed).toEqual([current.secret, prepared.secret])
  })

  test('[K32] preparing keeps sealing under the current key and consumes nothing', () => {
    const step = prepare(CURRENT, { secret: fresh, afresh: false })
    const next = { epoch: epochOf(1, 4), secret: fresh }
    expect(step).toEqual({ own: { state: 'prepared', current, prepared: next }, consumed: [] })
  })

  test('[K32] preparing again keeps the first key and consumes the second', () => {
    const step = prepare(PREPARED, { secret: fresh, afresh: false })
    expect(step.own).toBe(PREPARED)
    expect(step.consumed).toEqual([fresh])
  })

  test('[K32] preparing another key gives the first one up and passes its numbers', () => {
    const step = prepare(PREPARED, { secret: fresh, afresh: true })
    const next = { epoch: epochOf(2, 5), secret: fresh }
    expect(step.own).toEqual({ state: 'prepared', current, prepared: next })
    expect(step.consumed).toEqual([prepared.secret])
    expect(prepare(CURRENT, { secret: fresh, afresh: true })).toEqual(
      prepare(CURRENT, { secret: fresh, afresh: false }),
    )
  })

  test('[K32] completing switches to the prepared key and consumes the one before only', () => {
    const step = complete(PREPARED)
    expect(step.own).toEqual({ state: 'current', current: prepared })
    expect(step.consumed).toEqual([current.secret])
  })

  test('[K33] a switch consumes every secret that was held', () => {
    const next = { epoch: 9n, secret: fresh }
    const after: OwnKey = { state: 'current', current: next }
    expect(switchTo(NONE, next)).toEqual({ own: after, consumed: [] })
    expect(switchTo(CURRENT, next)).toEqual({ own: after, consumed: [current.secret] })
    expect(switchTo(PREPARED, next).consumed).toEqual([current.secret, prepared.secret])
  })

  test('[K13] closing consumes every secret that was held', () => {
    for (const [own, consumed] of [
      [NONE, []],
      [CURRENT, [current.secret]],
      [PREPARED, [current.secret, prepared.secret]],
      [CLOSED, []],
    ] as const) {
      expect(close(own)).toEqual({ own: CLOSED, consumed })
    }
  })

  test('[K27] no step goes past the last numbers', async () => {
    const keyAt = (generation: number, step: number): HeldKey => ({
      state: 'current',
      current: { epoch: epochOf(generation, step), secret: rootOf(1) },
    })
    const last = 2 ** 32 - 1
    const expected = { code: 'ERR_E2EE_EXHAUSTED', details: { limit: 'stream' } }
    expect(await failureOf(deriveRatcheted(keyAt(0, last)))).toMatchObject(expected)
    for (const own of [keyAt(0, last), keyAt(last, 0)]) {
      expect(await failureOf(() => rotate(own, fresh))).toMatchObject(expected)
      expect(await failureOf(() => prepare(own, { secret: fresh, afresh: false }))).toMatchObject(
        expected,
      )
    }
    expect((await deriveRatcheted(keyAt(last, 0))).epoch).toBe(epochOf(last, 1))
    expect(rotate(keyAt(last - 1, last - 1), fresh).own.current.epoch).toBe(epochOf(last, last))
  })
})
