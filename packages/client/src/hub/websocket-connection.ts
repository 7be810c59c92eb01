/**
 * One connection to the hub: challenge, proof, heartbeat, frames. It ends once and is not used again.
 *
 * @module
 */
import { decodeBase64Url, encodeBase64Url, viewBytes } from '@conclave/base'
import type { Clock } from '@conclave/base'
import type { AccessKey } from '@conclave/e2ee'
import type { SessionKeys } from '@conclave/e2ee/session'
import {
  decodeDataFrame,
  decodeServerMessage,
  encodeAccessProof,
  encodeDataFrame,
  encodeMessage,
  encodeSessionProof,
  OWNER_BYTES,
  SUBPROTOCOL,
} from '@conclave/wire'
import type {
  DataFrame,
  IceServersMessage,
  JoinedMessage,
  ParticipantId,
  ParticipantJoinedMessage,
  ParticipantLeftMessage,
  RefusedMessage,
  RoomId,
} from '@conclave/wire'
import type { Outgoing } from '../transport.ts'
import { Unanswered, UNANSWERED_MS } from './unanswered.ts'

/** The part of a session's keys that the hub gets to see. */
export type SessionSigner = Pick<SessionKeys, 'id' | 'signingKey' | 'sign'>

/** The needs of a connection. */
export interface ConnectionOptions {
  /** The hub's WebSocket address, `ws:` or `wss:`, without query or fragment. */
  readonly url: string
  readonly room: RoomId
  /** The fingerprint of the room's owner; left out: nobody owns the room. spec W5 */
  readonly ownerFingerprint?: Uint8Array | undefined
  /** Names this session; its proof lets it replace its own older connection, and nobody else. */
  readonly session: SessionSigner
  /** Proves that this session may join. The proofs hold for this connection and this hub only. */
  readonly access: AccessKey
  readonly clock: Clock
}

/** Control messages that concern the room. */
export type RoomControl =
  | ParticipantJoinedMessage
  | ParticipantLeftMessage
  | RefusedMessage
  | IceServersMessage

/** Callbacks of a connection. `closed` is the last call, and comes exactly once. */
export interface ConnectionHandlers {
  joined(message: JoinedMessage): void
  control(message: RoomControl): void
  frame(frame: DataFrame): void
  malformed(reason: 'malformed-frame' | 'malformed-control'): void
  /** The access key did not sign; `closed` follows. */
  unsigned(error: unknown): void
  closed(code: number): void
}

/** A WebSocket from its first byte to its last. */
export class WebSocketConnection {
  readonly #options: ConnectionOptions
  readonly #handlers: ConnectionHandlers
  readonly #socket: WebSocket
  readonly #unlisten = new AbortController()
  readonly #unanswered = new Unanswered()
  #state: State = { type: 'joining' }
  #lastHeardMs: number
  #lastSaidMs: number
  #timer: unknown
  #pings = 0

  constructor(options: ConnectionOptions, handlers: ConnectionHandlers) {
    this.#options = options
    this.#handlers = handlers
    this.#lastHeardMs = options.clock.now()
    this.#lastSaidMs = this.#lastHeardMs
    this.#socket = new WebSocket(options.url, SUBPROTOCOL)
    this.#socket.binaryType = 'arraybuffer'
    const { signal } = this.#unlisten
    this.#socket.addEventListener('message', (event) => this.#receive(event.data), { signal })
    this.#socket.addEventListener('close', (event) => this.#end(event.code), { signal })
    this.#socket.addEventListener('error', () => this.#end(ABNORMAL_CLOSURE), { signal })
    this.#timer = options.clock.setTimeout(() => this.#end(ABNORMAL_CLOSURE), JOIN_DEADLINE_MS)
  }

  /** Hands a message to the connection. Call only between `joined` and `closed`. */
  send({ id, to, payload }: Outgoing): void {
    if (this.#state.type === 'joining' || this.#socket.readyState !== OPEN) return
    const { channel } = this.#state
    this.#lastSaidMs = this.#options.clock.now()
    this.#socket.send(encodeDataFrame({ type: 'publish', channel, id, to, payload }))
    const isFirst = this.#unanswered.sinceMs === undefined
    this.#unanswered.said({ id, bytes: payload.length }, this.#lastSaidMs)
    if (isFirst && this.#state.type === 'joined') this.#watch(this.#state)
  }

  /** Asks the hub to end the connection of a removed session. Call only between `joined` and `closed`. spec H37 */
  remove(participant: ParticipantId, statements: readonly Uint8Array[]): void {
    if (this.#state.type === 'joining' || this.#socket.readyState !== OPEN) return
    const { room } = this.#options
    const texts = statements.map((bytes) => encodeBase64Url(bytes))
    this.#socket.send(encodeMessage({ type: 'remove', room, participant, statements: texts }))
  }

  /** Asks the hub for a sign of life and ends the connection if none comes soon: after sleep, for example. spec R22 */
  probe(): void {
    this.#ping(WAKE_DEADLINE_MS)
  }

  /** Tells the hub that the session ends, so that others need not wait for it, and closes. */
  leave(): void {
    if (this.#socket.readyState === OPEN && this.#state.type !== 'joining') {
      this.#socket.send(encodeMessage({ type: 'leave', room: this.#options.room }))
    }
    this.#end(NORMAL_CLOSURE)
  }

  #receive(data: unknown): void {
    this.#lastHeardMs = this.#options.clock.now()
    if (this.#state.type === 'probing') this.#watch(this.#state)
    if (typeof data === 'string') return this.#receiveControl(data)
    const bytes = viewBytes(data)
    if (bytes !== undefined) this.#receiveFrame(bytes)
  }

  #receiveFrame(bytes: Uint8Array): void {
    const frame = decodeDataFrame(bytes)
    const isOfRoom = this.#state.type !== 'joining' && frame?.channel === this.#state.channel
    if (frame === undefined || !isOfRoom) return this.#handlers.malformed('malformed-frame')
    if (frame.type === 'ack') this.#unanswered.answered(frame.id)
    this.#handlers.frame(frame)
  }

  #receiveControl(text: string): void {
    const message = decodeServerMessage(text)
    if (message === undefined) return this.#handlers.malformed('malformed-control')
    switch (message.type) {
      case 'challenge':
        this.#join(message.nonce).catch((error: unknown) => {
          if (this.#unlisten.signal.aborted) return
          this.#handlers.unsigned(error)
          this.#end(ABNORMAL_CLOSURE)
        })
        return
      case 'joined':
        if (this.#state.type !== 'joining' || message.room !== this.#options.room) return
        this.#watch({
          channel: message.channel,
          intervalMs: Math.max(
            LEAST_SILENCE_MS,
            Math.min(message.limits.pingIntervalMs, SILENCE_MS),
          ),
        })
        this.#handlers.joined(message)
        return
      case 'participantJoined':
      case 'participantLeft':
      case 'iceServers':
      case 'refused':
        if (this.#state.type === 'joining') return
        if (message.type === 'refused') this.#unanswered.answered(message.id)
        this.#handlers.control(message)
        return
      default:
      // A pong, or something that is not about rooms: everything that comes is a sign of life. spec W19
    }
  }

  async #join(nonceText: string): Promise<void> {
    const { access, room, session, url, ownerFingerprint } = this.#options
    const nonce = decodeBase64Url(nonceText)
    if (nonce === undefined || this.#state.type !== 'joining') return
    const { host } = new URL(url)
    const context = { host, nonce, room, participant: session.id }
    const [proof, sessionProof] = await Promise.all([
      access.sign(encodeAccessProof(context)),
      session.sign(encodeSessionProof(context)),
    ])
    if (this.#unlisten.signal.aborted || this.#socket.readyState !== OPEN) return
    this.#socket.send(
      encodeMessage({
        type: 'join',
        version: 1,
        room,
        participant: session.id,
        key: encodeBase64Url(access.publicKey),
        owner: encodeBase64Url(ownerFingerprint ?? new Uint8Array(OWNER_BYTES)),
        proof: encodeBase64Url(proof),
        host,
        session: encodeBase64Url(session.signingKey),
        sessionProof: encodeBase64Url(sessionProof),
      }),
    )
  }

  /** Pings the hub when it was silent for a while, or this side was: the hub drops who is silent. spec R4 R207 */
  #watch({ channel, intervalMs }: Joined): void {
    const { clock } = this.#options
    this.#state = { type: 'joined', channel, intervalMs }
    clock.clearTimeout(this.#timer)
    const dueMs = (): number => {
      const dueAtMs = Math.min(this.#lastHeardMs, this.#lastSaidMs) + intervalMs
      const { sinceMs } = this.#unanswered
      if (sinceMs === undefined) return dueAtMs - clock.now()
      return Math.min(dueAtMs, Math.max(sinceMs, this.#lastHeardMs) + UNANSWERED_MS) - clock.now()
    }
    this.#timer = clock.setTimeout(
      () => {
        if (dueMs() > 0) return this.#watch({ channel, intervalMs })
        const { sinceMs, deadlineMs } = this.#unanswered
        this.#ping(sinceMs === undefined ? ANSWER_DEADLINE_MS : deadlineMs)
      },
      Math.max(0, dueMs()),
    )
  }

  #ping(deadlineMs: number): void {
    const { clock } = this.#options
    const deadlineAtMs = clock.now() + deadlineMs
    if (this.#state.type === 'joining') return
    if (this.#state.type === 'probing' && this.#state.deadlineAtMs <= deadlineAtMs) return
    this.#state = { ...this.#state, type: 'probing', deadlineAtMs }
    clock.clearTimeout(this.#timer)
    this.#timer = clock.setTimeout(() => this.#end(ABNORMAL_CLOSURE), deadlineMs)
    this.#pings += 1
    this.#lastSaidMs = clock.now()
    this.#socket.send(encodeMessage({ type: 'ping', id: this.#pings }))
  }

  #end(code: number): void {
    if (this.#unlisten.signal.aborted) return
    this.#unlisten.abort()
    this.#options.clock.clearTimeout(this.#timer)
    this.#socket.close(code === NORMAL_CLOSURE ? NORMAL_CLOSURE : undefined)
    this.#handlers.closed(code)
  }
}

interface Joined {
  readonly channel: number
  /** After how long a silence the hub is asked for a sign of life. */
  readonly intervalMs: number
}

/** The end is not a separate state: `#unlisten` is aborted then. */
type State =
  | { readonly type: 'joining' }
  | ({ readonly type: 'joined' } & Joined)
  /** A ping waits for its answer; anything that comes is one. */
  | ({ readonly type: 'probing'; readonly deadlineAtMs: number } & Joined)

const OPEN = 1
const NORMAL_CLOSURE = 1000
const ABNORMAL_CLOSURE = 1006
const JOIN_DEADLINE_MS = 10_000
/** A silence after which the hub is probed, unless it named a shorter one. spec R4 */
const SILENCE_MS = 5000
/** A hub that names a shorter silence would be probed all the time. spec R181 */
const LEAST_SILENCE_MS = 1000
const ANSWER_DEADLINE_MS = 4000
const WAKE_DEADLINE_MS = 2000
