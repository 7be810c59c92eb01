/**
 * A participant that a test drives from outside: offers and answers go in and out as text.
 */
import { SharedKeySource } from '@conclave/e2ee'
import { createSessionKeys } from '@conclave/e2ee/session'
import type { SessionKeys } from '@conclave/e2ee/session'
import { FrameCrypto, rotateSharedKey, spawnFrameWorker } from '@conclave/media'
import { readRecording, spawnRecordingWorker } from '@conclave/media/testing'
import type { RecordedFrame } from '@conclave/media/testing'
import type { KeyRotation, MediaStats, StateEvent, TransformApi } from '@conclave/media'
import { parseParticipantId, parseRoomId } from '@conclave/wire'

/** The frames that a participant has seen so far. */
export interface Observation {
  readonly width: number
  readonly framesDecoded: number
  readonly packetsReceived: number
  /** Sent and received, in Chromium: Firefox counts neither. */
  readonly keyFrames: readonly [number, number]
  /** Sealed, by any browser. */
  readonly sealedKeyFrames: number
  readonly audioEnergy: number
  readonly sealed: number
  readonly opened: number
  readonly dropped: MediaStats['dropped']
  readonly states: readonly StateEvent[]
  readonly risks: number
  readonly isSending: boolean
}

/** The functions that the page offers to the test. */
export interface InteropPage {
  /** Makes the keys of a session that signs its media, of which `start` has to be given the id. */
  createSession(): Promise<string>
  start(options: {
    readonly self: string
    readonly fill: number
    readonly api: 'auto' | TransformApi
    /** The only codec of video. */
    readonly videoCodec?: string
    readonly isRecording?: boolean
  }): Promise<void>
  /** Whether this browser has the codec. */
  hasCodec(mimeType: string): boolean
  /** A connection that sends to `peer`: its offer, gathered. */
  send(peer: string): Promise<string>
  accept(answer: string): Promise<void>
  /** A connection that receives from `peer`: its answer, gathered. */
  receive(peer: string, offer: string): Promise<string>
  rotate(fill: number, epoch: number): void
  /** Holds the next key, without sealing under it; as the leader, who switches when all receivers are ready. */
  prepare(fill: number, epoch: number, receivers?: readonly string[]): void
  /** A receiver has the next key. */
  ready(receiver: string): void
  /** The receivers of the connection carry the tracks of this participant from now on. */
  repoint(peer: string): Promise<void>
  /** Forgets the connection that sends while it still stands. */
  release(): void
  /** A forbidden step: in Firefox frames leave in clear from then on. */
  removeTransforms(): void
  /** Ends the worker behind everybody's back. */
  killWorker(): void
  observe(): Promise<Observation>
  /** Resolves with the first picture. */
  pictureShown(): Promise<void>
  /** The longest time between two pictures shown, or before the first or after the last, within so many milliseconds. */
  longestGap(windowMs: number): Promise<number>
  received(): Promise<Pick<Observation, 'framesDecoded'>>
  /** The digests of the recorded frames of video. */
  digests(): Promise<Readonly<Record<RecordedFrame['point'], readonly string[]>>>
}

const labels = { audio: 'microphone', video: 'camera' } as const
const video = document.querySelector('video') as HTMLVideoElement
const states: StateEvent[] = []
let risks = 0
let worker: Worker
let keys: SharedKeySource
let session: SessionKeys | undefined
let rotation: KeyRotation | undefined
let crypto: FrameCrypto
let sending: RTCPeerConnection
let receiving: RTCPeerConnection
let isProtected: Promise<unknown>

const page: InteropPage = {
  async createSession() {
    session = await createSessionKeys()
    return session.id
  },

  async start({ self, fill, api, videoCodec, isRecording = false }) {
    keys = new SharedKeySource(new Uint8Array(32).fill(fill))
    const room = parseRoomId('AAECAwQFBgcICQoLDA0ODw')
    const id = parseParticipantId(self)
    if (!room || !id) throw new Error('not ids')
    const createWorker = (): Worker =>
      (worker = isRecording ? spawnRecordingWorker() : spawnFrameWorker())
    const videoCodecs = videoCodec === undefined ? undefined : [videoCodec]
    const signedMedia = session && { session, signs: () => true }
    crypto = new FrameCrypto({ keys, room, self: id, api, createWorker, videoCodecs, signedMedia })
    crypto.on('state', (event) => states.push(event))
    crypto.on('cleartext-risk', () => (risks += 1))
    await crypto.ready
  },

  async send(peer) {
    sending = new RTCPeerConnection(crypto.connectionConfig)
    const media = await navigator.mediaDevices.getUserMedia({
      audio: true,
      video: { width: 320, height: 240 },
    })
    const senders = (['audio', 'video'] as const).map((kind) => {
      const isLayered = /^video\/(?:av1|h264)$/.test(crypto.codecs[kind][0] ?? '')
      const transceiver = sending.addTransceiver(kind, {
        direction: 'sendonly',
        sendEncodings: isLayered ? [{ scalabilityMode: 'L1T2' } as RTCRtpEncodingParameters] : [],
      })
      const track = { label: labels[kind], kind }
      const protection = crypto.protectSender(transceiver.sender, track, {
        peer,
        connection: sending,
      })
      const codecs = RTCRtpReceiver.getCapabilities(kind)?.codecs ?? []
      transceiver.setCodecPreferences(
        codecs.filter(
          ({ mimeType, sdpFmtpLine = '' }) =>
            mimeType === `${kind}/rtx` ||
            (crypto.codecs[kind].includes(mimeType.toLowerCase()) &&
              !(mimeType === 'video/H264' && !sdpFmtpLine.includes('packetization-mode=1'))),
        ),
      )
      return { kind, sender: transceiver.sender, protection }
    })
    isProtected = Promise.all(
      senders.map(async ({ kind, sender, protection }) => {
        await protection
        const [track] = kind === 'audio' ? media.getAudioTracks() : media.getVideoTracks()
        await sender.replaceTrack(track ?? null)
      }),
    )
    await sending.setLocalDescription()
    return withoutUnlistedFormats(await gathered(sending))
  },

  async accept(answer) {
    await sending.setRemoteDescription({ type: 'answer', sdp: answer })
    await isProtected
  },

  async receive(peer, offer) {
    receiving = new RTCPeerConnection(crypto.connectionConfig)
    const stream = new MediaStream()
    video.srcObject = stream
    receiving.addEventListener('track', ({ receiver, track }) => {
      const kind = track.kind as 'audio' | 'video'
      void crypto.protectReceiver(
        receiver,
        { label: labels[kind], kind },
        { peer, connection: receiving },
      )
      stream.addTrack(track)
      void video.play().catch(() => {})
    })
    await receiving.setRemoteDescription({ type: 'offer', sdp: offer })
    await receiving.setLocalDescription()
    return gathered(receiving)
  },

  async repoint(peer) {
    const where = { peer, connection: receiving }
    await Promise.all(
      receiving.getReceivers().map((receiver) => {
        const kind = receiver.track.kind as 'audio' | 'video'
        return crypto.protectReceiver(receiver, { label: labels[kind], kind }, where)
      }),
    )
  },

  prepare(fill, epoch, receivers) {
    const next = { secret: new Uint8Array(32).fill(fill), epoch: BigInt(epoch) }
    if (receivers === undefined) keys.addKey(next.secret, next.epoch)
    else rotation = rotateSharedKey(keys, next, { receivers })
  },

  ready(receiver) {
    rotation?.ready(receiver)
  },

  rotate(fill, epoch) {
    keys.setKey(new Uint8Array(32).fill(fill), BigInt(epoch))
  },

  release() {
    crypto.release(sending)
  },

  removeTransforms() {
    for (const sender of sending.getSenders()) sender.transform = null
  },

  killWorker() {
    worker.terminate()
  },

  async observe() {
    const { sealed, opened, dropped, tracks } = await crypto.stats()
    return {
      width: video.videoWidth,
      packetsReceived: await readStat(receiving, 'video', 'packetsReceived'),
      framesDecoded: await readStat(receiving, 'video', 'framesDecoded'),
      keyFrames: [
        await readStat(sending, 'video', 'keyFramesEncoded'),
        await readStat(receiving, 'video', 'keyFramesDecoded'),
      ],
      audioEnergy: await readStat(receiving, 'audio', 'totalAudioEnergy'),
      sealedKeyFrames:
        tracks.find(({ side, kind }) => side === 'seal' && kind === 'video')?.keyFrames ?? 0,
      sealed,
      opened,
      dropped,
      states,
      risks,
      isSending: sending.getSenders().some(({ track }) => track !== null),
    }
  },

  hasCodec: (mimeType) =>
    (RTCRtpSender.getCapabilities('video')?.codecs ?? []).some(
      (codec) => codec.mimeType.toLowerCase() === mimeType,
    ),

  pictureShown: () =>
    new Promise((resolve) => void video.requestVideoFrameCallback(() => resolve())),

  longestGap: (windowMs) =>
    new Promise((resolve) => {
      let [last, longest] = [performance.now(), 0]
      const note = (): void => {
        const now = performance.now()
        longest = Math.max(longest, now - last)
        last = now
      }
      const show = (): number =>
        video.requestVideoFrameCallback(() => {
          note()
          handle = show()
        })
      let handle = show()
      setTimeout(() => {
        video.cancelVideoFrameCallback(handle)
        note()
        resolve(longest)
      }, windowMs)
    }),

  received: async () => ({ framesDecoded: await readStat(receiving, 'video', 'framesDecoded') }),

  async digests() {
    const found: Record<RecordedFrame['point'], string[]> = {
      ...{ encoder: [], 'to-network': [], 'from-network': [], decoder: [] },
    }
    for (const { point, kind, data } of await readRecording(worker)) {
      if (kind !== 'video' || data.length === 0) continue
      const digest = await globalThis.crypto.subtle.digest('SHA-256', new Uint8Array(data))
      found[point].push(Array.from(new Uint8Array(digest).subarray(0, 12)).join())
    }
    return found
  },
}

const gathered = (connection: RTCPeerConnection): Promise<string> =>
  new Promise((resolve) => {
    const look = (): void => {
      if (connection.iceGatheringState === 'complete')
        resolve(connection.localDescription?.sdp ?? '')
    }
    connection.addEventListener('icegatheringstatechange', look)
    look()
  })

/** Firefox leaves the attributes of removed codecs in its offer, which Chromium refuses. */
const withoutUnlistedFormats = (sdp: string): string =>
  sdp
    .split(/(?=^m=)/m)
    .map((section) => {
      const formats = /^m=\S+ \S+ \S+ (.*)/.exec(section)?.[1]?.trim().split(' ') ?? []
      return section.replaceAll(
        /^a=(?:rtpmap|fmtp|rtcp-fb):(\d+) .*\r\n/gm,
        (line, format: string) => (formats.includes(format) ? line : ''),
      )
    })
    .join('')

const readStat = async (of: RTCPeerConnection, kind: string, name: string): Promise<number> => {
  let sum = 0
  for (const entry of (await of.getStats()).values()) {
    const value: unknown = entry[name]
    if (entry.kind === kind && typeof value === 'number') sum += value
  }
  return sum
}

Object.assign(globalThis, { page })
