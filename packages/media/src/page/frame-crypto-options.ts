/**
 * The options and the events of a `FrameCrypto`.
 *
 * @module
 */
import type { Clock } from '@conclave/base'
import type { ParticipantId, RoomId } from '@conclave/wire'
import type { TransformApi } from './attach-transform.ts'
import type { MediaError } from '../errors.ts'
import type { MediaKeySource } from './key-delivery.ts'
import type { FrameProfile } from './frame-profile.ts'
import type { SignedMedia } from './signed-media.ts'
import type { MediaSuiteId } from '../sframe/suite.ts'
import type { ServerFrames } from '../shared/server-frames.ts'
import type { TrackName } from '../shared/track-name.ts'
import type { StateEvent } from './track-state-merger.ts'

/** The options of every `FrameCrypto`. */
export interface FrameTransformOptions {
  /** For bundlers that cannot follow `new URL(…, import.meta.url)`; must start `@conclave/media/worker`. */
  readonly createWorker?: () => Worker
  /** `auto`, the default, chooses `RTCRtpScriptTransform` where there is one. Each end may use either. spec M19, M55 */
  readonly api?: 'auto' | TransformApi
  /**
   * Frames that a media server makes itself, for muted tracks for example: they are dropped and counted, and reported as no failure.
   * None when left out. spec M69
   */
  readonly serverFrames?: ServerFrames | undefined
  readonly clock?: Clock
}

/** The options of a `FrameCrypto` of SFrame frames. */
export interface FrameCryptoOptions extends FrameTransformOptions {
  readonly profile?: undefined
  readonly keys: MediaKeySource
  readonly room: RoomId
  /** This session's id. You must use a fresh one for each session: counters do not survive a reload. */
  readonly self: ParticipantId
  /** The same for everyone in the room. */
  readonly suite?: MediaSuiteId
  /**
   * The codecs of video that may be negotiated, as mime types, the preferred one first. When left out: VP8, VP9, H.264,
   * AV1. spec M50
   */
  readonly videoCodecs?: readonly string[] | undefined
  /**
   * Leaves the first byte of VP9 frames clear, for forwarding servers that look for key frames there; `false` when left
   * out. Receivers need no such option. spec M45
   */
  readonly hasClearVp9Byte?: boolean
  /** Signs this session's media, and says which participants sign theirs; none when left out. spec M88 to M97 */
  readonly signedMedia?: SignedMedia | undefined
}

/** The options of a `FrameCrypto` of frames in another format, whose profile has the keys. */
export interface ProfiledFrameCryptoOptions extends FrameTransformOptions {
  readonly profile: FrameProfile
  /** This session's name among the participants. */
  readonly self: string
  readonly suite?: undefined
  readonly signedMedia?: undefined
}

/** The connection of a protected track. */
export interface ProtectedConnection {
  /** The participant at the other end. */
  readonly peer: string
  readonly connection: RTCPeerConnection
}

/** The event `cleartext-risk`. */
export interface CleartextRiskEvent extends TrackName {
  readonly side: 'seal' | 'open'
  readonly peer: string
}

/** The events of a `FrameCrypto`. */
export interface FrameCryptoEvents {
  /** A track's state changed, or a failure persists. */
  readonly state: StateEvent
  /** Frames went past the worker; the track on that connection was stopped. */
  readonly 'cleartext-risk': CleartextRiskEvent
  /** The key source gave no key to seal with: nothing is sealed, and therefore sent, until it has one. spec M28 */
  readonly error: { readonly error: MediaError }
  /** The worker is gone and everything is stopped; make a new `FrameCrypto` and new connections. */
  readonly failed: { readonly error: MediaError }
}
