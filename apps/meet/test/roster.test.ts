import { expect, test } from 'vitest'
import { cameraViewOf, isMuted, peopleOf, securityOf, sharesScreen } from '../src/state/roster.ts'
import { TestRoom, participant, track } from './support/room.ts'

test('oneself is first, the others stand in the order of their coming', () => {
  const room = new TestRoom()
  for (const id of ['a', 'b']) room.enter(id)
  room.depart('a')
  for (const id of ['c', 'a']) room.enter(id)
  const ids = peopleOf(room.snapshot, 'Guest').map(({ id }) => id)
  expect(ids).toEqual(['self', 'b', 'c', 'a'])
})

test('somebody without a name is a guest', () => {
  const room = new TestRoom()
  room.enter('a', { name: '  ' })
  const people = peopleOf(room.snapshot, 'Guest')
  expect(people.map((person) => person.name)).toEqual(['Ada', 'Guest'])
})

test.each([
  [{}, 'picture'],
  [{ tracks: new Map([['camera', track('video', { e2ee: 'waiting-key' })]]) }, 'waiting-key'],
  [{ tracks: new Map([['camera', track('video', { e2ee: 'failed' })]]) }, 'failed'],
  [{ tracks: new Map([['camera', track('video', { enabled: false, e2ee: 'failed' })]]) }, 'off'],
  [{ tracks: new Map([['microphone', track('audio', { e2ee: 'failed' })]]) }, 'failed'],
  [{ tracks: new Map() }, 'off'],
  [{ connection: 'connecting' }, 'connecting'],
  [{ connection: 'interrupted' }, 'interrupted'],
] as const)('a picture is shown only when it is on and authentic: %#', (more, view) => {
  expect(cameraViewOf(participant('a', more as never))).toBe(view)
})

test('frames are judged by the camera, without one by the microphone, without both they are awaited', () => {
  const failed = track('audio', { e2ee: 'failed' })
  const both = new Map([
    ['camera', track('video')],
    ['microphone', failed],
  ] as const)
  expect(securityOf(participant('a', { tracks: both }))).toBe('ok')
  expect(securityOf(participant('a', { tracks: new Map([['microphone', failed]]) }))).toBe('failed')
  expect(securityOf(participant('a', { tracks: new Map() }))).toBe('waiting-key')
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
