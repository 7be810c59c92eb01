/**
 * One member of a call: its room, its camera, and a tile for each other member, as the app shows them.
 *
 * @module
 */
import { createRoomLink, Room } from '@conclave/client'
import { RawMesh } from './raw.ts'

/** The pictures that this member sees of another. */
export interface StreamSample {
  readonly shown: number
  readonly width: number
  readonly height: number
}

/** The pictures and bytes of this member so far. */
export interface MeshSample {
  readonly atMs: number
  readonly streams: readonly StreamSample[]
  readonly bytesSent: number
  readonly bytesReceived: number
  /** Why encoders send less than they could, and how many of them. */
  readonly limitedBy: Readonly<Record<string, number>>
}

/** The functions that the runner calls. */
export interface MeshBenchPage {
  makeLink(): Promise<string>
  /** Joins and sends. Resolves to the times, from the call on, until each other member's first picture was shown. */
  join(link: string, others: number): Promise<number[]>
  /** Begins a mesh without a room; the runner carries its descriptions. */
  raw(): Promise<void>
  offer(peer: string): Promise<string>
  answer(offer: string): Promise<string>
  accept(peer: string, answer: string): Promise<void>
  /** Resolves to the time when so many others are shown, by this machine's clock. */
  showsSince(others: number): Promise<number>
  sample(): Promise<MeshSample>
}

declare global {
  interface Window {
    meshBench: MeshBenchPage
  }
}

const connections = new Set<RTCPeerConnection>()
globalThis.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(configuration?: RTCConfiguration) {
    super(configuration)
    connections.add(this)
  }
}

document.body.style.cssText =
  'display: grid; grid-template-columns: repeat(3, 320px); margin: 0; gap: 4px'
const shown = new Map<HTMLVideoElement, number>()
const firstAt: number[] = []
const watchers = new Set<() => void>()

const show = (track: MediaStreamTrack): void => {
  const video = document.createElement('video')
  Object.assign(video, { muted: true, autoplay: true, srcObject: new MediaStream([track]) })
  video.style.cssText = 'width: 320px; height: 180px'
  document.body.append(video)
  const count = (): void => {
    const before = shown.get(video) ?? 0
    shown.set(video, before + 1)
    if (before === 0) {
      firstAt.push(Date.now())
      for (const watcher of watchers) watcher()
    }
    video.requestVideoFrameCallback(count)
  }
  video.requestVideoFrameCallback(count)
}

const showsSince = async (others: number): Promise<number> => {
  await new Promise<void>((resolve) => {
    const look = (): void => {
      if (firstAt.length >= others) resolve()
    }
    watchers.add(look)
    look()
  })
  return firstAt[others - 1] ?? 0
}

const openCamera = (): Promise<MediaStream> =>
  navigator.mediaDevices.getUserMedia({
    audio: true,
    video: { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } },
  })

let raw: RawMesh | undefined
const rawMesh = (): RawMesh => {
  if (raw === undefined) throw new Error('no mesh without a room')
  return raw
}

window.meshBench = {
  makeLink: () => createRoomLink(location.origin),
  async join(link, others) {
    const camera = await openCamera()
    const startedAt = Date.now()
    const room = await Room.join(link, { name: 'Member' })
    room.on('trackAdded', ({ track }) => {
      if (track.kind === 'video') show(track)
    })
    await room.publish(camera)
    await showsSince(others)
    return firstAt.slice(0, others).map((at) => at - startedAt)
  },
  async raw() {
    raw = new RawMesh(await openCamera(), show)
  },
  offer: (peer) => rawMesh().offer(peer),
  answer: (offer) => rawMesh().answer(offer),
  accept: (peer, answer) => rawMesh().accept(peer, answer),
  showsSince,
  async sample() {
    let [bytesSent, bytesReceived] = [0, 0]
    const limitedBy: Record<string, number> = {}
    for (const connection of connections) {
      if (connection.connectionState === 'closed') continue
      for (const entry of (await connection.getStats()).values()) {
        if (entry.type === 'transport') {
          bytesSent += entry.bytesSent ?? 0
          bytesReceived += entry.bytesReceived ?? 0
        }
        if (entry.type !== 'outbound-rtp' || entry.kind !== 'video') continue
        const reason = String(entry.qualityLimitationReason)
        limitedBy[reason] = (limitedBy[reason] ?? 0) + 1
      }
    }
    const streams = Array.from(shown, ([{ videoWidth, videoHeight }, count]) => ({
      ...{ shown: count, width: videoWidth, height: videoHeight },
    }))
    return { atMs: performance.now(), streams, bytesSent, bytesReceived, limitedBy }
  },
}
