/** Members whose frames are in clear, in codecs and sections of every kind, against somebody in a mesh. */
import { Mesh } from '@conclave/p2p'
import type { FrameProtector, SealedDriver } from '@conclave/p2p'
import { FrameCrypto } from '@conclave/media'
import { type RecordedFrame, readRecording } from '@conclave/media/testing'
import { expect, onTestFinished, test } from 'vitest'
import { type MediaContext, Room, type RoomOptions, createRoomLink } from '../../src/index.ts'
import { LocalHub } from '../../src/testing/local-hub.ts'
import { MEDIUM_BY_SOURCE } from '../../src/track-source.ts'
import { type RtpStats, collectConnections, rtpStats } from './connections.ts'
import { microphoneAndCamera, movingPicture } from './moving-picture.ts'
import { tappedWorker } from './tapped-worker.ts'

/** The behaviour of a member: the codecs that it offers, and what it makes of its offers or answers. */
interface Plan {
  readonly audio?: readonly string[]
  readonly video?: readonly string[]
  readonly offer?: (message: Signal) => void
  readonly answer?: (message: Signal) => void
}

interface Signal {
  readonly type: string
  readonly negotiation: number
  sdp: string
  tracks: { mid: string; kind: string }[]
}

const PROTECTED = ['audio/opus', 'video/VP8', 'video/VP9', 'video/AV1', 'video/H264']
const FRAMES = 'frames of common codecs'
const vp8 = /a=rtpmap:(\d+) VP8\/90000/g
const plans: Readonly<Record<string, Readonly<Record<string, Plan>>>> = {
  [FRAMES]: {
    VP8: {},
    H264: { video: ['video/h264'] },
  },
  'frames of newer codecs': {
    VP9: { video: ['video/vp9', 'video/vp8'] },
    AV1: { video: ['video/av1', 'video/vp8'] },
  },
  'frames of other sounds': {
    PCMU: { audio: ['audio/pcmu', 'audio/opus'] },
    'comfort noise': { audio: ['audio/g722', 'audio/cn', 'audio/telephone-event'] },
    redundancy: {
      audio: ['audio/red', 'audio/opus'],
      video: ['video/vp8', 'video/red', 'video/ulpfec'],
    },
  },
  'sections that are not what they are said to be': {
    undescribed: { offer: (message) => (message.tracks = []) },
    'of the other kind': {
      offer: ({ tracks }) =>
        tracks.forEach((track) => (track.kind = track.kind === 'audio' ? 'video' : 'audio')),
    },
    'under other names': { offer: ({ tracks }) => tracks.forEach((track) => (track.mid += 'z')) },
  },
  'sections that change': {
    'described later': {
      offer: (message) => {
        if (message.negotiation === 1) message.tracks = []
      },
    },
    'both ways': {
      offer: (message) => (message.sdp = message.sdp.replaceAll('a=sendonly', 'a=sendrecv')),
    },
  },
  'answers with other codecs': {
    H264: {
      answer: (message) => (message.sdp = message.sdp.replace(vp8, 'a=rtpmap:$1 H264/90000')),
    },
    VP9: {
      answer: (message) => (message.sdp = message.sdp.replace(vp8, 'a=rtpmap:$1 VP9/90000')),
    },
  },
  'answers with other sounds': {
    PCMU: {
      answer: (message) =>
        (message.sdp = message.sdp
          .replace(/(m=audio \d+ \S+) [\d ]+/g, '$1 0')
          .replace(/a=rtpmap:(\d+) opus.*/g, 'a=rtpmap:0 PCMU/8000')),
    },
    redundancy: {
      answer: (message) =>
        (message.sdp = message.sdp
          .replace(/(m=audio \d+ \S+) (\d+)/g, '$1 63 $2')
          .replace(/(a=rtpmap:(\d+) opus.*)/g, 'a=rtpmap:63 red/48000/2\r\na=fmtp:63 $2/$2\r\n$1')),
    },
  },
  'answers of other forms': {
    'both ways': {
      answer: (message) => (message.sdp = message.sdp.replaceAll('a=recvonly', 'a=sendrecv')),
    },
    layers: {
      answer: (message) =>
        (message.sdp += 'a=rid:h recv\r\na=rid:l recv\r\na=simulcast:recv h;l\r\n'),
    },
  },
}

test.each(Object.entries(plans))(
  '[M10, M11, S21, S27, R18] T4: members with %s: nothing of them is decoded, and nothing leaves in clear',
  async (_, members) => {
    const rejections: unknown[] = []
    const note = (event: PromiseRejectionEvent): void => void rejections.push(event.reason)
    globalThis.addEventListener('unhandledrejection', note)
    onTestFinished(() => globalThis.removeEventListener('unhandledrejection', note))
    const join = await room()
    const sealing = collectConnections(
      (given) => given !== undefined && 'encodedInsertableStreams' in given,
    )
    let worker: Worker | undefined
    const createWorker = (): Worker => (worker = tappedWorker())
    const alice = await join('Alice', { createWorker })
    await alice.publish(await microphoneAndCamera())
    const bob = await join('Bob', {})
    await bob.publish(new MediaStream([movingPicture(160, 90)]))
    const trackOf = ({ self }: Room) => alice.participants.get(self.id)?.tracks.get('camera')
    await expect.poll(() => trackOf(bob)?.e2ee).toBe('ok')

    const mallories = await Promise.all(
      Object.entries(members).map(([name, plan]) => joinClear(join, { name, plan, to: alice })),
    )
    for (const { said } of mallories) await expect.poll(said).toBeGreaterThan(0)
    const opened = async ({ self }: Room): Promise<number> =>
      (await alice.stats()).media?.participants.get(self.id)?.opened ?? 0
    // Chromium decodes only the sound that is played.
    play(bob, alice)
    for (const { room: mallory } of mallories) play(alice, mallory)
    // The picture of somebody honest goes on, and the others would long be there.
    const before = await opened(bob)
    await expect.poll(() => opened(bob), { interval: 100 }).toBeGreaterThan(before + 30)
    // Frames in clear came; those in other codecs and sections need not.
    const dropped = async () => (await alice.stats()).media?.dropped.malformed
    await expect.poll(dropped).toBeGreaterThanOrEqual(members === plans[FRAMES] ? 20 : 0)
    for (const { room: mallory } of mallories) {
      expect(await opened(mallory)).toBe(0)
      expect(trackOf(mallory)?.e2ee).not.toBe('ok')
    }
    const streams = await rtpStats(sealing)
    const [shown, heard] = [decodedPictures(streams), decodedSound(streams)]
    // Bob's picture at Alice; her picture and her sound at Bob.
    expect([shown, heard]).toEqual([2, 1])
    const received = async (): Promise<readonly string[]> =>
      (
        await Promise.all(mallories.map(({ worker: ears }) => framesAt(ears(), 'from-network')))
      ).flat()
    await expect.poll(async () => (await received()).length, { interval: 500 }).toBeGreaterThan(20)
    const encoded = new Set(await framesAt(worker, 'encoder'))
    expect(encoded.size).toBeGreaterThan(100)
    expect((await received()).filter((frame) => encoded.has(frame))).toEqual([])
    const codecs = streams.flatMap(({ bytesSent = 0, codec }) => (bytesSent > 0 ? codec : []))
    expect(codecs.filter((codec) => !PROTECTED.includes(codec ?? 'none'))).toEqual([])
    expect(rejections).toEqual([])
  },
)

/** A member of the room. */
type Join = (name: string, options: RoomOptions) => Promise<Room>

async function room(): Promise<Join> {
  const hub = new LocalHub({ atOnce: true })
  const link = await createRoomLink('https://meet.example')
  return async (name, options) => {
    const transport = hub.transport.bind(hub)
    const joined = await Room.join(link, { name, transport, persons: false, ...options })
    onTestFinished(() => joined.leave())
    return joined
  }
}

/** Joins as a member whose mesh protects nothing, and connects it with one other. */
async function joinClear(
  join: Join,
  { name, plan, to }: { readonly name: string; readonly plan: Plan; readonly to: Room },
): Promise<{ readonly room: Room; said(): number; worker(): Worker | undefined }> {
  let mesh: Mesh | undefined
  let worker: Worker | undefined
  let said = 0
  const expected = plan.answer === undefined ? 'offer' : 'answer'
  const change = (message: unknown): Signal => {
    const changed = structuredClone(message) as Signal
    if (changed.type === expected) said += 1
    if (changed.type === 'offer') plan.offer?.(changed)
    if (changed.type === 'answer') plan.answer?.(changed)
    return changed
  }
  const mallory = await join(name, {
    media({ driver, room: id, self, clock, keys }: MediaContext) {
      const createWorker = (): Worker => (worker = tappedWorker())
      const ears = new FrameCrypto({ room: id, self, keys, createWorker })
      const changing: SealedDriver = {
        ...{ sealed: true, id: driver.id },
        on: (...args) => driver.on(...args),
        off: (...args) => driver.off(...args),
        emit: (namespace, message) => driver.emit(namespace, change(message)),
      }
      const made = new Mesh({
        ...{ driver: changing, room: id, id: self, clock, labels: MEDIUM_BY_SOURCE },
        frames: clearFrames(plan, ears),
      })
      mesh = made
      return {
        on: () => () => {},
        addParticipant(participant) {
          if (participant === to.self.id) made.addPeer(participant)
        },
        removeParticipant: (participant) => made.removePeer(participant),
        setTrack(source, track) {
          made.setTrack(source, MEDIUM_BY_SOURCE[source], track)
        },
        resync: () => made.resync(),
        stats: () => Promise.reject(new Error('none')),
        async close() {
          await made.close()
          await ears.close()
        },
      }
    },
  })
  await mallory.publish(await microphoneAndCamera())
  await expect.poll(() => mesh?.peers).toEqual([to.self.id])
  return { room: mallory, said: () => said, worker: () => worker }
}

/** Sends in clear, and listens to all that comes. */
const clearFrames = (
  { audio = ['audio/opus'], video = ['video/vp8'] }: Plan,
  ears: FrameCrypto,
): FrameProtector => ({
  connectionConfig: {},
  codecs: { audio, video },
  protectSender: async () => {},
  protectReceiver: (...args) => ears.protectReceiver(...args),
  describe: async () => '',
  prepare: async () => {},
  release: () => {},
})

/** Plays the microphone of somebody, as far as a session has it. */
function play(at: Room, of: Room): void {
  const track = at.participants.get(of.self.id)?.tracks.get('microphone')?.track
  const element = document.createElement('audio')
  element.srcObject = new MediaStream(track === undefined ? [] : [track])
  element.play().catch(() => {})
  onTestFinished(() => {
    element.srcObject = null
  })
}

const decodedPictures = (streams: readonly RtpStats[]): number =>
  streams.filter(({ framesDecoded = 0 }) => framesDecoded > 0).length
const decodedSound = (streams: readonly RtpStats[]): number =>
  streams.filter(({ type, totalAudioEnergy = 0 }) => type === 'inbound-rtp' && totalAudioEnergy > 0)
    .length

/** The frames that passed a point of a worker, as texts. */
async function framesAt(
  worker: Worker | undefined,
  point: RecordedFrame['point'],
): Promise<readonly string[]> {
  if (worker === undefined) throw new Error('expected a worker')
  return (await readRecording(worker))
    .filter((frame) => frame.point === point && frame.data.length > 0)
    .map(({ data }) => String.fromCharCode(...data))
}
