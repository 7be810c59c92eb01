/** Meshes on one test network, with real connections, frames and pictures. */
import type { Clock } from '@conclave/base'
import type { VirtualClock } from '@conclave/base/testing'
import { Mesh } from '@conclave/p2p'
import type {
  DataProtector,
  FrameProtector,
  MeshEvents,
  PeerOptions,
  SignalMessage,
} from '@conclave/p2p'
import { MemoryNetwork } from '@conclave/p2p/testing'
import { TestFrames } from './frames.ts'
import { numberedDriver, openDriver } from './numbered-driver.ts'

export { openDriver } from './numbered-driver.ts'

export const ROOM = 'a room'

export interface Peer {
  readonly id: string
  readonly mesh: Mesh
  readonly frames: TestFrames
  /** Tracks that are there now, as `peer label`. */
  readonly tracks: Map<string, MeshEvents['track']>
  readonly states: string[]
  readonly errors: string[]
  /** Tracks without a codec, as `peer label direction`. */
  readonly missing: string[]
}

export class Bench {
  readonly network = new MemoryNetwork(() => 'deliver')
  readonly #peers: Peer[] = []
  readonly #ends: (() => void)[] = []

  /** Messages of a kind on the network until now, oldest first. */
  messages(from: string, type: SignalMessage['type']): readonly SignalMessage[] {
    return this.network.log
      .filter((packet) => packet.from === from)
      .map((packet) => packet.message as SignalMessage)
      .filter((message) => message.type === type)
  }

  async peer(
    id: string,
    options: {
      clock?: Clock
      frames?: FrameProtector
      sealed?: boolean
      data?: DataProtector
      media?: boolean
      rtc?: Pick<PeerOptions, 'iceServers' | 'iceTransportPolicy'>
    } = {},
  ): Promise<Peer> {
    const frames = new TestFrames(`keys of ${id}`)
    const seal = options.sealed === false ? openDriver : numberedDriver
    const driver = seal(this.network.driver(id), id)
    const mesh = new Mesh({
      driver,
      room: ROOM,
      id,
      frames: options.frames ?? frames,
      ...(options.clock === undefined ? {} : { clock: options.clock }),
      ...options.rtc,
      ...(options.data && { data: options.data }),
      ...(options.media === false && { media: false }),
    })
    const peer: Peer = {
      id,
      mesh,
      frames,
      tracks: new Map(),
      states: [],
      errors: [],
      missing: [],
    }
    mesh.on('track', (event) => peer.tracks.set(`${event.peer} ${event.label}`, event))
    mesh.on('trackEnded', (event) => peer.tracks.delete(`${event.peer} ${event.label}`))
    mesh.on('connection', ({ peer: other, direction, state }) =>
      peer.states.push(`${other} ${direction} ${state}`),
    )
    mesh.on('error', ({ error }) => {
      peer.errors.push(error.code)
      if (error.code !== 'ERR_P2P_UNSUPPORTED_CODEC') return
      const { peer: other, label, direction } = error.details
      peer.missing.push(`${other} ${label} ${direction}`)
    })
    this.#peers.push(peer)
    this.#ends.push(() => frames.close())
    return peer
  }

  /** Lets the time of a virtual clock pass like that of the machine, until the returned function is called. */
  run(clock: VirtualClock): () => void {
    const timer = setInterval(() => clock.advance(10), 10)
    const stop = (): void => clearInterval(timer)
    this.#ends.push(stop)
    return stop
  }

  /** Everybody takes everybody else into the roster. */
  introduce(...peers: readonly Peer[]): void {
    for (const one of peers) {
      for (const other of peers) if (one !== other) one.mesh.addPeer(other.id)
    }
  }

  /** A moving picture. */
  picture(color = 'teal', width = 320, height = 240): MediaStreamTrack {
    const canvas = document.createElement('canvas')
    canvas.width = width
    canvas.height = height
    const paint = canvas.getContext('2d')
    let step = 0
    const draw = (): void => {
      if (paint === null) return
      paint.fillStyle = color
      paint.fillRect(0, 0, width, height)
      paint.fillStyle = 'white'
      paint.fillRect((step += 5) % width, 20, 40, 40)
    }
    draw()
    const timer = setInterval(draw, 40)
    const [track] = canvas.captureStream(25).getVideoTracks()
    if (track === undefined) throw new Error('a canvas without a track')
    this.#ends.push(() => {
      clearInterval(timer)
      track.stop()
    })
    return track
  }

  /** A steady tone. */
  tone(): MediaStreamTrack {
    const context = new AudioContext()
    const oscillator = context.createOscillator()
    const destination = context.createMediaStreamDestination()
    oscillator.connect(destination)
    oscillator.start()
    const [track] = destination.stream.getAudioTracks()
    if (track === undefined) throw new Error('a destination without a track')
    this.#ends.push(() => void context.close())
    return track
  }

  /** Frames that are protected for real; the word of it comes when `acknowledged` does. */
  slowFrames(acknowledged: Promise<void>): FrameProtector {
    acknowledged.catch(() => undefined)
    return this.#frames((frames, ...args) => {
      const attached = frames.protectSender(...args)
      return attached.then(() => acknowledged)
    })
  }

  /** Frames whose first connections are refused, when `refusal` rejects. */
  flakyFrames(
    failures: number,
    refusal: Promise<void> = Promise.reject(new Error('not yet')),
  ): FrameProtector {
    refusal.catch(() => undefined)
    const refused = new Set<RTCPeerConnection>()
    return this.#frames((frames, sender, track, context) => {
      if (refused.size < failures || refused.has(context.connection)) {
        refused.add(context.connection)
        return refusal
      }
      return frames.protectSender(sender, track, context)
    })
  }

  /** Frames that no receiver can open. */
  deafFrames(): FrameProtector {
    const frames = this.#frames((inner, ...args) => inner.protectSender(...args))
    frames.protectReceiver = () => {
      throw new Error('no worker')
    }
    return frames
  }

  #frames(
    protectSender: (
      frames: TestFrames,
      ...args: Parameters<FrameProtector['protectSender']>
    ) => Promise<void>,
  ): TestFrames {
    const frames = new TestFrames()
    const inner = new TestFrames()
    this.#ends.push(() => {
      frames.close()
      inner.close()
    })
    frames.protectSender = (...args) => protectSender(inner, ...args)
    return frames
  }

  async close(): Promise<void> {
    await Promise.all(this.#peers.map(async ({ mesh }) => mesh.close()))
    for (const end of this.#ends) end()
  }
}

/** Waits until something is so, and says what was not. */
export async function until(
  what: string,
  check: () => boolean | Promise<boolean>,
  patienceMs = 30_000,
): Promise<void> {
  const endMs = performance.now() + patienceMs
  while (!(await check())) {
    if (performance.now() > endMs) throw new Error(`never: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

/** Waits until a track of a peer is shown with a size, in a real element. */
export async function expectPicture(
  peer: Peer,
  from: string,
  label = 'camera',
): Promise<HTMLVideoElement> {
  await until(`${peer.id} hears of ${label} of ${from}`, () => peer.tracks.has(`${from} ${label}`))
  const video = document.createElement('video')
  video.muted = true
  video.autoplay = true
  const track = peer.tracks.get(`${from} ${label}`)?.track
  video.srcObject = new MediaStream(track === undefined ? [] : [track])
  document.body.append(video)
  try {
    await until(`${peer.id} sees ${label} of ${from}`, () => video.videoWidth > 0)
    const before = await framesDecoded(peer, from)
    await until(`${label} of ${from} moves`, async () => (await framesDecoded(peer, from)) > before)
  } finally {
    video.remove()
  }
  return video
}

export interface Stats {
  readonly type: string
  readonly kind?: string
  readonly framesDecoded?: number
  readonly keyFramesEncoded?: number
  readonly frameWidth?: number
  readonly packetsReceived?: number
  readonly packetsSent?: number
}

export async function stats(connection: RTCPeerConnection | undefined): Promise<readonly Stats[]> {
  const entries: Stats[] = []
  const report = await connection?.getStats()
  report?.forEach((entry: Stats) => entries.push(entry))
  return entries
}

export async function framesDecoded(peer: Peer, from: string): Promise<number> {
  const entries = await stats(peer.mesh.connections(from).receive)
  return entries.reduce((sum, entry) => sum + (entry.framesDecoded ?? 0), 0)
}

export async function packetsSent(peer: Peer, to: string): Promise<number> {
  const entries = await stats(peer.mesh.connections(to).send)
  return entries
    .filter((entry) => entry.type === 'outbound-rtp')
    .reduce((sum, entry) => sum + (entry.packetsSent ?? 0), 0)
}

export async function audioPackets(peer: Peer, from: string): Promise<number> {
  const entries = await stats(peer.mesh.connections(from).receive)
  return entries
    .filter((entry) => entry.type === 'inbound-rtp' && entry.kind === 'audio')
    .reduce((sum, entry) => sum + (entry.packetsReceived ?? 0), 0)
}
