/**
 * One page with both ends of a sealed call, whose keys change.
 *
 * @module
 */
import { SharedKeySource, randomParticipantId } from '@conclave/e2ee'
import { FrameCrypto, rotateSharedKey } from '@conclave/media'
import { type RoomId, parseRoomId } from '@conclave/wire'

/** How a key changes: not, by `setKey` on each side, or in steps. It comes to the receiver late. */
export type Change = 'none' | 'setKey' | 'in steps'

/** The functions that the runner calls. */
export interface RotationPage {
  /** Starts a call; resolves with the first picture. */
  start(): Promise<void>
  /** The longest time between two pictures while the keys change once, in milliseconds. */
  longestGapMs(change: Change, lateMs: number): Promise<number>
  /** Makes a connection with its transforms, and closes it again. */
  cycle(): Promise<void>
  /** Whether pictures come, what was dropped, and what the workers still hold. */
  observe(): Promise<{
    readonly decoded: number
    readonly dropped: number
    readonly tracks: number
  }>
}

declare global {
  interface Window {
    rotation: RotationPage
  }
}

const room = parseRoomId('AAECAwQFBgcICQoLDA0ODw') as RoomId
const first = crypto.getRandomValues(new Uint8Array(32))
const newSide = () => {
  const [keys, id] = [new SharedKeySource(first), randomParticipantId()]
  return { keys, id, frames: new FrameCrypto({ keys, room, self: id }) }
}
const [alice, bob] = [newSide(), newSide()]
const tracks = [
  { label: 'microphone', kind: 'audio' },
  { label: 'camera', kind: 'video' },
] as const
const camera = await navigator.mediaDevices.getUserMedia({
  audio: true,
  video: { width: 640, height: 480, frameRate: 30 },
})
const video = document.createElement('video')
video.muted = true
document.body.append(video)
let receiving: RTCPeerConnection | undefined
let longest = 0
let last = 0

/** Connects both ends; `end` closes all that it made. */
async function connect(): Promise<{ readonly to: RTCPeerConnection; end(): void }> {
  const from = new RTCPeerConnection(alice.frames.connectionConfig)
  const to = new RTCPeerConnection(bob.frames.connectionConfig)
  from.addEventListener(
    'icecandidate',
    ({ candidate }) => void to.addIceCandidate(candidate ?? undefined),
  )
  to.addEventListener(
    'icecandidate',
    ({ candidate }) => void from.addIceCandidate(candidate ?? undefined),
  )
  const protections = tracks.map(async (track) => {
    const { sender } = from.addTransceiver(track.kind, { direction: 'sendonly' })
    await alice.frames.protectSender(sender, track, { peer: bob.id, connection: from })
    return { sender, kind: track.kind }
  })
  to.addEventListener('track', ({ receiver, track }) => {
    const named = tracks.find(({ kind }) => kind === track.kind)
    if (named) void bob.frames.protectReceiver(receiver, named, { peer: alice.id, connection: to })
  })
  await from.setLocalDescription()
  await to.setRemoteDescription(from.localDescription ?? { type: 'offer' })
  await to.setLocalDescription()
  await from.setRemoteDescription(to.localDescription ?? { type: 'answer' })
  for (const { sender, kind } of await Promise.all(protections)) {
    const [track] = kind === 'audio' ? camera.getAudioTracks() : camera.getVideoTracks()
    await sender.replaceTrack(track ?? null)
  }
  const end = (): void => {
    for (const [side, connection] of [
      [alice, from],
      [bob, to],
    ] as const) {
      connection.close()
      side.frames.release(connection)
    }
  }
  return { to, end }
}

const sleep = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms)
  })

const watch = (now: number): void => {
  longest = Math.max(longest, last === 0 ? 0 : now - last)
  last = now
  video.requestVideoFrameCallback(watch)
}

window.rotation = {
  async start() {
    const { to } = await connect()
    receiving = to
    video.srcObject = new MediaStream(to.getReceivers().map(({ track }) => track))
    await video.play()
    await new Promise((resolve) => {
      video.requestVideoFrameCallback(resolve)
    })
    video.requestVideoFrameCallback(watch)
  },

  async longestGapMs(change, lateMs) {
    longest = 0
    const epoch = alice.keys.epoch + 1n
    const secret = crypto.getRandomValues(new Uint8Array(32))
    if (change === 'setKey') {
      alice.keys.setKey(secret, epoch)
      await sleep(lateMs)
      bob.keys.setKey(secret, epoch)
    } else if (change === 'in steps') {
      const rotation = rotateSharedKey(alice.keys, { secret, epoch }, { receivers: [bob.id] })
      await sleep(lateMs)
      bob.keys.addKey(secret, epoch)
      rotation.ready(bob.id)
      await rotation.switched
      bob.keys.use(epoch)
    }
    await sleep(2000)
    return longest
  },

  async cycle() {
    const { end } = await connect()
    end()
  },

  async observe() {
    const { dropped, tracks: held } = await bob.frames.stats()
    const report = await receiving?.getStats()
    let decoded = 0
    report?.forEach((entry: { readonly type: string; readonly framesDecoded?: number }) => {
      if (entry.type === 'inbound-rtp') decoded += entry.framesDecoded ?? 0
    })
    const sum = Object.values(dropped).reduce((all, count) => all + count, 0)
    return { decoded, dropped: sum, tracks: held.length }
  },
}
