import { ParticipantKeySource, createAccessKey, deriveRoomId } from '@conclave/e2ee'
import type { KeySource } from '@conclave/e2ee'
import { PBKDF2, createPassphraseKeySource } from '@conclave/e2ee/passphrase'
import type { PassphraseKeySource } from '@conclave/e2ee/passphrase'
import type { ParticipantId, RoomId } from '@conclave/wire'
import { afterEach, expect, test } from 'vitest'
import { Room, createRoomLink } from '../../src/index.ts'
import type { RoomEvents, RoomTarget, TrackSource } from '../../src/index.ts'
import { LocalHub } from '../../src/testing/local-hub.ts'
import { movingPicture } from '../attacks/moving-picture.ts'

const rooms: Room<KeySource>[] = []
const ends: (() => void)[] = []

afterEach(async () => {
  await Promise.all(rooms.splice(0).map((room) => room.leave()))
  for (const end of ends.splice(0)) end()
})

test('[R18] two people see, hear and read each other, and a third who comes late', async () => {
  const { join } = await newRoom()
  const alice = await join('Alice')
  const bob = await join('Bob')
  await alice.publish(await camera())
  await bob.publish(await camera())
  await Promise.all([
    seen(alice, 'Bob'),
    seen(bob, 'Alice'),
    heard(alice, 'Bob'),
    heard(bob, 'Alice'),
  ])
  const carol = await join('Carol')
  await carol.publish(await camera())
  await Promise.all([
    seen(carol, 'Alice'),
    seen(carol, 'Bob'),
    seen(alice, 'Carol'),
    seen(bob, 'Carol'),
  ])
  await alice.chat.send('hello')
  await expect
    .poll(() => carol.chat.messages.map(({ name, text }) => [name, text]))
    .toEqual([['Alice', 'hello']])
  expect(alice.isE2EEEnabled).toBe(true)
  expect(alice.properties().media.senderAuth).toEqual({
    holds: 'yes',
    because: ['connection-of-pair'],
  })
})

test('[R19] screen share starts and stops', async () => {
  const { join } = await newRoom()
  const alice = await join('Alice')
  const bob = await join('Bob')
  const added = next(bob, 'trackAdded')
  await alice.publish(picture(), { source: 'screen' })
  expect((await added).source).toBe('screen')
  await seen(bob, 'Alice', 'screen')
  const removed = next(bob, 'trackRemoved')
  await alice.unpublish('screen')
  expect((await removed).source).toBe('screen')
  expect(participant(bob, 'Alice')?.tracks.has('screen')).toBe(false)
  await alice.publish(picture(), { source: 'screen' })
  await seen(bob, 'Alice', 'screen')
})

test('[R20] a muted source is not sent, and others see that it is muted', async () => {
  const { join } = await newRoom()
  const alice = await join('Alice')
  const bob = await join('Bob')
  await alice.publish(await camera())
  await seen(bob, 'Alice')
  alice.setEnabled('camera', false)
  await expect.poll(() => participant(bob, 'Alice')?.tracks.get('camera')?.enabled).toBe(false)
  alice.setEnabled('camera', true)
  await expect.poll(() => participant(bob, 'Alice')?.tracks.get('camera')?.enabled).toBe(true)
  await seen(bob, 'Alice')
})

test('[R14, R19] a participant that leaves is gone for the others, with all media', async () => {
  const { join } = await newRoom()
  const alice = await join('Alice')
  const bob = await join('Bob')
  await bob.publish(await camera())
  await Promise.all([seen(alice, 'Bob'), heard(alice, 'Bob')])
  const ended: string[] = []
  alice.on('trackRemoved', ({ participant: { name }, source }) => ended.push(`${name} ${source}`))
  alice.on('participantLeft', ({ participant: { name } }) => ended.push(name))
  const left = next(alice, 'participantLeft')
  await bob.leave()
  expect((await left).participant.name).toBe('Bob')
  expect(ended.toSorted()).toEqual(['Bob', 'Bob camera', 'Bob microphone'])
  expect(ended.at(-1)).toBe('Bob')
  expect(await bob.closed).toEqual({ reason: 'left' })
  await expect(bob.publish(picture())).rejects.toMatchObject({ code: 'ERR_CLIENT_CLOSED' })
})

test('[R18, R59] a participant without the new root sees no further frames, and those with it go on', async () => {
  const { join } = await newRoom()
  const [alice, bob, carol] = [await join('Alice'), await join('Bob'), await join('Carol')]
  await alice.publish(await camera())
  await Promise.all([seen(bob, 'Alice'), seen(carol, 'Alice')])
  const shutOut = until(alice, 'participantLeft', ({ participant: { name } }) => name === 'Carol')
  const secret = crypto.getRandomValues(new Uint8Array(32))
  for (const room of [bob, alice]) room.keys.setKey(Uint8Array.from(secret), 1n)
  await shutOut
  await expect.poll(() => bob.participants.size).toBe(1)
  await seen(bob, 'Alice')
  await alice.chat.send('only for those who stay')
  await expect.poll(() => bob.chat.messages.length).toBe(1)
  expect(carol.chat.messages).toEqual([])
})

test('[R26] media is encrypted under the keys of a passphrase', async () => {
  const hub = new LocalHub({ atOnce: true })
  const room = await newRoomId()
  const join = async (name: string): Promise<Room<PassphraseKeySource>> => {
    const phrase = 'lantern harbour seven quiet orchard pebble'
    const keys = await createPassphraseKeySource(phrase, { room, kdf: PBKDF2 })
    ends.push(() => keys.close())
    return joinWith({ room, keys, hub: (self) => hub.transport(self) }, name)
  }
  const [alice, bob] = [await join('Alice'), await join('Bob')]
  await alice.publish(await camera())
  await Promise.all([seen(bob, 'Alice'), heard(bob, 'Alice')])
  expect(bob.keys.mode).toBe('passphrase')
})

test('[R26] media is encrypted under each participant’s keys, for those with a grant', async () => {
  const hub = new LocalHub({ atOnce: true })
  const room = await newRoomId()
  const sources = new Map<ParticipantId, ParticipantKeySource>()
  const keys = (self: ParticipantId): ParticipantKeySource => {
    const source = new ParticipantKeySource(self)
    for (const [id, other] of sources) {
      other.setParticipantKey(self, source.grantWithPast())
      source.setParticipantKey(id, other.grantWithPast())
    }
    sources.set(self, source)
    ends.push(() => source.close())
    return source
  }
  const target = { room, keys, hub: hub.transport.bind(hub) }
  const [alice, bob] = [await joinWith(target, 'Alice'), await joinWith(target, 'Bob')]
  await alice.publish(await camera())
  await Promise.all([seen(bob, 'Alice'), heard(bob, 'Alice')])
  const before = alice.keys.epoch
  bob.keys.setParticipantKey(alice.self.id, alice.keys.rotate())
  expect(alice.keys.epoch).toBeGreaterThan(before)
  await seen(bob, 'Alice')
})

test('[R2] a link without its secret does not even start', async () => {
  const link = await createRoomLink('https://meet.example')
  await expect(Room.join(link.split('#')[0] ?? '')).rejects.toMatchObject({
    code: 'ERR_CLIENT_LINK_INVALID',
    details: { reason: 'missing-secret' },
  })
})

async function newRoom(): Promise<{ join(name: string): Promise<Room> }> {
  const hub = new LocalHub({ atOnce: true })
  const link = await createRoomLink('https://meet.example')
  const join = async (name: string): Promise<Room> => {
    const room = await Room.join(link, { name, transport: (self) => hub.transport(self) })
    rooms.push(room)
    return room
  }
  return { join }
}

async function newRoomId(): Promise<RoomId> {
  const { publicKey } = await createAccessKey(crypto.getRandomValues(new Uint8Array(32)))
  return deriveRoomId(publicKey)
}

async function joinWith<Keys extends KeySource>(
  target: RoomTarget<Keys>,
  name: string,
): Promise<Room<Keys>> {
  const room = await Room.join(target, { name })
  rooms.push(room)
  return room
}

async function camera(): Promise<MediaStream> {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: true,
    video: { width: 320, height: 180 },
  })
  ends.push(() => stream.getTracks().forEach((track) => track.stop()))
  return stream
}

const picture = (): MediaStream => new MediaStream([movingPicture(320, 180)])

const participant = (
  room: Room<KeySource>,
  name: string,
): ReturnType<Room['participants']['get']> =>
  [...room.participants.values()].find((other) => other.name === name)

async function seen(
  room: Room<KeySource>,
  name: string,
  source: TrackSource = 'camera',
): Promise<void> {
  await expect.poll(() => participant(room, name)?.tracks.get(source)?.e2ee).toBe('ok')
  const track = participant(room, name)?.tracks.get(source)?.track
  const video = document.createElement('video')
  video.muted = true
  video.srcObject = new MediaStream(track === undefined ? [] : [track])
  document.body.append(video)
  await video.play()
  const before = video.getVideoPlaybackQuality().totalVideoFrames
  await expect
    .poll(() => video.getVideoPlaybackQuality().totalVideoFrames - before)
    .toBeGreaterThan(5)
  expect(video.videoWidth).toBeGreaterThan(0)
  video.remove()
}

async function heard(room: Room<KeySource>, name: string): Promise<void> {
  await expect.poll(() => participant(room, name)?.tracks.get('microphone')?.e2ee).toBe('ok')
  const track = participant(room, name)?.tracks.get('microphone')?.track
  if (track === undefined) throw new Error('no microphone')
  const context = new AudioContext()
  const analyser = context.createAnalyser()
  context.createMediaStreamSource(new MediaStream([track])).connect(analyser)
  const player = new Audio()
  player.muted = true
  player.srcObject = new MediaStream([track])
  void player.play()
  const samples = new Float32Array(analyser.fftSize)
  const peak = (): number => {
    analyser.getFloatTimeDomainData(samples)
    return Math.max(...samples.map(Math.abs))
  }
  await expect.poll(peak).toBeGreaterThan(0.01)
  await context.close()
}

function next<T extends keyof RoomEvents>(room: Room, type: T): Promise<RoomEvents[T]> {
  return until(room, type, () => true)
}

function until<T extends keyof RoomEvents>(
  room: Room,
  type: T,
  matches: (event: RoomEvents[T]) => boolean,
): Promise<RoomEvents[T]> {
  return new Promise((resolve) => {
    const end = room.on(type, (event) => {
      if (!matches(event)) return
      end()
      resolve(event)
    })
  })
}
