import { afterEach, expect, it } from 'vitest'
import { Room, createRoomLink } from '../src/index.ts'
import type { RoomEvents, TrackSource } from '../src/index.ts'
import { LocalHub } from '../src/testing/local-hub.ts'

const rooms: Room[] = []
const ends: (() => void)[] = []

afterEach(async () => {
  await Promise.all(rooms.splice(0).map((room) => room.leave()))
  for (const end of ends.splice(0)) end()
})

it('[R18] two people see, hear and read each other, and a third who comes late', async () => {
  const { join } = await newRoom()
  const ada = await join('Ada')
  const ben = await join('Ben')
  await ada.publish(await camera())
  await ben.publish(await camera())
  await Promise.all([seen(ada, 'Ben'), seen(ben, 'Ada'), heard(ada, 'Ben'), heard(ben, 'Ada')])
  const cleo = await join('Cleo')
  await cleo.publish(await camera())
  await Promise.all([seen(cleo, 'Ada'), seen(cleo, 'Ben'), seen(ada, 'Cleo'), seen(ben, 'Cleo')])
  await ada.chat.send('hello')
  await expect
    .poll(() => cleo.chat.messages.map(({ name, text }) => [name, text]))
    .toEqual([['Ada', 'hello']])
  expect(ada.isE2EEEnabled).toBe(true)
})

it('[R19] screen share starts and stops', async () => {
  const { join } = await newRoom()
  const ada = await join('Ada')
  const ben = await join('Ben')
  const added = next(ben, 'trackAdded')
  await ada.publish(picture(), { source: 'screen' })
  expect((await added).source).toBe('screen')
  await seen(ben, 'Ada', 'screen')
  const removed = next(ben, 'trackRemoved')
  await ada.unpublish('screen')
  expect((await removed).source).toBe('screen')
  expect(participant(ben, 'Ada')?.tracks.has('screen')).toBe(false)
  await ada.publish(picture(), { source: 'screen' })
  await seen(ben, 'Ada', 'screen')
})

it('[R20] what is muted is not sent, and others see that it is', async () => {
  const { join } = await newRoom()
  const ada = await join('Ada')
  const ben = await join('Ben')
  await ada.publish(await camera())
  await seen(ben, 'Ada')
  ada.setEnabled('camera', false)
  await expect.poll(() => participant(ben, 'Ada')?.tracks.get('camera')?.enabled).toBe(false)
  ada.setEnabled('camera', true)
  await expect.poll(() => participant(ben, 'Ada')?.tracks.get('camera')?.enabled).toBe(true)
  await seen(ben, 'Ada')
})

it('[R14] whoever leaves is gone for the others, with all media', async () => {
  const { join } = await newRoom()
  const ada = await join('Ada')
  const ben = await join('Ben')
  await ben.publish(await camera())
  await seen(ada, 'Ben')
  const left = next(ada, 'participantLeft')
  await ben.leave()
  expect((await left).participant.name).toBe('Ben')
  expect(await ben.closed).toEqual({ reason: 'left' })
  await expect(ben.publish(picture())).rejects.toMatchObject({ code: 'ERR_CLIENT_CLOSED' })
})

it('[R18] whoever is not given the new key sees no more, and those who are go on', async () => {
  const { join } = await newRoom()
  const [ada, ben, cleo] = [await join('Ada'), await join('Ben'), await join('Cleo')]
  await ada.publish(await camera())
  await Promise.all([seen(ben, 'Ada'), seen(cleo, 'Ada')])
  const shutOut = until(cleo, 'e2ee-state-change', ({ state, kind }) => {
    return state === 'MissingKey' && kind === 'video'
  })
  const secret = crypto.getRandomValues(new Uint8Array(32))
  for (const room of [ben, ada]) room.keys.setKey(Uint8Array.from(secret), 1n)
  await shutOut
  expect(participant(cleo, 'Ada')?.tracks.get('camera')?.e2ee).toBe('waiting-key')
  await seen(ben, 'Ada')
  await ada.chat.send('only for those who stay')
  await expect.poll(() => ben.chat.messages.length).toBe(1)
  expect(cleo.chat.messages).toEqual([])
})

it('[R2] a link without its secret does not even start', async () => {
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

async function camera(): Promise<MediaStream> {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: true,
    video: { width: 320, height: 180 },
  })
  ends.push(() => stream.getTracks().forEach((track) => track.stop()))
  return stream
}

function picture(): MediaStream {
  const canvas = document.createElement('canvas')
  canvas.width = 320
  canvas.height = 180
  const context = canvas.getContext('2d')
  const timer = setInterval(() => {
    if (context === null) return
    context.fillStyle = `hsl(${Math.round(performance.now() / 10) % 360} 80% 50%)`
    context.fillRect(0, 0, 320, 180)
  }, 50)
  ends.push(() => clearInterval(timer))
  return canvas.captureStream(20)
}

const participant = (room: Room, name: string): ReturnType<Room['participants']['get']> =>
  [...room.participants.values()].find((other) => other.name === name)

async function seen(room: Room, name: string, source: TrackSource = 'camera'): Promise<void> {
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

async function heard(room: Room, name: string): Promise<void> {
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
