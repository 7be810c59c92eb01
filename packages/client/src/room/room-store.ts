/**
 * The room as one immutable value, for interfaces that draw what they read. spec R24
 *
 * @module
 */
import { Emitter } from '@conclave/base'
import type { AuthorityView } from '../admission/authority-view.ts'
import type { MediaProtection } from '../call/media-transport.ts'
import type { RoomCode } from '../persons/room-code-rounds.ts'
import type { ChatMessage } from './chat.ts'
import type { MissedMessages } from './missed-messages.ts'
import type { Participant } from './participant.ts'
import type { ParticipantMap } from './participants.ts'

/** Whether the hub is there; `left` is the end. */
export type RoomState = 'connected' | 'reconnecting' | 'left'

/**
 * The room at one moment. It and its parts never change: after a change there is another snapshot, in which the parts
 * that did not change are the same objects. spec R24
 */
export interface RoomSnapshot {
  readonly state: RoomState
  /** This session, as others see it. */
  readonly self: Participant
  /** Everyone else. */
  readonly participants: ParticipantMap
  /** Whether what is sent and what is received is protected; `undefined` without media. spec R110 */
  readonly media: MediaProtection | undefined
  /** The rule by which others come in, and this session's standing. */
  readonly authority: AuthorityView
  /** By it people compare whom they see. spec R91 */
  readonly code: RoomCode
  /** The chat, newest message last. */
  readonly messages: readonly ChatMessage[]
  /** Messages of the chat that this session was not given, because others had lost it; one entry for each absence. spec R99 */
  readonly missed: readonly MissedMessages[]
}

/** Holds the newest snapshot and tells subscribers of the next. */
export class RoomStore {
  readonly #emitter = new Emitter<{ readonly changed: undefined }>()
  #snapshot: RoomSnapshot

  constructor(snapshot: RoomSnapshot) {
    this.#snapshot = Object.freeze(snapshot)
  }

  /** The newest snapshot. */
  get snapshot(): RoomSnapshot {
    return this.#snapshot
  }

  /** Replaces parts; returns `false` and notifies no listener if none of them changed. */
  update(change: Partial<RoomSnapshot>): boolean {
    const before = this.#snapshot
    const next: RoomSnapshot = { ...before, ...change }
    const names = Object.keys(change) as (keyof RoomSnapshot)[]
    if (names.every((name) => next[name] === before[name])) return false
    this.#snapshot = Object.freeze(next)
    this.#emitter.emit('changed', undefined)
    return true
  }

  /** Calls `listener` after each change, until the returned function is called. */
  subscribe(listener: () => void): () => void {
    return this.#emitter.on('changed', listener)
  }

  /** Forgets the subscribers. */
  close(): void {
    this.#emitter.clear()
  }
}
