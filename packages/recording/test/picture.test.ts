import type { Participant, RoomSnapshot } from '@conclave/client'
import type { ParticipantId } from '@conclave/wire'
import { describe, expect, test } from 'vitest'
import { fitInto, gridOf } from '../src/picture/grid.ts'
import { recordableOf } from '../src/picture/people.ts'

const HD = { width: 1280, height: 720 }

describe('[Q13] the grid', () => {
  test.each([
    [1, 1],
    [2, 2],
    [3, 2],
    [4, 2],
    [5, 3],
    [9, 3],
    [10, 4],
  ])('of %i pictures has %i columns', (count, columns) => {
    const tiles = gridOf(count, HD)
    expect(tiles.length).toBe(count)
    expect(new Set(tiles.map(({ x }) => x)).size).toBe(columns)
    for (const { x, y, width, height } of tiles) {
      expect(Math.min(x, y)).toBeGreaterThanOrEqual(0)
      expect(x + width).toBeLessThanOrEqual(HD.width)
      expect(y + height).toBeLessThanOrEqual(HD.height)
    }
  })

  test('of nothing is empty', () => {
    expect(gridOf(0, HD)).toEqual([])
  })

  test('shows each picture whole, in the middle of its tile', () => {
    const tile = { x: 100, y: 0, width: 640, height: 360 }
    expect(fitInto(tile, { width: 320, height: 180 })).toEqual(tile)
    expect(fitInto(tile, { width: 360, height: 720 })).toEqual({
      ...{ x: 330, y: 0, width: 180, height: 360 },
    })
  })
})

const track = (live = true): MediaStreamTrack =>
  ({ readyState: live ? 'live' : 'ended' }) as MediaStreamTrack

const person = (
  id: string,
  tracks: Readonly<Record<string, readonly [MediaStreamTrack, boolean]>>,
): Participant =>
  ({
    ...{ id, name: id.toUpperCase() },
    tracks: new Map(
      Object.entries(tracks).map(([source, [own, enabled]]) => [source, { track: own, enabled }]),
    ),
  }) as unknown as Participant

const roomOf = (self: Participant, ...others: Participant[]): RoomSnapshot =>
  ({
    self,
    participants: new Map(others.map((other) => [other.id, other])),
  }) as Partial<RoomSnapshot> as RoomSnapshot

describe('[Q3] of a room is recorded', () => {
  const [camera, microphone, screen, sound] = [track(), track(), track(), track()]
  const alice = person('alice', { camera: [camera, true], microphone: [microphone, true] })
  const bob = person('bob', { screen: [screen, true], 'screen-audio': [sound, true] })

  test('this session, and whoever knows of it', () => {
    const knows = (id: ParticipantId): boolean => id === ('bob' as ParticipantId)
    const { shown, sounds } = recordableOf(roomOf(alice, bob), knows)
    expect(shown).toEqual([
      { key: 'alice', name: 'ALICE', video: camera },
      { key: 'bob', name: 'BOB', video: undefined },
      { key: 'bob screen', name: 'BOB', video: screen },
    ])
    expect(sounds).toEqual([microphone, sound])
  })

  test('nothing of those who do not know of it, not even the name', () => {
    const { shown, sounds } = recordableOf(roomOf(alice, bob), () => false)
    expect(shown.map(({ name }) => name)).toEqual(['ALICE'])
    expect(sounds).toEqual([microphone])
  })

  test('nothing of a track that is off or has ended', () => {
    const off = person('carol', { camera: [camera, false], microphone: [track(false), true] })
    const { shown, sounds } = recordableOf(roomOf(off), () => true)
    expect(shown).toEqual([{ key: 'carol', name: 'CAROL', video: undefined }])
    expect(sounds).toEqual([])
  })
})
