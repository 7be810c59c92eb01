/**
 * A look into a room from its lobby: a session that is no participant asks the members who is in. spec R65
 *
 * @module
 */
import { type Clock, Emitter, TaskQueue } from '@conclave/base'
import type { Sealer } from '@conclave/e2ee'
import { INTRODUCTION_FORMAT } from '@conclave/e2ee/session'
import { randomMessageId } from '@conclave/e2ee'
import type { ParticipantId } from '@conclave/wire'
import { MESSAGE_KINDS } from '../messages/bodies.ts'
import type { Introductions } from '../messages/introductions.ts'
import type { Transport } from '../transport.ts'
import { type Inside, decodeInside } from './inside.ts'

/** The view from the lobby at one moment; never changes. Everything in it is the word of one member. */
export interface LookSnapshot {
  /** The people in the room; `undefined` when no member has answered, and where not everybody may come in. */
  readonly inside: Inside | undefined
  /** How one comes in: everybody, those whom a member lets in, or nobody; `undefined` when no member has answered. */
  readonly entry: 'open' | 'ask' | 'closed' | undefined
}

/** The needs of a {@link RoomLook}. */
export interface RoomLookOptions {
  readonly transport: Transport
  readonly sealer: Sealer
  readonly introductions: Introductions
  readonly clock: Clock
  /** Closes what was made for this session. */
  readonly release: () => void
}

/** Asks who is in a room until it is closed. The members do not see it as a participant. */
export class RoomLook {
  readonly #options: RoomLookOptions
  readonly #emitter = new Emitter<{ readonly changed: undefined }>()
  readonly #here = new Set<ParticipantId>()
  readonly #incoming = new TaskQueue({ maxWaiting: MAX_WAITING })
  #snapshot: LookSnapshot = NOTHING_SEEN
  /** Those who were not asked yet in this round. */
  #unasked: readonly ParticipantId[] = []
  /** Rounds without an answer since the last one. */
  #unanswered = 0
  #timer: unknown
  #closed = false

  get [Symbol.toStringTag](): string {
    return 'RoomLook'
  }

  /** Not for applications: {@link lookInside} makes them. */
  constructor(options: RoomLookOptions) {
    this.#options = options
    const { transport } = options
    transport.on('up', ({ participants }) => {
      this.#here.clear()
      for (const participant of participants.slice(0, MAX_HERE)) this.#here.add(participant)
      this.#begin(0)
    })
    transport.on('down', () => this.#cancel())
    transport.on('participantJoined', ({ participant }) => {
      if (this.#here.size < MAX_HERE) this.#here.add(participant)
      // It is in when it has met somebody.
      this.#begin(CHANGE_MS)
    })
    transport.on('participantLeft', ({ participant }) => {
      this.#here.delete(participant)
      this.#begin(CHANGE_MS)
    })
    transport.on('message', ({ from, payload }) => {
      // Results of a member that floods are of no use.
      void this.#incoming.run(() => this.#open(from, payload).catch(() => {}))
    })
    transport.on('ended', () => this.close())
  }

  /** The newest view; another object after each change. */
  get snapshot(): LookSnapshot {
    return this.#snapshot
  }

  /** Calls `listener` after each change, until the returned function is called. */
  subscribe(listener: () => void): () => void {
    return this.#emitter.on('changed', listener)
  }

  /** Resolves when everything that came so far is opened. */
  get settled(): Promise<void> {
    return this.#incoming.run(async () => {}) ?? Promise.resolve()
  }

  /** Ends the look. Closing again does nothing. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#cancel()
    this.#emitter.clear()
    void this.#incoming.close()
    this.#options.transport.close()
    this.#options.release()
  }

  #cancel(): void {
    this.#options.clock.clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /** Asks everybody again after a while, some at a time, until one answers. */
  #begin(inMs: number): void {
    this.#cancel()
    if (this.#here.size === 0) this.#show(NOTHING_SEEN)
    this.#timer = this.#options.clock.setTimeout(() => {
      this.#unasked = [...this.#here]
      this.#askSome()
    }, inMs)
  }

  #askSome(): void {
    const some = this.#unasked.slice(0, ASKED_AT_ONCE)
    this.#unasked = this.#unasked.slice(ASKED_AT_ONCE)
    if (some.length === 0) {
      // One answer may get lost.
      this.#unanswered += 1
      if (this.#unanswered > 1) this.#show(NOTHING_SEEN)
      return this.#begin(AGAIN_MS)
    }
    for (const participant of some) this.#ask(participant).catch(() => {})
    this.#timer = this.#options.clock.setTimeout(() => this.#askSome(), PATIENCE_MS)
  }

  async #ask(to: ParticipantId): Promise<void> {
    const payload = await this.#options.introductions.ask(to)
    if (!this.#closed) this.#options.transport.publish({ id: randomMessageId(), to, payload })
  }

  async #open(from: ParticipantId, payload: Uint8Array): Promise<void> {
    if (this.#closed) return
    const { introductions, sealer } = this.#options
    if (payload[0] === INTRODUCTION_FORMAT) return this.#introduced(from, payload)
    if (!introductions.pairs.has(from)) return
    const opened = await sealer.open(from, payload)
    if (opened.type === 'dropped' || opened.audience !== 'direct') return
    const inside = opened.kind === MESSAGE_KINDS.lobby ? decodeInside(opened.body) : undefined
    if (inside !== undefined) this.#answered({ inside, entry: 'open' })
  }

  async #introduced(from: ParticipantId, payload: Uint8Array): Promise<void> {
    const { introductions } = this.#options
    const received = await introductions.open(from, payload)
    if (received.type === 'dropped' || this.#closed) return
    const { status } = received
    if (status === 'admitted') await introductions.accept(received)
    else if (status === 'waiting') this.#answered({ inside: undefined, entry: 'ask' })
    else if (status === 'refused') this.#answered({ inside: undefined, entry: 'closed' })
    // It asks this session as if it were a participant: it learns that it is none.
    else if (status === 'asks') await this.#ask(from)
  }

  #answered(snapshot: LookSnapshot): void {
    if (this.#closed) return
    this.#unanswered = 0
    this.#show(snapshot)
    this.#begin(AGAIN_MS)
  }

  #show(snapshot: LookSnapshot): void {
    if (JSON.stringify(snapshot) === JSON.stringify(this.#snapshot)) return
    this.#snapshot = Object.freeze(snapshot)
    this.#emitter.emit('changed', undefined)
  }
}

const NOTHING_SEEN: LookSnapshot = Object.freeze({ inside: undefined, entry: undefined })
const AGAIN_MS = 10_000
const CHANGE_MS = 1000
const PATIENCE_MS = 1500
const ASKED_AT_ONCE = 4
const MAX_HERE = 1024
const MAX_WAITING = 64
