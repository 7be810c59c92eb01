import { expect, test } from 'vitest'
import { NameBook } from '../src/state/names.ts'
import {
  type Person,
  Roster,
  cameraViewOf,
  isAway,
  isMuted,
  recordersOf,
  securityOf,
  sharesScreen,
  waitsOf,
} from '../src/state/roster.ts'
import { TestRoom, participant, track } from './support/room.ts'

const makeRoster = (): Roster => new Roster(new NameBook({ guest: 'Guest', reserved: [] }))

const reached = (more: object = {}): Person => ({
  ...participant('a', more),
  wasConnected: true,
  isOtherTab: false,
  overdue: new Set(),
})

test('self is last, after the others in the order in which they joined', () => {
  const room = new TestRoom()
  for (const id of ['a', 'b']) room.enter(id)
  room.depart('a')
  for (const id of ['c', 'a']) room.enter(id)
  const ids = makeRoster()
    .peopleOf(room.snapshot)
    .map(({ id }) => id)
  expect(ids).toEqual(['b', 'c', 'a', 'self'])
})

test('a session of the same browser is another tab, unless the browser keeps no person', () => {
  const room = new TestRoom()
  room.enter('a', { person: 'p' as never })
  room.enter('b', { person: 'q' as never })
  room.enter('c')
  const otherTabs = (own?: string): readonly string[] =>
    makeRoster()
      .peopleOf({ ...room.snapshot, self: { ...room.snapshot.self, person: own as never } })
      .filter(({ isOtherTab }) => isOtherTab)
      .map(({ id }) => id)
  expect(otherTabs('p')).toEqual(['a'])
  expect(otherTabs()).toEqual([])
})

test('[Q1] those who record are known, this person too, and nobody else', () => {
  const room = new TestRoom()
  room.enter('a', { recordingSince: 1 })
  room.enter('b', { recordingSince: undefined })
  const recorders = (own?: number): readonly string[] => {
    const self = { ...room.snapshot.self, recordingSince: own }
    return recordersOf(makeRoster().peopleOf({ ...room.snapshot, self })).map(({ id }) => id)
  }
  expect(recorders()).toEqual(['a'])
  expect(recorders(2)).toEqual(['a', 'self'])
})

test('a participant without a name is a guest', () => {
  const room = new TestRoom()
  room.enter('a', { name: '  ' })
  const people = makeRoster().peopleOf(room.snapshot)
  expect(people.map((person) => person.name)).toEqual(['Guest', 'Alice'])
})

test.each([
  [{}, 'picture'],
  [{ tracks: new Map([['camera', track('video', { e2ee: 'waiting-key' })]]) }, 'waiting-key'],
  [{ tracks: new Map([['camera', track('video', { e2ee: 'pending' })]]) }, 'connecting'],
  [{ tracks: new Map([['camera', track('video', { e2ee: 'failed' })]]) }, 'failed'],
  [{ tracks: new Map([['camera', track('video', { enabled: false, e2ee: 'failed' })]]) }, 'off'],
  [{ tracks: new Map([['microphone', track('audio', { e2ee: 'failed' })]]) }, 'failed'],
  [{ tracks: new Map([['camera', track('video', { liveness: 'stalled' })]]) }, 'stalled'],
  [{ tracks: new Map([['microphone', track('audio', { liveness: 'stalled' })]]) }, 'sound-stalled'],
  [
    { tracks: new Map([['camera', track('video', { enabled: false, liveness: 'ended' })]]) },
    'camera-gone',
  ],
  [{ tracks: new Map() }, 'off'],
  [{ connection: 'connecting' }, 'connecting'],
  [{ connection: 'interrupted' }, 'interrupted'],
  [{ tracks: new Map(), published: { camera: true } }, 'connecting'],
] as const)('a picture is shown only when it is on and authentic: %#', (more, view) => {
  expect(cameraViewOf(reached(more))).toBe(view)
})

const waiting = track('video', { e2ee: 'waiting-key' })

test.each([
  ['connection', { connection: 'connecting' }, 'unreachable'],
  ['connection', { connection: 'interrupted' }, 'unreachable'],
  ['picture', { tracks: new Map([['camera', waiting]]) }, 'no-picture'],
  ['picture', { tracks: new Map(), published: { camera: true } }, 'no-picture'],
  ['sound', { tracks: new Map([['microphone', waiting]]) }, 'no-sound'],
  ['sound', { tracks: new Map(), published: { microphone: true, camera: false } }, 'no-sound'],
  [
    'sound',
    {
      tracks: new Map([['camera', track('video')]]),
      published: { camera: true, microphone: true },
    },
    'picture',
  ],
  ['screen', { tracks: new Map([['screen', waiting]]) }, 'off'],
  ['return', { presence: 'away', connection: 'interrupted' }, 'away'],
  ['return', { presence: 'away', connection: 'connecting', tracks: new Map() }, 'away'],
] as const)('waiting for a %s ends in words: %#', (wait, more, view) => {
  expect(waitsOf(reached(more))).toEqual([wait])
  expect(cameraViewOf({ ...reached(more), overdue: new Set([wait]) })).toBe(view)
})

test('nothing is awaited that is off, authentic, or known to be wrong, and nothing of oneself', () => {
  const failed = track('video', { e2ee: 'failed' })
  for (const more of [
    {},
    { tracks: new Map([['camera', failed]] as const) },
    { tracks: new Map([['camera', { ...waiting, enabled: false }]] as const) },
    { isSelf: true, tracks: new Map([['camera', waiting]] as const) },
  ]) {
    expect(waitsOf(participant('a', more))).toEqual([])
  }
})

test('frames are judged by the camera, without one by the microphone, without both they are awaited', () => {
  const failed = track('audio', { e2ee: 'failed' })
  const both = new Map([
    ['camera', track('video')],
    ['microphone', failed],
  ] as const)
  expect(securityOf(participant('a', { tracks: both }))).toBe('ok')
  expect(securityOf(participant('a', { tracks: new Map([['microphone', failed]]) }))).toBe('failed')
  expect(securityOf(participant('a', { tracks: new Map() }))).toBe('pending')
})

test('one is muted without a microphone, and with one that is off', () => {
  const off = track('audio', { enabled: false })
  expect(isMuted(participant('a'))).toBe(false)
  expect(isMuted(participant('a', { tracks: new Map([['microphone', off]]) }))).toBe(true)
  expect(isMuted(participant('a', { tracks: new Map() }))).toBe(true)
})

test('the screens of others are shown, one’s own is not', () => {
  const tracks = new Map([['screen', track('video')]] as const)
  expect(sharesScreen(participant('a', { tracks }))).toBe(true)
  expect(sharesScreen(participant('self', { tracks, isSelf: true }))).toBe(false)
})

test('a connection that never was is not called lost', () => {
  const room = new TestRoom()
  const roster = makeRoster()
  const viewOf = (connection: 'connecting' | 'connected' | 'interrupted'): string => {
    room.set(participant('a', { connection }))
    const [person] = roster.peopleOf(room.snapshot)
    return person === undefined ? 'nobody' : cameraViewOf(person)
  }
  expect(viewOf('connecting')).toBe('connecting')
  expect(viewOf('interrupted')).toBe('unreachable')
  expect(viewOf('connected')).toBe('picture')
  expect(viewOf('interrupted')).toBe('interrupted')
  room.depart('a')
  roster.peopleOf(room.snapshot)
  expect(viewOf('interrupted')).toBe('unreachable')
})

test('somebody whom the server lost is not away while the picture goes on, and not at once', () => {
  expect(waitsOf(participant('a', { presence: 'away' }))).toEqual([])
  expect(cameraViewOf(reached({ presence: 'away' }))).toBe('picture')
  const lost = reached({ presence: 'away', connection: 'interrupted' })
  expect(isAway(lost)).toBe(false)
  expect(cameraViewOf(lost)).toBe('interrupted')
})

test('somebody who leaves looks as before until it is gone', () => {
  const room = new TestRoom()
  const roster = makeRoster()
  room.enter('a')
  const [before] = roster.peopleOf(room.snapshot)
  const more = { presence: 'leaving', connection: 'connecting', tracks: new Map() } as const
  room.set(participant('a', more))
  expect(roster.peopleOf(room.snapshot)[0]).toEqual(before)
  room.depart('a')
  room.enter('a', { connection: 'connecting' })
  expect(roster.peopleOf(room.snapshot)[0]?.connection).toBe('connecting')
})
