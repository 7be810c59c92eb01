import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  INITIAL_TRACK_STATE,
  isSuccess,
  stateOfDrop,
  stepState,
} from '../../src/worker/track-state.ts'
import type { E2eeState, StateReport } from '../../src/shared/e2ee-state.ts'
import type { TrackState } from '../../src/worker/track-state.ts'

const success: StateReport = { state: 'DecryptionSuccess' }
const missing: StateReport = { state: 'MissingKey', reason: 'missing-key' }
const forged: StateReport = { state: 'DecryptionFailed', reason: 'not-authentic' }

/** The states announced for outcomes that come every 20 ms. */
const announce = (outcomes: readonly StateReport[]): readonly E2eeState[] => {
  let track: TrackState = INITIAL_TRACK_STATE
  const reports: E2eeState[] = []
  for (const [i, outcome] of outcomes.entries()) {
    const step = stepState(track, { outcome, nowMs: i * 20 })
    track = step.track
    if (step.report) reports.push(step.report.state)
  }
  return reports
}

const times = (count: number, outcome: StateReport): StateReport[] =>
  Array.from({ length: count }, () => outcome)

describe('announcing states', () => {
  test('[M25] a success is announced with the first frame, once', () => {
    expect(announce(times(100, success))).toEqual(['DecryptionSuccess'])
  })

  test('[M25] a first frame that fails is announced, and so is the success after it', () => {
    expect(announce([missing, success, success])).toEqual(['MissingKey', 'DecryptionSuccess'])
  })

  test('[M25] forged frames among genuine ones are not announced', () => {
    const mixed = Array.from({ length: 50 }, () => [...times(4, forged), success]).flat()
    expect(announce([success, ...mixed])).toEqual(['DecryptionSuccess'])
  })

  test('[M25] five failures in a row are announced, of whatever kinds', () => {
    expect(announce([success, forged, missing, forged, missing, forged])).toEqual([
      'DecryptionSuccess',
      'DecryptionFailed',
    ])
  })

  test('[M25] a failure that persists is repeated at most once a second', () => {
    expect(announce(times(151, missing))).toHaveLength(4)
  })

  test('[M25] one failure gives way to another after five frames', () => {
    expect(announce([missing, ...times(4, forged)])).toEqual(['MissingKey'])
    expect(announce([missing, ...times(5, forged)])).toEqual(['MissingKey', 'DecryptionFailed'])
  })

  test('[M25] states alternate: no success is repeated, and a failure after it is announced', () => {
    const outcome = fc.constantFrom(success, missing, forged)
    fc.assert(
      fc.property(fc.array(outcome, { maxLength: 200 }), (outcomes) => {
        const reports = announce(outcomes)
        const pairs = reports.slice(1).map((state, i) => [reports[i] ?? state, state] as const)
        expect(pairs.filter((pair) => pair.every(isSuccess))).toEqual([])
        const last = outcomes.at(-1)?.state
        const isDone = last !== undefined && isSuccess(last)
        expect(isDone ? reports.at(-1) : last).toBe(last)
      }),
    )
  })
})

describe('states of dropped frames', () => {
  test('[M25] a key that never opened anything is the wrong one', () => {
    const drop = { reason: 'not-authentic' } as const
    expect(stateOfDrop('open', { ...drop, isKeyProven: false })).toEqual({
      state: 'InvalidKey',
      reason: 'wrong-key',
    })
    expect(stateOfDrop('open', { ...drop, isKeyProven: true })).toEqual({
      state: 'DecryptionFailed',
      reason: 'not-authentic',
    })
  })

  test('[M25] the side distinguishes encryption from decryption', () => {
    expect(stateOfDrop('seal', { reason: 'unsupported-codec' }).state).toBe('EncryptionFailed')
    expect(stateOfDrop('open', { reason: 'unsupported-codec' }).state).toBe('DecryptionFailed')
    expect(stateOfDrop('seal', { reason: 'missing-key' }).state).toBe('MissingKey')
    expect(stateOfDrop('open', { reason: 'internal' }).state).toBe('InternalError')
  })
})
