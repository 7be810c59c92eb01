/**
 * One page with both ends of a call, sealed or not.
 *
 * @module
 */
import { SharedKeySource, randomParticipantId } from '@conclave/e2ee'
import { FrameCrypto } from '@conclave/media'
import { type FrameProtector, Mesh, type SealedDriver, type SealedHandler } from '@conclave/p2p'
import { type ParticipantId, type RoomId, parseRoomId } from '@conclave/wire'
import { PassThrough } from './pass-through.ts'

/** The contestant that is measured. */
export type Variant = 'sealed' | 'pass-through'

/** The functions that the runner calls. */
export interface BenchPage {
  /** Calls, and gives back the milliseconds from the first line to the first decoded frame. */
  start(variant: Variant): Promise<number>
  /** Frames decoded so far, and how large they are. */
  frames(): Promise<{ decoded: number; width: number; height: number }>
  stop(): Promise<void>
}

declare global {
  interface Window {
    bench: BenchPage
  }
}

const room = parseRoomId('AAECAwQFBgcICQoLDA0ODw') as RoomId
const keys = new SharedKeySource(crypto.getRandomValues(new Uint8Array(32)))
const camera = await navigator.mediaDevices.getUserMedia({
  audio: true,
  video: { width: 1280, height: 720, frameRate: 30 },
})
// The size of the picture decides what encoding costs: it must not change while that is measured.
for (const track of camera.getVideoTracks()) track.contentHint = 'detail'
let ends: (() => unknown)[] = []
let receiver: Mesh | undefined
let senderId: ParticipantId | undefined

const makeFrames = (variant: Variant, self: ParticipantId): FrameProtector & { close(): unknown } =>
  variant === 'sealed' ? new FrameCrypto({ keys, room, self }) : new PassThrough()

async function start(variant: Variant): Promise<number> {
  const startedAt = performance.now()
  const [from, to] = [randomParticipantId(), randomParticipantId()]
  const bus = new Map<string, SealedHandler>()
  const meshes = [from, to].map((id) => {
    const frames = makeFrames(variant, id)
    const mesh = new Mesh({ driver: drive(bus, id), room, id, frames })
    ends.push(
      () => mesh.close(),
      () => frames.close(),
    )
    return mesh
  })
  const [sending, receiving] = meshes as [Mesh, Mesh]
  receiver = receiving
  senderId = from
  const video = document.createElement('video')
  video.muted = true
  document.body.append(video)
  ends.push(() => video.remove())
  const first = new Promise<void>((resolve) => {
    video.requestVideoFrameCallback(() => resolve())
  })
  receiving.on('track', ({ label, track }) => {
    if (label !== 'camera') return
    video.srcObject = new MediaStream([track])
    void video.play()
  })
  for (const track of camera.getTracks()) {
    const label = track.kind === 'video' ? 'camera' : 'microphone'
    sending.setTrack(label, track.kind as 'audio' | 'video', track)
  }
  sending.addPeer(to)
  receiving.addPeer(from)
  await first
  return performance.now() - startedAt
}

/** Signalling in memory: its sealing is not what this benchmark measures. */
function drive(bus: Map<string, SealedHandler>, id: string): SealedDriver {
  return {
    sealed: true,
    id,
    on: (namespace, handler) => void bus.set(namespace.join(' '), handler),
    off: (namespace) => void bus.delete(namespace.join(' ')),
    emit: (namespace, message) => {
      queueMicrotask(() => bus.get(namespace.join(' '))?.(structuredClone(message), id))
    },
  }
}

window.bench = {
  start,
  async frames() {
    const connection = senderId === undefined ? undefined : receiver?.connections(senderId)?.receive
    for (const report of (await connection?.getStats())?.values() ?? []) {
      if (report.type !== 'inbound-rtp' || report.kind !== 'video') continue
      return { decoded: report.framesDecoded, width: report.frameWidth, height: report.frameHeight }
    }
    return { decoded: 0, width: 0, height: 0 }
  },
  async stop() {
    const ending = ends
    ends = []
    for (const end of ending) await end()
  },
}
