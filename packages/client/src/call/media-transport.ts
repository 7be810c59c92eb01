/**
 * The port for everything that carries media: the mesh, an SFU, or a test.
 *
 * @module
 */
import type { Clock } from '@conclave/base'
import type { KeySource } from '@conclave/e2ee'
import type { E2eeState, MediaStats, SignedMedia, StateReason } from '@conclave/media'
import type {
  DataProtector,
  IceServerSource,
  SealedDriver,
  SendDataOptions,
  Wish,
} from '@conclave/p2p'
import type { ParticipantId, RoomId } from '@conclave/wire'
import type { RoomProblem } from '../problem.ts'
import type { StreamSource, TrackSource } from '../track-source.ts'

/** The state of the media connections to a participant. */
export type PeerConnection = 'connecting' | 'connected' | 'interrupted'

/**
 * Whether the frames of a direction are protected: `working`; `restarting` while the encryption is made again, and nothing is sent
 * or played; `stopped` for good. spec R110
 */
export type Protection = 'working' | 'restarting' | 'stopped'

/** The protection of both directions, as this session sees them. */
export interface MediaProtection {
  readonly send: Protection
  readonly receive: Protection
}

/** The protection of media that is well. */
export const WORKING: MediaProtection = Object.freeze({ send: 'working', receive: 'working' })

/** Frames went past the encryption, and everything of this direction was stopped for good. spec R110 */
export interface CleartextRisk {
  readonly direction: 'send' | 'receive'
  /** The sender of the frames: this session itself, or another participant. */
  readonly participant: ParticipantId
  readonly source: TrackSource
}

/** Events of a media transport. */
export interface MediaTransportEvents {
  /** A track of a participant is there; its frames are shown once they are decrypted. */
  readonly trackAdded: {
    readonly participant: ParticipantId
    readonly source: TrackSource
    readonly track: MediaStreamTrack
  }
  /** Nothing is sent on a source from now on. */
  readonly trackRemoved: { readonly participant: ParticipantId; readonly source: TrackSource }
  /** The connections over which a participant's media comes changed their state. */
  readonly connectionChanged: {
    readonly participant: ParticipantId
    readonly connection: PeerConnection
  }
  /** The encryption of a source changed its state: of a participant's source, or of this session's own. */
  readonly e2eeStateChanged: {
    readonly participant: ParticipantId
    readonly source: TrackSource
    readonly kind: 'audio' | 'video'
    readonly state: E2eeState
    readonly reason?: StateReason | undefined
  }
  /** The protection of a direction changed. */
  readonly protectionChanged: { readonly protection: MediaProtection }
  /** Frames went past the encryption; `protectionChanged` came before. */
  readonly cleartextRisk: CleartextRisk
  /** The encryption failed; `protectionChanged` came before. */
  readonly failed: RoomProblem
  /** The encryption and all connections are made again: no frame of them was seen yet. spec R111 */
  readonly restarted: Record<never, never>
  /** A participant sent bytes by {@link MediaTransport.sendData}; they have authenticated. */
  readonly data: {
    readonly participant: ParticipantId
    readonly channel: string
    readonly reliable: boolean
    readonly bytes: Uint8Array<ArrayBuffer>
  }
  /** Data can be sent to the participant from now on. spec S93 */
  readonly dataOpened: { readonly participant: ParticipantId }
  /** No data can be sent to the participant until the next `dataOpened`: repeat then what was not confirmed. */
  readonly dataClosed: { readonly participant: ParticipantId }
  /** Something failed that no state reports. spec R32 */
  readonly problem: RoomProblem
  /** Something was dropped. `reason` is one of a fixed set of names. */
  readonly dropped: { readonly reason: string; readonly count: number }
}

/**
 * The media of one session in one room. You must encrypt every frame under the keys of the context before it leaves the
 * device, and hand no frame to a decoder that did not authenticate. Errors are events: no method throws; one that
 * does all the same is a problem of the room. spec R18, R25
 */
export interface MediaTransport {
  /**
   * `true` when the media of each participant comes over a connection with it whose ends the signalling of the room
   * authenticates: then no other member sends in its name. spec R98
   */
  readonly isDirect?: boolean | undefined
  /**
   * `true` when its frames are signed and verified as the context says: `signedMedia` was given to `FrameCrypto`. spec R136
   */
  readonly verifiesSignatures?: boolean | undefined
  /**
   * Resolves when frames can be encrypted, rejects with the reason why they never will. Left out: at once. A session that
   * needs media joins only then. spec R121
   */
  readonly ready?: Promise<void> | undefined
  /** Calls `handler` for each event of this type, until the returned function is called. */
  on<T extends keyof MediaTransportEvents>(
    type: T,
    handler: (event: MediaTransportEvents[T]) => void,
  ): () => void
  /** A participant came into the roster: media to and from it may flow from now on. */
  addParticipant(participant: ParticipantId): void
  /** A participant left the roster: stops sending to it and showing its tracks. spec R14 */
  removeParticipant(participant: ParticipantId): void
  /** Sends a track as a source in the place of the one before, or nothing. The track stays its owner's. */
  setTrack(source: TrackSource, track: MediaStreamTrack | null): void
  /** How much of a video of a participant somebody looks at. Left out: all of it comes, always. spec R211 */
  watch?(participant: ParticipantId, source: StreamSource, wish: Wish): void
  /** Whether any participant gets the video of this source. Left out: always. spec R211 */
  isWatched?(source: StreamSource): boolean
  /** The hub is connected again, or names a participant again: signalling works, and lost messages can be repeated. */
  resync(participant?: ParticipantId): void
  /** Whether data can be sent to a participant now, over its connections. Left out: never. */
  canSendData?(participant: ParticipantId): boolean
  /**
   * Sends bytes to a participant in a channel of any name; as `sendData` of a mesh, and with its errors. spec S92, S93
   */
  sendData?(
    participant: ParticipantId,
    channel: string,
    bytes: Uint8Array,
    options?: SendDataOptions,
  ): Promise<void>
  /** Counters of the frame encryption. */
  stats(): Promise<MediaStats>
  /** Ends all connections and workers. Idempotent. */
  close(): Promise<void>
}

/** The session that a media transport is for. */
export interface MediaContext {
  readonly room: RoomId
  readonly self: ParticipantId
  /** The keys of the room; their owner closes them. */
  readonly keys: KeySource
  /** Carries signalling between the participants in sealed messages. */
  readonly driver: SealedDriver
  /** Seals data for the participants, under the keys of each pair. spec S97 */
  readonly data?: DataProtector | undefined
  /** The clock of the room. */
  readonly clock: Clock
  /** The STUN and TURN servers of the join, or else those that the hub names, the newest of them each time that it is asked. spec R220 */
  readonly iceServers?: IceServerSource | undefined
  /** The policy of the join: with `relay` you must use TURN servers only. */
  readonly iceTransportPolicy?: RTCIceTransportPolicy | undefined
  /** Says which media is signed, for `FrameCrypto`. You must pass it on: without it nothing is shown of those who sign. spec R136 */
  readonly signedMedia?: SignedMedia | undefined
}

/** The session, for media that an application sends beside the room's own tracks. */
export interface SideMedia extends MediaContext {
  readonly data: DataProtector
  /**
   * You must call it with `true` before media is sent, and with `false` when none is. Resolves when the keys are closed to everybody who
   * left. spec R168
   */
  sends(isOn: boolean): Promise<void>
  /** Frames were sealed: so many, if it is known. */
  sealed(count: number): void
  /** Something failed that no call reports: a problem of the room. */
  report(error: unknown): void
}

/** Makes the media transport of a new session. */
export type MediaTransportFactory = (context: MediaContext) => MediaTransport
