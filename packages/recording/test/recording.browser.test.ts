import type { Room } from '@conclave/client'
import { encodeGrowingFileKey } from '@conclave/e2ee/files'
import { ALL_FORMATS, BlobSource, Input, VideoSampleSink } from 'mediabunny'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import {
  encodeRecordingKey,
  exportRecording,
  openRecording,
  parseRecordingKey,
  playRecording,
  startRecording,
} from '../src/index.ts'
import type { RecordingKey } from '../src/index.ts'
import { cameraOf, collector, fileInMemory, newCall, sees } from './call.ts'
import type { Call } from './call.ts'

const SMALL = { width: 640, height: 360, frameRate: 15, videoBitrate: 400_000 } as const

let call: Call

beforeEach(async () => {
  call = await newCall()
})

afterEach(async () => {
  vi.restoreAllMocks()
  await call.end()
})

/** Two who see each other: Alice is red, Bob is green. */
async function aliceAndBob(): Promise<readonly [Room, Room]> {
  const [alice, bob] = [await call.join('Alice'), await call.join('Bob')]
  await alice.publish(cameraOf('#f00'))
  await bob.publish(cameraOf('#0f0'))
  await Promise.all([sees(alice, 'Bob'), sees(bob, 'Alice')])
  return [alice, bob]
}

/** The strongest colour in the middle of the left and of the right half, of each picture of an ordinary file. */
async function coloursOf(file: Blob): Promise<readonly (readonly string[])[]> {
  const input = new Input({ source: new BlobSource(file), formats: ALL_FORMATS })
  const track = await input.getPrimaryVideoTrack()
  if (track === null) throw new Error('expected pictures')
  const { width, height } = SMALL
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })
  const colours: (readonly string[])[] = []
  for await (const picture of new VideoSampleSink(track).samples()) {
    if (context !== null) picture.draw(context, 0, 0)
    picture.close()
    const halves = [0.25, 0.75].map((at) => {
      const [red = 0, green = 0] = context?.getImageData(width * at, height / 2, 1, 1).data ?? []
      return red > 128 ? 'red' : green > 128 ? 'green' : 'dark'
    })
    colours.push(halves)
  }
  return colours
}

/** The colours of a recording, as far as it was written. */
async function recordedColours(sealed: Blob, key: RecordingKey): ReturnType<typeof coloursOf> {
  const file = fileInMemory()
  await exportRecording(sealed, key, file.target)
  return coloursOf(file.blob())
}

/** How long an ordinary file is for an element that plays it, in seconds. */
async function playedSeconds(file: Blob): Promise<number> {
  const video = document.createElement('video')
  const loaded = new Promise((resolve) => video.addEventListener('loadedmetadata', resolve))
  video.src = URL.createObjectURL(file)
  await loaded
  return video.duration
}

const bytesOf = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<Blob> => {
  const parts: Uint8Array<ArrayBuffer>[] = []
  await stream.pipeTo(new WritableStream({ write: (part) => void parts.push(part) }))
  return new Blob(parts, { type: 'video/webm' })
}

test('[Q4, Q5, Q13, Q14] a call is recorded, everyone sees that, and whoever has the key plays and exports it', async () => {
  const [alice, bob] = await aliceAndBob()
  const keys: RecordingKey[] = []
  bob.on('recordingKeyGiven', ({ key }) => keys.push(...[parseRecordingKey(key) ?? []].flat()))
  const sealed = collector()
  const recording = await startRecording(alice, {
    ...{ target: sealed.target, readers: [bob.self.id] },
    ...SMALL,
  })
  await expect
    .poll(() => [...bob.participants.values()].map(({ recordingSince }) => recordingSince))
    .toEqual([recording.since])
  await expect.poll(() => keys.length).toBe(1)
  const before = recording.bytes
  await expect.poll(() => recording.bytes - before).toBeGreaterThan(60_000)
  await expect
    .poll(async () => (await recordedColours(sealed.blob(), recording.key)).at(-1))
    .toEqual(['red', 'green'])
  const end = await recording.stop()
  expect(end).toMatchObject({ reason: 'stopped', error: undefined })
  await expect.poll(() => keys.length).toBe(2)
  expect(alice.self.recordingSince).toBe(undefined)
  // Bob has what Alice has, with the digest.
  const [first, whole] = keys as [RecordingKey, RecordingKey]
  expect(encodeRecordingKey(whole)).toBe(encodeRecordingKey(end.key))
  expect(first.size).toBe(undefined)

  // Nothing of the media is in what is stored.
  const text = new TextDecoder('latin1').decode(await sealed.blob().arrayBuffer())
  for (const part of ['webm', 'V_VP8', 'A_OPUS', encodeGrowingFileKey(whole).key]) {
    expect(text).not.toContain(part)
  }

  const file = fileInMemory()
  expect(await exportRecording(sealed.blob(), whole, file.target)).toEqual({
    complete: true,
    size: whole.size,
  })
  const input = new Input({ source: new BlobSource(file.blob()), formats: ALL_FORMATS })
  const [video, audio] = [await input.getPrimaryVideoTrack(), await input.getPrimaryAudioTrack()]
  expect([video?.codec, audio?.codec]).toEqual(['vp8', 'opus'])
  expect(await input.computeDuration()).toBeGreaterThan(1)
  expect(await playedSeconds(file.blob())).toBeGreaterThan(1)
  expect((await coloursOf(file.blob())).at(-1)).toEqual(['red', 'green'])

  const element = document.createElement('video')
  element.muted = true
  document.body.append(element)
  const playback = playRecording(element, sealed.blob().stream(), whole)
  await element.play()
  await expect.poll(() => element.currentTime).toBeGreaterThan(1)
  expect(await playback.ended).toEqual({ complete: true, size: whole.size })
  expect([element.videoWidth, element.videoHeight]).toEqual([640, 360])
  playback.close()
  element.remove()
}, 120_000)

test('[Q3] of somebody from whom the hub keeps the announcement nothing is recorded, until it is known to him', async () => {
  const [alice, bob] = await aliceAndBob()
  let passes = false
  call.hub.rule = (delivery, deliver) => {
    if (passes || delivery.from !== alice.self.id) deliver(delivery)
  }
  // How many bytes are written before everyone has a picture, nobody knows.
  const recordUntil = async (wanted: readonly string[]): ReturnType<typeof coloursOf> => {
    const sealed = collector()
    const recording = await startRecording(alice, { target: sealed.target, ...SMALL })
    await expect
      .poll(async () => (await recordedColours(sealed.blob(), recording.key)).at(-1))
      .toEqual(wanted)
    const before = recording.bytes
    await expect.poll(() => recording.bytes - before).toBeGreaterThan(50_000)
    const knows = typeof bob.participants.get(alice.self.id)?.recordingSince === 'number'
    expect(knows).toBe(passes)
    const { key } = await recording.stop()
    return recordedColours(sealed.blob(), key)
  }
  // Alice fills the picture, and Bob is in none.
  const alone = await recordUntil(['red', 'red'])
  expect(alone.at(-1)).toEqual(['red', 'red'])
  expect(alone.flat()).not.toContain('green')
  expect(bob.participants.get(alice.self.id)?.recordingSince).toBe(undefined)
  passes = true
  await expect.poll(() => alice.participants.size).toBe(1)
  const both = await recordUntil(['red', 'green'])
  expect(both.at(-1)).toEqual(['red', 'green'])
})

test('[Q4] nothing is taken before the announcement is with the hub, nor after its end', async () => {
  const log: string[] = []
  for (const encoder of [VideoEncoder.prototype, AudioEncoder.prototype]) {
    const encode = encoder.encode as (this: unknown, ...args: unknown[]) => void
    vi.spyOn(encoder as unknown as { encode(): void }, 'encode').mockImplementation(function (
      this: unknown,
      ...args: unknown[]
    ) {
      log.push('taken')
      encode.apply(this, args)
    })
  }
  let release = (): void => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  const alice = await call.join('Alice', {
    transport(self) {
      const made = call.hub.transport(self)
      const tell = made.tell.bind(made)
      made.tell = (type, event) => {
        if (type === 'acknowledged') void held.then(() => tell(type, event))
        else tell(type, event)
      }
      return made
    },
  })
  await alice.publish(cameraOf('#f00'))
  alice.on('recordingStarted', () => log.push('announced'))
  alice.on('recordingEnded', () => log.push('ended'))
  const sealed = collector()
  let isStarted = false
  const starting = startRecording(alice, { target: sealed.target, ...SMALL }).then((recording) => {
    isStarted = true
    return recording
  })
  await expect.poll(() => log).toEqual(['announced'])
  // Another one at the same time is refused, and takes nothing either.
  await expect(
    startRecording(alice, { target: collector().target, ...SMALL }),
  ).rejects.toMatchObject({ code: 'ERR_CLIENT_RECORDING', details: { reason: 'running' } })
  expect([isStarted, sealed.blob().size]).toEqual([false, 0])
  expect(log).toEqual(['announced'])
  release()
  const recording = await starting
  await expect.poll(() => recording.bytes).toBeGreaterThan(40_000)
  await recording.stop()
  expect(log.indexOf('ended')).toBe(log.length - 1)
  expect(log.filter((entry) => entry === 'taken').length).toBeGreaterThan(10)
  // Nothing goes on after the end.
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
  expect(log.at(-1)).toBe('ended')
  expect(recording.isRunning).toBe(false)
})

test('[Q4] no object in the place of a room records, and no call in the place of the announcement', async () => {
  const alice = await call.join('Alice')
  const announced = vi.fn<() => Promise<unknown>>(async () => ({
    ...{ isCurrent: true, since: 1, isKnownTo: () => true },
    ...{ giveKey: async () => {}, end: async () => {} },
  }))
  const fakes: readonly unknown[] = [
    undefined,
    { announceRecording: announced, on: () => () => {}, snapshot: alice.snapshot },
    Object.assign(Object.create(Object.getPrototypeOf(alice)), { announceRecording: announced }),
    new Proxy(alice, {
      get: (room, name) =>
        name === 'announceRecording' ? announced : Reflect.get(room, name, room),
    }),
  ]
  for (const fake of fakes) {
    const sealed = collector()
    await expect(startRecording(fake as Room, { target: sealed.target, ...SMALL })).rejects.toThrow(
      TypeError,
    )
    expect(sealed.blob().size).toBe(0)
  }
  // On the room itself it changes nothing: others see the recording.
  Object.assign(alice, { announceRecording: announced })
  const recording = await startRecording(alice, { target: collector().target, ...SMALL })
  expect(alice.self.recordingSince).toBe(recording.since)
  expect(announced).not.toHaveBeenCalled()
  await recording.stop()
})

test('[Q4] a room that is left ends the recording, which opens', async () => {
  const alice = await call.join('Alice')
  await alice.publish(cameraOf('#f00'))
  const sealed = collector()
  const recording = await startRecording(alice, { target: sealed.target, ...SMALL })
  await expect.poll(() => recording.bytes).toBeGreaterThan(40_000)
  await alice.leave()
  const { reason, key } = await recording.ended
  expect(reason).toBe('left')
  const { stream, ended } = openRecording(sealed.blob(), key)
  await bytesOf(stream)
  expect((await ended).complete).toBe(true)
  await expect(startRecording(alice, { target: collector().target })).rejects.toMatchObject({
    code: 'ERR_CLIENT_CLOSED',
  })
})

test('[Q15] a storage that fails, or takes nothing, ends the recording, and the announcement with it', async () => {
  const alice = await call.join('Alice')
  await alice.publish(cameraOf('#f00'))
  const broken = new Error('the disk is full')
  const failure = { code: 'ERR_RECORDING_STORAGE', cause: broken }
  let isFull = false
  const newTarget = (): WritableStream<Uint8Array<ArrayBuffer>> =>
    new WritableStream({ write: () => (isFull ? Promise.reject(broken) : Promise.resolve()) })
  const recording = await startRecording(alice, { target: newTarget(), ...SMALL })
  expect(recording.isRunning).toBe(true)
  isFull = true
  expect(await recording.ended).toMatchObject({ reason: 'failed', error: failure })
  expect(alice.self.recordingSince).toBe(undefined)
  // One that is full from the beginning fails before or after the recording began.
  const error = await startRecording(alice, { target: newTarget(), ...SMALL }).then(
    async ({ ended }) => (await ended).error,
    (thrown: unknown) => thrown,
  )
  expect(error).toMatchObject(failure)
  expect(alice.self.recordingSince).toBe(undefined)
  const stuck = new WritableStream<Uint8Array<ArrayBuffer>>({ write: () => new Promise(() => {}) })
  const waiting = await startRecording(alice, { target: stuck, ...SMALL })
  expect(await waiting.ended).toMatchObject({
    reason: 'failed',
    error: { code: 'ERR_RECORDING_STORAGE' },
  })
  expect(waiting.bytes).toBeLessThan(200_000)
  expect(alice.self.recordingSince).toBe(undefined)
})
