import type { ParticipantId } from '@conclave/wire'
import { expect, test } from 'vitest'
import { sumStats } from '../../src/page/media-stats.ts'
import { NO_DROPS, NO_FRAMES } from '../../src/shared/frame-counters.ts'
import type { PipeCounters } from '../../src/shared/protocol.ts'

const track = (participant: string, counters: Partial<PipeCounters>): PipeCounters => ({
  pipe: 1,
  side: 'open',
  kind: 'audio',
  participant: participant as ParticipantId,
  label: 'microphone',
  keyFrameRequests: 0,
  keyFrames: 0,
  waiting: 0,
  before: NO_FRAMES,
  isVacant: false,
  ...NO_FRAMES,
  ...counters,
})

test('statistics add up by participant and in all', () => {
  const tracks = [
    track('alice', { opened: 2, dropped: { ...NO_DROPS, replay: 1 } }),
    track('alice', { opened: 3, empty: 1, dropped: { ...NO_DROPS, replay: 4, malformed: 1 } }),
    track('bob', { sealed: 5, sealedBytes: 500 }),
  ]
  const stats = sumStats(tracks)
  const ofAlice = { opened: 5, empty: 1, dropped: { ...NO_DROPS, replay: 5, malformed: 1 } }
  expect(stats).toMatchObject({ ...ofAlice, sealed: 5, tracks })
  expect(Object.fromEntries(stats.participants)).toEqual({
    alice: { ...ofAlice, sealed: 0, sealedBytes: 0 },
    bob: { ...NO_FRAMES, sealed: 5, sealedBytes: 500 },
  })
  expect(sumStats([])).toEqual({ ...NO_FRAMES, participants: new Map(), tracks: [] })
})

test('[M56] statistics leave out what a transform carried before, and one that carries nothing', () => {
  const before = { ...NO_FRAMES, opened: 9 }
  const next = track('bob', { opened: 1, before })
  const stats = sumStats([next, track('alice', { opened: 7, isVacant: true })])
  expect(stats).toMatchObject({ opened: 1, tracks: [next] })
  expect([...stats.participants.keys()]).toEqual(['bob'])
})
