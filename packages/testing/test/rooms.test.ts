import { expect, onTestFinished, test } from 'vitest'
import {
  HostileMember,
  Place,
  TestTime,
  TestTrack,
  asTrack,
  namesIn,
  rooms,
  spoofedNames,
  streamOf,
  textsIn,
} from '@conclave/testing'

test('[S110] rooms meet, talk and see tracks in one line, in real time', async () => {
  const { alice, bob, place } = await rooms('alice', 'bob')
  onTestFinished(() => place.end())
  expect([namesIn(alice), namesIn(bob)]).toEqual([['bob'], ['alice']])
  await alice.chat.send('hello')
  await place.until(() => textsIn(bob).length === 1, [bob])
  expect(textsIn(bob)).toEqual(['hello'])
  const camera = new TestTrack('video')
  await alice.publish(streamOf(camera))
  const shown = () => bob.participants.get(alice.self.id)?.tracks.get('camera')
  await place.until(() => shown()?.e2ee === 'ok', [bob])
  expect(shown()?.track).toBe(asTrack(camera))
  await alice.unpublish('camera')
  await place.until(() => shown() === undefined, [bob])
})

test('[S110] somebody who comes later sees the tracks of before, and those of one who leaves go', async () => {
  const { alice, place } = await rooms('alice')
  onTestFinished(() => place.end())
  await alice.publish(streamOf(new TestTrack('audio'), new TestTrack('video')))
  const bob = await place.join('bob')
  await place.haveMet(alice, bob)
  const sources = () => [...(bob.participants.get(alice.self.id)?.tracks.keys() ?? [])].toSorted()
  await place.until(() => sources().join() === 'camera,microphone', [bob])
  await alice.leave()
  await place.until(() => bob.participants.size === 0, [bob])
  expect(bob.participants.size).toBe(0)
})

test('[S110] rooms on a clock that stands still live only while the test waits', async () => {
  const time = new TestTime()
  const place = await Place.create({ time })
  onTestFinished(() => place.end())
  const [alice, bob] = [await place.join('alice'), await place.join('bob')]
  await place.haveMet(alice, bob)
  const startMs = time.clock.now()
  await time.pass(60_000, { stepMs: 1000 })
  expect(time.clock.now()).toBe(startMs + 60_000)
  await time.during(alice.chat.send('a minute later'))
  await time.until(() => textsIn(bob).length === 1)
  expect(bob.chat.messages[0]?.at).toBeGreaterThanOrEqual(startMs + 60_000)
})

test('a wait for something that never comes fails at its bound on the clock', async () => {
  const time = new TestTime()
  await expect(time.until(() => false, { withinMs: 1000 })).rejects.toThrow(/never came to that/)
  const never = new Promise<void>(() => {})
  await expect(time.during(never, { withinMs: 1000 })).rejects.toThrow(/never came to that/)
})

test('names are different, and none is that of the place', async () => {
  await expect(rooms('alice', 'alice')).rejects.toThrow(TypeError)
  await expect(rooms('place')).rejects.toThrow(TypeError)
  await expect(Place.create({ link: 'https://meet.example/r/x#y' })).rejects.toThrow(TypeError)
})

test('a hostile member is in the roster, under any name that it likes', async () => {
  const { alice, place } = await rooms('alice')
  const mallory = new HostileMember(await place.joinRaw('Mallory'))
  onTestFinished(() => place.end())
  const { id } = mallory.session
  await place.until(() => alice.participants.has(id), [alice])
  const before = alice.participants.get(id)?.name
  const times = spoofedNames('alice').length
  expect(await mallory.flood('names', { victim: alice.self.id, times })).toBe(times)
  await place.until(() => alice.participants.get(id)?.name !== before, [alice])
  expect(mallory.session.nameById.get(alice.self.id)).toBe('alice')
})
