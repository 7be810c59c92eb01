/** Our frame encryption in the place that `livekit-client` has for one: `encryption: { e2eeManager }`. */
import { FrameCrypto } from '@conclave/media'
import type { StateEvent } from '@conclave/media'
import { createLiveKitProfile, LIVEKIT_SERVER_FRAMES } from '@conclave/media/livekit'
import type { LiveKitKeys } from '@conclave/media/livekit'
import { EngineEvent, ParticipantEvent, RoomEvent, Track } from 'livekit-client'
import type { BaseE2EEManager, LocalTrack, Room } from 'livekit-client'

type Engine = Parameters<BaseE2EEManager['setupEngine']>[0]

/** Protects the senders and receivers of a room as they are made, before anything is negotiated for them. */
export class OurManager implements BaseE2EEManager {
  isEnabled = false
  isDataChannelEncryptionEnabled = false
  readonly states: StateEvent[] = []
  readonly faults: string[] = []
  readonly #keys: LiveKitKeys
  readonly #self: string
  readonly #told: ((isEnabled: boolean, participant: unknown) => void)[] = []
  #frames: FrameCrypto | undefined
  #room: Room | undefined
  #engine: Engine | undefined

  constructor(keys: LiveKitKeys, self: string) {
    this.#keys = keys
    this.#self = self
  }

  get frames(): FrameCrypto {
    if (this.#frames === undefined) throw new Error('not joined')
    return this.#frames
  }

  /** The first word of the server: what it puts behind the frames that it makes itself. */
  setSifTrailer(trailer: Uint8Array): void {
    this.#frames = new FrameCrypto({
      ...{ profile: createLiveKitProfile(this.#keys), self: this.#self },
      serverFrames: { frames: LIVEKIT_SERVER_FRAMES, trailer },
    })
    this.#frames.on('state', (state) => this.states.push(state))
    this.#frames.on('cleartext-risk', ({ label }) => this.faults.push(`${label} in clear`))
    this.#frames.on('failed', ({ error }) => this.faults.push(String(error)))
  }

  setup(room: Room): void {
    this.#room = room
    room.localParticipant.on(
      ParticipantEvent.LocalSenderCreated,
      (sender: RTCRtpSender, track: LocalTrack | Track) => {
        const name = { label: labelOf(track.source), kind: track.kind as 'audio' | 'video' }
        this.#protect(
          this.frames.protectSender(sender, name, { peer: 'sfu', connection: this.#connection() }),
        )
      },
    )
    room.on(RoomEvent.SignalConnected, () => {
      this.isEnabled = true
      for (const tell of this.#told) tell(true, room.localParticipant)
    })
  }

  setupEngine(engine: Engine): void {
    this.#engine = engine
    engine.on(EngineEvent.MediaTrackAdded, (track, stream, receiver) => {
      const [sid] = stream.id.split('|')
      const others = [...(this.#room?.remoteParticipants.values() ?? [])]
      const peer = others.find((participant) => participant.sid === sid)?.identity
      // One that the server keeps for later.
      if (peer === undefined) return
      const kind = track.kind as 'audio' | 'video'
      const name = { label: labelOf(kind === 'audio' ? 'microphone' : 'camera'), kind }
      this.#protect(
        this.frames.protectReceiver(receiver, name, { peer, connection: this.#connection() }),
      )
    })
  }

  on(event: string, listener: (...args: never[]) => void): this {
    if (event === 'participantEncryptionStatusChanged') this.#told.push(listener as never)
    return this
  }

  setParticipantCryptorEnabled(): void {}

  encryptData(): Promise<never> {
    return Promise.reject(new Error('data goes another way'))
  }

  handleEncryptedData(): Promise<never> {
    return this.encryptData()
  }

  /** The one connection that carries both directions. */
  #connection(): RTCPeerConnection {
    const { pcManager } = this.#engine as unknown as {
      readonly pcManager: { readonly publisher: { readonly pc: RTCPeerConnection } }
    }
    return pcManager.publisher.pc
  }

  #protect(attached: Promise<void>): void {
    attached.catch((error: unknown) => this.faults.push(String(error)))
  }
}

const labelOf = (source: string): string => (source === Track.Source.Camera ? 'camera' : source)
