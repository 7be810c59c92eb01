/** A medium for which two browsers have no codec in common. */
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { Room, type RoomOptions, createRoomLink } from '../../src/index.ts'
import { LocalHub } from '../../src/testing/local-hub.ts'

let hub: LocalHub
let link: string

beforeEach(async () => {
  hub = new LocalHub({ atOnce: true })
  link = await createRoomLink('https://meet.example')
})

const orders = ['with the microphone', 'in the running call'] as const

test.each(orders)(
  '[S53, R32, R34] without a common codec the camera has failed, a problem says so to both, and the microphone goes on; it begins %s',
  async (begins) => {
    const alice = await join('Alice', { videoCodecs: ['video/VP9'] })
    const [audio, video] = await microphoneAndCamera()
    const later = begins === orders[1]
    await alice.publish(later ? audio : new MediaStream([audio, video].flatMap(tracksOf)))
    const bob = await join('Bob', { videoCodecs: ['video/vp8'] })
    const [ofAlice, ofBob] = [problemsOf(alice), problemsOf(bob)]
    const reasons: unknown[] = []
    bob.on('e2ee-state-change', ({ source, reason }) => {
      if (source === 'camera') reasons.push(reason)
    })
    const microphone = () => bob.participants.get(alice.self.id)?.tracks.get('microphone')?.e2ee
    await expect.poll(microphone).toBe('ok')
    expect(later ? [...ofAlice, ...ofBob] : []).toEqual([])
    if (later) await alice.publish(video)
    const missing = ['ERR_P2P_UNSUPPORTED_CODEC']
    await expect.poll(() => [ofAlice, ofBob]).toEqual([missing, missing])
    expect(reasons).toEqual(['unsupported-codec'])
    expect(bob.participants.get(alice.self.id)?.published.camera).toBe(true)
    expect(microphone()).toBe('ok')
  },
)

test('[M50] a list of codecs without one that can be protected is refused', async () => {
  await expect(join('Carol', { videoCodecs: ['video/h265'] })).rejects.toThrow(TypeError)
})

async function join(name: string, options: RoomOptions): Promise<Room> {
  const transport = hub.transport.bind(hub)
  const room = await Room.join(link, { name, transport, ...options })
  onTestFinished(() => room.leave())
  return room
}

const problemsOf = (room: Room): string[] => {
  const codes: string[] = []
  room.on('problem', ({ code }) => codes.push(code))
  return codes
}

const tracksOf = (stream: MediaStream): MediaStreamTrack[] => stream.getTracks()

async function microphoneAndCamera(): Promise<readonly [MediaStream, MediaStream]> {
  const video = { width: 160, height: 90 }
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video })
  onTestFinished(() => {
    for (const track of stream.getTracks()) track.stop()
  })
  return [new MediaStream(stream.getAudioTracks()), new MediaStream(stream.getVideoTracks())]
}
