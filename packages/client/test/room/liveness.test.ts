/** Tracks whose frames do not come, as others and their own session see them. spec R112 */
import { VirtualClock } from '@conclave/base/testing'
import type { MediaStats } from '@conclave/media'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Participant, Room, TrackSource } from '../../src/index.ts'
import { TestMedia, TestTrack, asTrack, haveMet, localRoom, streamOf } from '../support.ts'

class CountingMedia extends TestMedia {
  /** Frames by participant and source. */
  readonly frames = new Map<string, number>()
  fails = false

  isSeen = true

  watch(participant: string, source: string, wish: string): void {
    this.log.push(`watch ${participant} ${source} ${wish}`)
  }

  isWatched(): boolean {
    return this.isSeen
  }

  override async stats(): Promise<MediaStats> {
    if (this.fails) throw new Error('the worker is gone')
    const tracks = [...this.frames].map(([name, opened]) => {
      const [participant, label] = name.split(' ')
      return { participant, label, opened, sealed: 0 }
    })
    return { tracks, dropped: {} } as unknown as MediaStats
  }
}

let place: Awaited<ReturnType<typeof localRoom>>
let media: CountingMedia
let clock: VirtualClock
let alice: Room
let bob: Room

beforeEach(async () => {
  place = await localRoom()
  clock = new VirtualClock()
  alice = await place.join('Alice', {
    clock,
    media: (context) => (media = new CountingMedia(context)),
  })
  bob = await place.join('Bob')
  await haveMet([alice, bob])
})

afterEach(() => place.leave())

test('[R112] a source that is on and brings no frames is stalled, and live when they come again', async () => {
  await publishAsBob('camera', new TestTrack('video'))
  expect(bobAt('camera')).toMatchObject({ enabled: true, liveness: 'live' })
  const changes: (string | undefined)[] = []
  alice.on('participantChanged', () => changes.push(bobAt('camera')?.liveness))
  await pass(3)
  expect(bobAt('camera')?.liveness).toBe('live')
  await pass(1)
  expect(bobAt('camera')?.liveness).toBe('stalled')
  come(bob, 'camera')
  await pass(1)
  expect(bobAt('camera')?.liveness).toBe('live')
  for (let second = 0; second < 10; second += 1) {
    come(bob, 'camera')
    await pass(1)
  }
  media.fails = true
  await pass(4)
  expect(bobAt('camera')?.liveness).toBe('stalled')
  expect(changes).toEqual(['stalled', 'live', 'stalled'])
})

test('[R112] a source that is off, or a screen, which may be still, is not stalled for want of frames', async () => {
  await publishAsBob('camera', new TestTrack('video'))
  await publishAsBob('screen', new TestTrack('video'))
  await pass(5)
  expect(bobAt('camera')?.liveness).toBe('stalled')
  expect(bobAt('screen')?.liveness).toBe('live')
  bob.setEnabled('camera', false)
  await expect.poll(() => bobAt('camera')).toMatchObject({ enabled: false, liveness: 'live' })
  media.emit('connectionChanged', { participant: bob.self.id, connection: 'interrupted' })
  expect(bobAt('screen')?.liveness).toBe('stalled')
})

test('[R211] a camera that is paused here is not stalled, and may be again when it is wanted', async () => {
  await publishAsBob('camera', new TestTrack('video'))
  await pass(4)
  expect(bobAt('camera')?.liveness).toBe('stalled')
  alice.watch(bob.self.id, 'camera', 'paused')
  await pass(4)
  expect(bobAt('camera')?.liveness).toBe('live')
  alice.watch(bob.self.id, 'camera', 'full')
  await pass(5)
  expect(bobAt('camera')?.liveness).toBe('stalled')
  const asked = media.log.filter((entry) => String(entry).startsWith('watch'))
  expect(asked).toEqual(['paused', 'full'].map((wish) => `watch ${bob.self.id} camera ${wish}`))
  for (const given of [
    ['nobody', 'camera', 'low'],
    [bob.self.id, 'microphone', 'low'],
    [bob.self.id, 'camera', 'more'],
  ]) {
    expect(() => alice.watch(...(given as unknown as Parameters<Room['watch']>))).toThrow(TypeError)
  }
})

test('[R211] the own camera that everybody has paused is not stalled', async () => {
  await alice.publish(streamOf(new TestTrack('video')))
  media.emit('connectionChanged', { participant: bob.self.id, connection: 'connected' })
  media.isSeen = false
  await pass(5)
  expect(alice.self.tracks.get('camera')?.liveness).toBe('live')
  media.isSeen = true
  await pass(5)
  expect(alice.self.tracks.get('camera')?.liveness).toBe('stalled')
})

test('[R112, R36] a device that is pulled out has ended, for its own session and for others', async () => {
  const track = new TestTrack('video')
  await publishAsBob('camera', track)
  track.end()
  const ended = { enabled: false, liveness: 'ended' }
  expect(bob.self.tracks.get('camera')).toMatchObject(ended)
  await expect.poll(() => bobAt('camera')).toMatchObject(ended)
  expect(bobSeen()?.published).toEqual({ camera: false })
  await pass(5)
  expect(bobAt('camera')?.liveness).toBe('ended')
  await bob.publish(streamOf(new TestTrack('video')))
  await expect.poll(() => bobAt('camera')).toMatchObject({ enabled: true, liveness: 'live' })
})

test('[R112] an own source is stalled when nothing of it is sealed although somebody is connected', async () => {
  await alice.publish(streamOf(new TestTrack('audio')))
  const own = (): string | undefined => alice.self.tracks.get('microphone')?.liveness
  await pass(6)
  expect(own()).toBe('live')
  media.emit('connectionChanged', { participant: bob.self.id, connection: 'connected' })
  await pass(5)
  expect(own()).toBe('stalled')
  come(alice, 'microphone')
  await pass(1)
  expect(own()).toBe('live')
})

/** Bob publishes a track, and Alice's media brings it. */
async function publishAsBob(source: TrackSource, track: TestTrack): Promise<void> {
  const from = source === 'screen' ? 'screen' : 'camera'
  await bob.publish(streamOf(track), { source: from })
  media.emit('trackAdded', { participant: bob.self.id, source, track: asTrack(track) })
  await expect.poll(() => bobAt(source)).toBeDefined()
}

/** A frame of a source came. */
function come({ self }: Room, source: TrackSource): void {
  const name = `${self.id} ${source}`
  media.frames.set(name, (media.frames.get(name) ?? 0) + 1)
}

async function pass(seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    clock.advance(1000)
    await new Promise<void>((resolve) => {
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = () => {
        port1.close()
        resolve()
      }
      port2.postMessage(undefined)
    })
  }
}

const bobSeen = (): Participant | undefined => alice.participants.get(bob.self.id)

const bobAt = (source: TrackSource) => bobSeen()?.tracks.get(source)
