/**
 * Options, events and figures of a room.
 *
 * @module
 */
import type { MediaStats, E2eeState } from '@conclave/media'
import type { Clock } from '@conclave/base'
import type { ParticipantId } from '@conclave/wire'
import type { TrackSource } from '../track-source.ts'
import type { Transport, TransportEnd } from '../transport.ts'
import type { ChatMessage } from './chat.ts'
import type { Participant } from './participant.ts'
import type { ParticipantEvents } from './participants.ts'

/** How to join a room. All optional. */
export interface RoomOptions {
  /** The name under which others see this session; sealed, at most 80 characters. */
  readonly name?: string | undefined
  /** Ends the joining. After that use `room.leave()`. */
  readonly signal?: AbortSignal | undefined
  /** STUN and TURN servers. They learn addresses and carry ciphertext. */
  readonly iceServers?: readonly RTCIceServer[] | undefined
  /** The hub's WebSocket address, absolute or relative to the link; `/hub` on the link's host by default. */
  readonly hub?: string | undefined
  /** `false` joins for chat alone, also where there is no WebRTC, as in Node. */
  readonly media?: boolean | undefined
  /** Makes the worker that encrypts frames, for bundlers that need help with it. */
  readonly createWorker?: (() => Worker) | undefined
  /** Another way to carry sealed messages than the hub. */
  readonly transport?: ((self: ParticipantId) => Transport) | undefined
  /** For tests. */
  readonly clock?: Clock | undefined
}

/** Whether the hub is there; `left` is the end. */
export type RoomState = 'connected' | 'reconnecting' | 'left'

/** What a room tells. */
export interface RoomEvents extends ParticipantEvents {
  /** A message came, was sent, or was taken over by the hub: look at `message.state`. */
  readonly chat: { readonly message: ChatMessage }
  readonly stateChanged: { readonly state: RoomState }
  /** The encryption of a participant's media changed its state. Changes come in pairs: what failed recovers aloud. */
  readonly 'e2ee-state-change': {
    readonly participant: Participant
    readonly source: TrackSource
    readonly kind: 'audio' | 'video'
    readonly state: E2eeState
    readonly reason?: string | undefined
  }
  /** Something was dropped for this reason for the first time; `stats()` counts on. */
  readonly dropped: { readonly reason: string; readonly count: number }
  readonly closed: { readonly reason: TransportEnd }
}

/** Figures for diagnostics. They hold no content, names, keys or addresses. */
export interface RoomStats {
  /** How often something was dropped, by reason. */
  readonly dropped: Readonly<Record<string, number>>
  /** What the frame worker counted; `undefined` without media. */
  readonly media: MediaStats | undefined
}
