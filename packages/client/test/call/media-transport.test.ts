import { VirtualClock } from '@conclave/base/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ParticipantTrack, Room, RoomEvents } from '../../src/index.ts'
import type { LocalTransport } from '../../src/testing/local-hub.ts'
import { TestMedia, TestTrack, asTrack, haveMet, localRoom, streamOf } from '../support.ts'

let place: Awaited<ReturnType<typeof localRoom>>
let media: TestMedia
let clock: VirtualClock
let transport: LocalTransport | undefined
let transportOfBob: LocalTransport | undefined
let alice: Room
let bob: Room

beforeEach(async () => {
  place = await localRoom()
  clock = new VirtualClock()
  alice = await place.join('Alice', {
    clock,
    transport: (self) => (transport = place.hub.transport(self)),
    media: (context) => {
      media = new TestMedia(context)
      return media
    },
  })
  bob = await place.join('Bob', {
    transport: (self) => (transportOfBob = place.hub.transport(self)),
  })
  await haveMet([alice, bob])
})

afterEach(() => place.leave())

test('[R25, R46] its keys are those of the session, not those of the room', () => {
  expect(media.context.keys.mode).toBe('participant')
  expect(media.context.keys).not.toBe(alice.keys)
  expect(media.context.keys.members()).toContainEqual({ id: alice.self.id })
})

test('[R25] it gets the session, and runs without WebRTC', () => {
  expect(media.context).toMatchObject({ room: alice.id, self: alice.self.id })
  expect(media.context.clock).toBe(clock)
})

test('[R25] it is told of the roster, the tracks to send, and when signalling works', async () => {
  const { id } = bob.self
  const video = new TestTrack('video')
  await alice.publish(streamOf(video))
  alice.setEnabled('camera', false)
  alice.setEnabled('camera', true)
  await alice.unpublish('camera')
  await bob.leave()
  await expect.poll(() => alice.participants.size).toBe(0)
  await alice.leave()
  expect(media.log).toEqual([
    'resync',
    `add ${id}`,
    ['camera', video],
    ['camera', null],
    ['camera', video],
    ['camera', null],
    `remove ${id}`,
    'close',
  ])
})

test('[R25, R19] its tracks and connections are shown if their sender names them', async () => {
  const participant = bob.self.id
  const track = new TestTrack('video')
  media.emit('trackAdded', { participant, source: 'camera', track: asTrack(track) })
  media.emit('connectionChanged', { participant, connection: 'connected' })
  expect(cameraOfBob()).toBeUndefined()
  await bob.publish(streamOf(track))
  await expect
    .poll(cameraOfBob)
    .toEqual({ track, enabled: true, e2ee: 'pending', liveness: 'live' })
  expect(alice.participants.get(participant)?.connection).toBe('connected')
})

test('[R25] its states of encryption reach the app, its drops are counted', async () => {
  const participant = bob.self.id
  const track = new TestTrack('video')
  await bob.publish(streamOf(track))
  media.emit('trackAdded', { participant, source: 'camera', track: asTrack(track) })
  await expect.poll(cameraOfBob).toBeDefined()
  const states: RoomEvents['e2ee-state-change'][] = []
  alice.on('e2ee-state-change', (event) => states.push(event))
  const change = { participant, source: 'camera', kind: 'video' } as const
  media.emit('e2eeStateChanged', { ...change, state: 'DecryptionSuccess' })
  expect(cameraOfBob()?.e2ee).toBe('ok')
  media.emit('e2eeStateChanged', { ...change, state: 'DecryptionFailed' })
  expect(cameraOfBob()?.e2ee).toBe('failed')
  media.emit('e2eeStateChanged', {
    ...change,
    participant: alice.self.id,
    state: 'EncryptionSuccess',
  })
  expect(states.map(({ participant: { name }, state }) => `${name} ${state}`)).toEqual([
    'Bob DecryptionSuccess',
    'Bob DecryptionFailed',
    'Alice EncryptionSuccess',
  ])
  media.emit('dropped', { reason: 'test', count: 3 })
  expect((await alice.stats()).dropped).toEqual({ test: 3 })
})

const cameraOfBob = (): ParticipantTrack | undefined =>
  alice.participants.get(bob.self.id)?.tracks.get('camera')

test('[R220] its context gives the servers that the hub named last', async () => {
  const { iceServers } = media.context
  if (typeof iceServers !== 'function') throw new Error('expected a function')
  expect(await iceServers()).toEqual([])
  const turn = { urls: ['turn:relay.example'], username: 'alice', credential: 'first' }
  for (const servers of [[turn], [{ ...turn, credential: 'fresh' }, { urls: ['stun:a'] }], []]) {
    transport?.tell('iceServers', { servers })
    expect(await iceServers()).toEqual(servers)
  }
})

test('[S146] nothing is said for a connection with somebody who is out of reach, and all of it again on the return', async () => {
  const { driver, room } = media.context
  const { id } = bob.self
  const said = async (): Promise<boolean> => {
    const before = place.hub.seen.length
    await driver.emit(['sender', room, id], { type: 'invoke', id: alice.self.id, connection: 'a' })
    return place.hub.seen.length > before
  }
  const reach = async (): Promise<readonly unknown[]> => [driver.reaches?.(id), await said()]
  expect(await reach()).toEqual([true, true])
  transportOfBob?.lose()
  expect(await reach()).toEqual([false, false])
  if (transportOfBob) place.hub.restart([transportOfBob])
  expect(media.log.at(-1)).toBe(`resync ${id}`)
  expect(await reach()).toEqual([true, true])
  transport?.lose()
  expect(await reach()).toEqual([false, false])
  if (transport) place.hub.restart([transport])
  expect(media.log.at(-1)).toBe('resync')
  expect(await reach()).toEqual([true, true])
})
