/**
 * A call inside one page: two connections, one direction, attached as the design says.
 */
import { FrameCrypto } from '@conclave/media'
import type { FrameCryptoOptions, StateEvent } from '@conclave/media'
import { randomParticipantId, SharedKeySource } from '@conclave/e2ee'
import { bytesToRoomId } from '@conclave/wire'
import type { ParticipantId, RoomId } from '@conclave/wire'

/** One participant: keys, a `FrameCrypto`, and what it said. */
export interface Side {
  readonly id: ParticipantId
  readonly keys: SharedKeySource
  readonly crypto: FrameCrypto
  readonly states: StateEvent[]
}

const room: RoomId = bytesToRoomId(new Uint8Array(16).fill(7)) as RoomId

export function secret(fill: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(32).fill(fill)
}

export function createSide(
  options: Partial<FrameCryptoOptions> & { readonly secret?: Uint8Array } = {},
): Side {
  const keys = new SharedKeySource(options.secret ?? secret(1))
  const id = options.self ?? randomParticipantId()
  const crypto = new FrameCrypto({ keys, room, ...options, self: id })
  const states: StateEvent[] = []
  crypto.on('state', (event) => states.push(event))
  return { id, keys, crypto, states }
}

/** The directions that a side has lost. */
export function lostBy({ crypto }: Side): readonly string[] {
  const lost: string[] = []
  crypto.onLost((direction) => lost.push(direction))()
  return lost
}

/** A running call from one side to another. */
export interface Call {
  readonly sending: RTCPeerConnection
  readonly receiving: RTCPeerConnection
  readonly senders: Readonly<Record<'audio' | 'video', RTCRtpSender>>
  readonly receivers: { audio?: RTCRtpReceiver; video?: RTCRtpReceiver }
  readonly video: HTMLVideoElement
  /** Resolves when both senders may send. */
  readonly isProtected: Promise<void>
  startTracks(): Promise<void>
  close(): void
}

/** With what the platform's types lack. */
export type LayeredEncoding = RTCRtpEncodingParameters & { readonly scalabilityMode?: string }

export interface CallOptions {
  readonly from: Side
  readonly to: Side
  /** Labels on the receiving side, if they differ: an attack. */
  readonly receivedLabels?: Readonly<Record<'audio' | 'video', string>>
  /** The id under which the receiver files the sender: another one is an attack. */
  readonly receivedPeer?: ParticipantId
  /** The only codec of the video; otherwise all that may be negotiated. */
  readonly videoCodec?: string
  readonly encodings?: LayeredEncoding[] | undefined
  /** Changes the answer, as a forwarding server writes another one. */
  readonly changeAnswer?: (sdp: string) => string
}

const labels = { audio: 'microphone', video: 'camera' } as const

/** Connects and protects; with `startTracks` frames begin to flow. */
export async function connect({
  from,
  to,
  receivedLabels = labels,
  receivedPeer,
  videoCodec,
  encodings,
  changeAnswer,
}: CallOptions): Promise<Call> {
  const sending = new RTCPeerConnection(from.crypto.connectionConfig)
  const receiving = new RTCPeerConnection(to.crypto.connectionConfig)
  exchangeCandidates(sending, receiving)
  const protections: Promise<void>[] = []
  const protect = (protection: Promise<void>): void => {
    protection.catch(() => {})
    protections.push(protection)
  }
  const senders = {} as Record<'audio' | 'video', RTCRtpSender>
  for (const kind of ['audio', 'video'] as const) {
    const transceiver = sending.addTransceiver(kind, {
      direction: 'sendonly',
      ...(kind === 'video' && encodings && { sendEncodings: encodings }),
    })
    const { sender } = transceiver
    protect(
      from.crypto.protectSender(
        sender,
        { label: labels[kind], kind },
        { peer: to.id, connection: sending },
      ),
    )
    const isChosen = kind === 'video' && videoCodec !== undefined
    limitCodecs(transceiver, isChosen ? [videoCodec] : from.crypto.codecs[kind])
    senders[kind] = sender
  }
  const receivers: Call['receivers'] = {}
  const video = document.createElement('video')
  const stream = new MediaStream()
  Object.assign(video, { autoplay: true, playsInline: true, srcObject: stream })
  document.body.append(video)
  receiving.addEventListener('track', ({ receiver, track }) => {
    const kind = track.kind as 'audio' | 'video'
    protect(
      to.crypto.protectReceiver(
        receiver,
        { label: receivedLabels[kind], kind },
        { peer: receivedPeer ?? from.id, connection: receiving },
      ),
    )
    receivers[kind] = receiver
    stream.addTrack(track)
  })
  await negotiate(sending, receiving, changeAnswer)
  const isProtected = Promise.all(protections).then(() => {})
  isProtected.catch(() => {})
  const started: MediaStreamTrack[] = []
  return {
    sending,
    receiving,
    senders,
    receivers,
    video,
    isProtected,
    startTracks: async () => {
      const media = await navigator.mediaDevices.getUserMedia({
        audio: true,
        video: { width: 320, height: 240 },
      })
      started.push(...media.getTracks())
      for (const track of media.getTracks())
        await senders[track.kind as 'audio' | 'video'].replaceTrack(track)
    },
    close: () => {
      sending.close()
      receiving.close()
      from.crypto.release(sending)
      to.crypto.release(receiving)
      for (const track of started) track.stop()
      video.remove()
    },
  }
}

export async function negotiate(
  sending: RTCPeerConnection,
  receiving: RTCPeerConnection,
  changeAnswer: (sdp: string) => string = (sdp) => sdp,
): Promise<void> {
  await sending.setLocalDescription()
  await receiving.setRemoteDescription(sending.localDescription as RTCSessionDescription)
  await receiving.setLocalDescription()
  const { sdp = '' } = receiving.localDescription ?? {}
  await sending.setRemoteDescription({ type: 'answer', sdp: changeAnswer(sdp) })
}

export function exchangeCandidates(a: RTCPeerConnection, b: RTCPeerConnection): void {
  a.addEventListener(
    'icecandidate',
    ({ candidate }) => void b.addIceCandidate(candidate ?? undefined).catch(() => {}),
  )
  b.addEventListener(
    'icecandidate',
    ({ candidate }) => void a.addIceCandidate(candidate ?? undefined).catch(() => {}),
  )
}

/** Without retransmission, which repeats frames: then a counter that is used twice shows. */
export function limitCodecs(transceiver: RTCRtpTransceiver, mimeTypes: readonly string[]): void {
  const kind = mimeTypes[0]?.startsWith('audio') ? 'audio' : 'video'
  const codecs = RTCRtpReceiver.getCapabilities(kind)?.codecs ?? []
  transceiver.setCodecPreferences(
    codecs.filter(
      ({ mimeType, sdpFmtpLine = '' }) =>
        mimeTypes.includes(mimeType.toLowerCase()) &&
        // A frame of H.264 is one slice here: it must be divided among packets.
        (mimeType.toLowerCase() !== 'video/h264' || sdpFmtpLine.includes('packetization-mode=1')),
    ),
  )
}

/** One number out of a connection's statistics; 0 if it is absent. */
export async function readStat(
  of: RTCPeerConnection | RTCRtpSender | RTCRtpReceiver,
  from: { readonly type: string; readonly kind?: string; readonly name: string },
): Promise<number> {
  let sum = 0
  for (const entry of (await of.getStats()).values()) {
    if (entry.type !== from.type || (from.kind !== undefined && entry.kind !== from.kind)) continue
    const value: unknown = entry[from.name]
    if (typeof value === 'number') sum += value
  }
  return sum
}

export const framesDecoded = (call: Call): Promise<number> =>
  readStat(call.receiving, { type: 'inbound-rtp', kind: 'video', name: 'framesDecoded' })

export const audioEnergy = (call: Call): Promise<number> =>
  readStat(call.receiving, { type: 'inbound-rtp', kind: 'audio', name: 'totalAudioEnergy' })
