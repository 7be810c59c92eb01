/** A media server that an attacker owns: it goes on bringing everybody's frames to everybody, whatever a roster says. */
import { Emitter } from '@conclave/base'
import { FrameCrypto, type MediaStats } from '@conclave/media'
import { onTestFinished } from 'vitest'
import type { ParticipantId } from '@conclave/wire'
import type {
  MediaContext,
  MediaTransport,
  MediaTransportEvents,
  TrackSource,
} from '../../src/index.ts'

/** The server, with a connection from each sender to each receiver. */
export class HostileSfu {
  readonly #clients = new Map<ParticipantId, SfuMedia>()
  readonly #published = new Map<ParticipantId, MediaStreamTrack>()

  /** The media of a session over this server. */
  readonly transport = (context: MediaContext): SfuMedia => {
    const media = new SfuMedia(context, (track) => {
      this.#published.set(context.self, track)
      for (const id of this.#clients.keys()) this.#forward(context.self, id)
    })
    this.#clients.set(context.self, media)
    for (const id of this.#published.keys()) this.#forward(id, context.self)
    return media
  }

  #forward(from: ParticipantId, to: ParticipantId): void {
    const [sender, receiver] = [this.#clients.get(from), this.#clients.get(to)]
    const track = this.#published.get(from)
    if (from === to || sender === undefined || receiver === undefined || track === undefined) return
    void connect({ track, protector: sender.frames, from, receiver })
  }
}

/** The media of one session: everything is sealed, and goes to the server. */
export class SfuMedia extends Emitter<MediaTransportEvents> implements MediaTransport {
  readonly self: ParticipantId
  readonly verifiesSignatures = true
  readonly frames: FrameCrypto
  readonly #published: (track: MediaStreamTrack) => void
  readonly #connections = new Map<ParticipantId, RTCPeerConnection>()

  constructor(
    { room, self, keys, clock, signedMedia }: MediaContext,
    published: (track: MediaStreamTrack) => void,
  ) {
    super()
    this.self = self
    this.#published = published
    this.frames = new FrameCrypto({ room, self, keys, clock, signedMedia })
    this.frames.on('state', ({ participant, kind, state, reason }) => {
      const event = { participant: participant as ParticipantId, kind, state, reason }
      this.emit('e2eeStateChanged', { ...event, source: 'camera' })
    })
  }

  /** Takes over a connection on which the frames of `from` are said to come. */
  receive(from: ParticipantId, connection: RTCPeerConnection): void {
    this.#connections.set(from, connection)
    connection.addEventListener('track', ({ receiver, track }) => {
      const name = { label: 'camera', kind: 'video' } as const
      this.frames.protectReceiver(receiver, name, { peer: from, connection }).catch(() => {})
      this.emit('trackAdded', { participant: from, source: 'camera', track })
    })
  }

  /** The pictures that were decoded from what is said to come from `from`. */
  async decoded(from: ParticipantId): Promise<number> {
    const stats = (await this.#connections.get(from)?.getStats())?.values() ?? []
    return [...stats].reduce((sum, { framesDecoded = 0 }) => sum + Number(framesDecoded), 0)
  }

  /** The frames that did not open, as they came without a key, or under another one. */
  async closed(): Promise<number> {
    const { dropped } = await this.frames.stats()
    return Object.values(dropped).reduce((sum, count) => sum + count, 0)
  }

  addParticipant(): void {}
  removeParticipant(): void {}
  resync(): void {}

  setTrack(_source: TrackSource, track: MediaStreamTrack | null): void {
    if (track !== null) this.#published(track)
  }

  stats(): Promise<MediaStats> {
    return this.frames.stats()
  }

  async close(): Promise<void> {
    await this.frames.close()
    this.clear()
  }
}

/**
 * Connects a sender with a receiver of a session.
 *
 * @param protector seals the frames; left out, they go in clear
 */
export async function connect({
  track,
  protector,
  from,
  receiver,
}: {
  readonly track: MediaStreamTrack
  readonly protector?: FrameCrypto | undefined
  readonly from: ParticipantId
  readonly receiver: SfuMedia
}): Promise<void> {
  const sending = new RTCPeerConnection(protector?.connectionConfig)
  const receiving = new RTCPeerConnection(receiver.frames.connectionConfig)
  onTestFinished(() => [sending, receiving].forEach((connection) => connection.close()))
  for (const [one, other] of [
    [sending, receiving],
    [receiving, sending],
  ] as const) {
    one.addEventListener('icecandidate', ({ candidate }) => {
      other.addIceCandidate(candidate ?? undefined).catch(() => {})
    })
  }
  receiver.receive(from, receiving)
  const transceiver = sending.addTransceiver('video', { direction: 'sendonly' })
  const codecs = RTCRtpReceiver.getCapabilities('video')?.codecs ?? []
  transceiver.setCodecPreferences(codecs.filter(({ mimeType }) => /vp8$/i.test(mimeType)))
  const name = { label: 'camera', kind: 'video' } as const
  const isProtected = protector?.protectSender(transceiver.sender, name, {
    ...{ peer: receiver.self, connection: sending },
  })
  isProtected?.catch(() => {})
  await sending.setLocalDescription()
  await receiving.setRemoteDescription(sending.localDescription ?? { type: 'offer' })
  await receiving.setLocalDescription()
  await sending.setRemoteDescription(receiving.localDescription ?? { type: 'answer' })
  await isProtected
  await transceiver.sender.replaceTrack(track)
}
