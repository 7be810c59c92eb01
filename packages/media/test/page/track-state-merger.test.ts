import { describe, expect, test } from 'vitest'
import type { ParticipantId } from '@conclave/wire'
import type { StateEvent } from '@conclave/media'
import { TrackStateMerger } from '../../src/page/track-state-merger.ts'
import type { StateReport } from '../../src/shared/e2ee-state.ts'

const success: StateReport = { state: 'DecryptionSuccess' }

describe('merging states', () => {
  const participant = 'alice' as ParticipantId
  const track = { participant, label: 'camera', kind: 'video' } as const
  const scene = () => {
    const events: StateEvent[] = []
    return { events, states: new TrackStateMerger((event) => events.push(event)) }
  }

  test('[M25] a failed connection overrides the state of the worker until it is gone', () => {
    const { states, events } = scene()
    states.add(track, 1)
    states.add(track, 2)
    states.report(track, { state: 'EncryptionSuccess' })
    states.fail({ ...track, pipe: 1 }, { state: 'EncryptionFailed', reason: 'cleartext-risk' })
    states.report(track, { state: 'EncryptionSuccess' })
    states.remove(track, 1)
    expect(events.map(({ state }) => state)).toEqual([
      'EncryptionSuccess',
      'EncryptionFailed',
      'EncryptionSuccess',
    ])
    expect(events[1]).toEqual({ ...track, state: 'EncryptionFailed', reason: 'cleartext-risk' })
  })

  test('[M28] a failure of a connection that is gone does not stick to the others', () => {
    const { states, events } = scene()
    states.add(track, 1)
    states.add(track, 2)
    states.remove(track, 1)
    states.fail({ ...track, pipe: 1 }, { state: 'InternalError', reason: 'not-attached' })
    states.report(track, success)
    expect(events.map(({ state }) => state)).toEqual(['DecryptionSuccess'])
  })

  test('[M25] no state is announced for a track whose connections are gone', () => {
    const { states, events } = scene()
    states.add(track, 1)
    states.remove(track, 1)
    states.report(track, success)
    states.fail({ ...track, pipe: 1 }, { state: 'InternalError', reason: 'worker-failed' })
    expect(events).toEqual([])
  })
})
