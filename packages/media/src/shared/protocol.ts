/**
 * The messages between the page and the worker.
 *
 * The worker owns counters, sender nonces, derived keys, replay windows and streams handed to it. The page owns senders,
 * receivers, tracks and the key source. Base keys go one way, as `CryptoKey`s that cannot be exported. No frame
 * and no byte of one crosses in either direction.
 *
 * @module
 */
import type { ParticipantId } from '@conclave/wire'
import type { SealingChoices } from '../codec/profile.ts'
import type { FrameCounters } from './frame-counters.ts'
import type { EpochRange } from './epoch-range.ts'
import type { ServerFrames } from './server-frames.ts'
import type { TrackName } from './track-name.ts'
import type { MediaSuiteId } from '../sframe/suite.ts'
import type { StateReport } from './e2ee-state.ts'

/** Version of these messages: page and worker must come from the same release. */
export const PROTOCOL_VERSION = 1

/** One transform: a track on one connection. A sealing one carries a track of this session. */
export interface PipeOptions extends TrackName {
  /** Chosen by the page, never used twice. */
  readonly pipe: number
  readonly side: 'seal' | 'open'
}

/** The options of our `RTCRtpScriptTransform`s. The marker tells them from other transforms of the page. */
export interface ScriptTransformOptions {
  readonly conclave: 'pipe'
  readonly options: PipeOptions
}

/** The place of a key in LiveKit's format: `ring` is a participant's name, or `undefined` for the ring that all share. */
export interface KeySlot {
  readonly ring: string | undefined
  readonly index: number
}

/** How the media of a session is signed. */
export interface SigningChoices {
  /** Whether this session signs: then nothing is sealed before its key is certified. */
  readonly isSigner: boolean
  /** 16 bytes. */
  readonly room: Uint8Array
}

/** Page to worker, answered by a `Reply` with the same number. */
export type WorkerRequest =
  /** The first message. */
  | {
      readonly type: 'start'
      readonly version: number
      readonly suite: MediaSuiteId
      readonly choices?: SealingChoices
      readonly serverFrames?: ServerFrames | undefined
      readonly signing?: SigningChoices | undefined
    }
  /** Makes the key with which the worker signs frames; its private half stays there. spec M88 */
  | { readonly type: 'make-media-key' }
  /** The session certifies the key that was made last. */
  | { readonly type: 'certify-media-key'; readonly certificate: Uint8Array }
  /** Draws a fresh KID for the epoch. */
  | { readonly type: 'make-kid'; readonly epoch: bigint }
  /** Seals with this key from now on, video from its next key frame if that comes within the wait. The worker keeps it. */
  | {
      readonly type: 'set-sender-key'
      readonly kid: bigint
      readonly baseKey: CryptoKey
      readonly waitMs: number
    }
  /** Is answered at once: a worker that hangs does not. */
  | { readonly type: 'ping' }
  /** Reads counters of all pipes. */
  | { readonly type: 'read-counters' }
  /** For LiveKit's format: puts a key into a slot, or empties it. */
  | { readonly type: 'ring-key'; readonly slot: KeySlot; readonly key: CryptoKey | undefined }
  /** For LiveKit's format: seals with the key of this slot from now on. */
  | { readonly type: 'use-ring-key'; readonly slot: KeySlot }
  /** Asks the encoder of a sealing pipe for a key frame. */
  | { readonly type: 'make-key-frame'; readonly pipe: number }
  /** The pipe carries this track from now on, or none: then all its frames are dropped. spec M56 */
  | {
      readonly type: 'repoint'
      readonly pipe: number
      readonly track: TrackName | undefined
      /** Rises with each request; `first-frame` names it. */
      readonly turn: number
    }

/** Page to worker, not answered. */
export type WorkerCommand =
  /** The streams of `createEncodedStreams`, transferred: they belong to the worker afterwards. */
  | {
      readonly type: 'attach-streams'
      readonly options: PipeOptions
      readonly readable: ReadableStream
      readonly writable: WritableStream
    }
  /** Answers `codec-needed`; `undefined` if not exactly one codec was negotiated. */
  | { readonly type: 'set-codec'; readonly pipe: number; readonly mimeType: string | undefined }
  /** Answers `key-needed`, or comes in advance. The worker keeps the key. */
  | {
      readonly type: 'receiver-key'
      readonly participant: ParticipantId
      readonly kid: bigint
      readonly epoch: bigint
      readonly baseKey: CryptoKey
      /** Whether the participant signs its media: frames under this key must be signed then. spec M97 */
      readonly isSigned?: boolean | undefined
    }
  /** Answers `key-needed`: there is no such key. */
  | {
      readonly type: 'receiver-key-missing'
      readonly participant: ParticipantId
      readonly kid: bigint
    }
  /** Announced by the participant: ask for the key now, within the same bounds as for a frame. */
  | { readonly type: 'prepare'; readonly participant: ParticipantId; readonly kid: bigint }
  /** Nothing more is sealed with the key of this KID. A later one, also one that is being derived, stays. */
  | { readonly type: 'drop-sender-key'; readonly kid: bigint }
  /** There are new keys: missing keys may be requested again. */
  | { readonly type: 'epoch-changed' }
  /** Drops the receiver keys of these epochs, of one participant or of all. */
  | {
      readonly type: 'retire'
      readonly epochs: EpochRange
      readonly participant?: ParticipantId | undefined
    }
  /** The decoder behind this pipe stands still: the sender is asked for a key frame. spec M101 */
  | { readonly type: 'ask-key-frame'; readonly pipe: number }
  /** These pipes drop whatever still comes. */
  | { readonly type: 'detach'; readonly pipes: readonly number[] }

/** The requests about keys, which the format of the frames answers. */
export type KeyRequest = Extract<
  WorkerRequest,
  {
    readonly type:
      | 'make-kid'
      | 'set-sender-key'
      | 'make-media-key'
      | 'certify-media-key'
      | 'ring-key'
      | 'use-ring-key'
  }
>

/** The commands about keys, which the format of the frames executes. */
export type KeyCommand = Exclude<
  WorkerCommand,
  { readonly type: 'attach-streams' | 'set-codec' | 'ask-key-frame' | 'detach' }
>

/** The answer to each request. */
export interface WorkerReplies {
  readonly start: { readonly version: number }
  readonly 'make-kid': { readonly kid: bigint }
  readonly 'set-sender-key': undefined
  readonly 'make-media-key': { readonly publicKey: Uint8Array }
  readonly 'certify-media-key': undefined
  readonly 'ring-key': undefined
  readonly 'use-ring-key': undefined
  readonly ping: undefined
  readonly 'read-counters': readonly PipeCounters[]
  /** False if this engine's transformer cannot; the page then asks the sender. */
  readonly 'make-key-frame': { readonly isAsked: boolean }
  readonly repoint: undefined
}

/** Page to worker. */
export type ToWorker =
  | WorkerCommand
  | { readonly type: 'request'; readonly number: number; readonly request: WorkerRequest }

/** Worker to page. */
export type FromWorker =
  | { readonly type: 'reply'; readonly number: number; readonly value: unknown }
  /** The request failed; classes do not survive the way, therefore only text, without secrets. */
  | { readonly type: 'failed'; readonly number: number; readonly message: string }
  /** The transform has reached the worker: from now on its frames are sealed, opened or dropped. */
  | { readonly type: 'attached'; readonly pipe: number }
  | { readonly type: 'key-needed'; readonly participant: ParticipantId; readonly kid: bigint }
  /** The first frame under a key of this participant's epoch has authenticated. */
  | { readonly type: 'key-proven'; readonly participant: ParticipantId; readonly epoch: bigint }
  | { readonly type: 'codec-needed'; readonly pipe: number }
  /** The first frame passed since the pipe was pointed at its track. spec M57 */
  | { readonly type: 'first-frame'; readonly pipe: number; readonly turn: number }
  /** A participant's track stopped, for good: it had frames that the participant did not sign. spec M95 */
  | (TrackName & { readonly type: 'forged' })
  | (TrackName & StateReport & { readonly type: 'state' })

/** Counters of one pipe since it carries its present track. */
export interface PipeCounters extends PipeOptions, FrameCounters {
  /** The frames of the tracks that the pipe carried before: the connection's counts include them. spec M23, M24 */
  readonly before: FrameCounters
  /** Whether it carries no track now. */
  readonly isVacant: boolean
  /** Key frames asked for: of the encoder, or of the sender at the other end. */
  readonly keyFrameRequests: number
  /** Key frames of video that passed. */
  readonly keyFrames: number
  /** Frames that wait for their key at this moment. */
  readonly waiting: number
}
