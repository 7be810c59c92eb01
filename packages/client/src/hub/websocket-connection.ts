/**
 * One connection to the hub: challenge, proof, heartbeat, frames. It ends once and is not used again.
 *
 * @module
 */
import { decodeBase64Url, encodeBase64Url } from '@conclave/base'
import {
  decodeDataFrame,
  decodeServerMessage,
  encodeAccessProof,
  encodeDataFrame,
  encodeMessage,
  SUBPROTOCOL,
} from '@conclave/wire'
import type { Clock } from '@conclave/base'
import type {
  DataFrame,
  JoinedMessage,
  ParticipantId,
  ParticipantJoinedMessage,
  ParticipantLeftMessage,
  RefusedMessage,
  RoomId,
} from '@conclave/wire'
import type { AccessKey } from '@conclave/e2ee'
import type { Outgoing } from '../transport.ts'

/** What a connection needs to know. */
export interface ConnectionOptions {
  /** The hub's WebSocket address, `ws:` or `wss:`, without query or fragment. */
  readonly url: string
  readonly room: RoomId
  readonly self: ParticipantId
  /** Proves that this session may join. The proof holds for this connection and this hub only. */
  readonly access: AccessKey
  /** 16 random bytes, the same for all connections of a session: what lets it replace an older one of its own. */
  readonly resume: Uint8Array
  readonly clock: Clock
}

/** Control messages that concern the room. */
export type RoomControl = ParticipantJoinedMessage | ParticipantLeftMessage | RefusedMessage

/** What a connection tells its owner. `closed` is the last call, and comes exactly once. */
export interface ConnectionHandlers {
  joined(message: JoinedMessage): void
  control(message: RoomControl): void
  frame(frame: DataFrame): void
  malformed(what: 'malformed-frame' | 'malformed-control'): void
  closed(code: number): void
}

/** A WebSocket from its first byte to its last. */
export class WebSocketConnection {
  readonly #options: ConnectionOptions
  readonly #handlers: ConnectionHandlers
  readonly #socket: WebSocket
  readonly #unlisten = new AbortController()
  #channel: number | undefined
  #lastHeardMs: number
  #timer: unknown
  #pings = 0

  constructor(options: ConnectionOptions, handlers: ConnectionHandlers) {
    this.#options = options
    this.#handlers = handlers
    this.#lastHeardMs = options.clock.now()
    this.#socket = new WebSocket(options.url, SUBPROTOCOL)
    this.#socket.binaryType = 'arraybuffer'
    const { signal } = this.#unlisten
    this.#socket.addEventListener('message', (event) => this.#hear(event.data), { signal })
    this.#socket.addEventListener('close', (event) => this.#end(event.code), { signal })
    this.#socket.addEventListener('error', () => this.#end(ABNORMAL_CLOSURE), { signal })
    this.#timer = options.clock.setTimeout(() => this.#end(ABNORMAL_CLOSURE), JOIN_DEADLINE_MS)
  }

  /** Hands a message to the connection. Call only between `joined` and `closed`. */
  send(message: Outgoing): void {
    if (this.#channel === undefined || this.#socket.readyState !== OPEN) return
    this.#socket.send(
      encodeDataFrame({
        type: 'publish',
        channel: this.#channel,
        id: message.id,
        to: message.to,
        payload: message.payload,
      }),
    )
  }

  /** Tells the hub that the session ends, so that others need not wait for it, and closes. */
  leave(): void {
    if (this.#socket.readyState === OPEN && this.#channel !== undefined) {
      this.#socket.send(encodeMessage({ type: 'leave', room: this.#options.room }))
    }
    this.#end(NORMAL_CLOSURE)
  }

  /** Ends the connection without a word; `closed` follows at once. */
  drop(): void {
    this.#end(ABNORMAL_CLOSURE)
  }

  #hear(data: unknown): void {
    this.#lastHeardMs = this.#options.clock.now()
    if (typeof data === 'string') this.#hearControl(data)
    else if (data instanceof ArrayBuffer) this.#hearFrame(new Uint8Array(data))
  }

  #hearFrame(bytes: Uint8Array): void {
    const frame = decodeDataFrame(bytes)
    if (frame === undefined || frame.channel !== this.#channel) {
      this.#handlers.malformed('malformed-frame')
    } else {
      this.#handlers.frame(frame)
    }
  }

  #hearControl(text: string): void {
    const message = decodeServerMessage(text)
    if (message === undefined) return this.#handlers.malformed('malformed-control')
    switch (message.type) {
      case 'challenge':
        void this.#join(message.nonce)
        return
      case 'joined':
        if (this.#channel !== undefined || message.room !== this.#options.room) return
        this.#channel = message.channel
        this.#options.clock.clearTimeout(this.#timer)
        this.#watch(message.limits.pingIntervalMs)
        this.#handlers.joined(message)
        return
      case 'pong':
        return
      default:
        if (this.#channel !== undefined) this.#handlers.control(message)
    }
  }

  async #join(nonceText: string): Promise<void> {
    const { access, room, self, resume, url } = this.#options
    const nonce = decodeBase64Url(nonceText)
    if (nonce === undefined || this.#channel !== undefined) return
    const { host } = new URL(url)
    const proof = await access.sign(encodeAccessProof({ host, nonce, room, participant: self }))
    if (this.#unlisten.signal.aborted || this.#socket.readyState !== OPEN) return
    this.#socket.send(
      encodeMessage({
        type: 'join',
        version: 1,
        room,
        participant: self,
        key: encodeBase64Url(access.publicKey),
        proof: encodeBase64Url(proof),
        host,
        resume: encodeBase64Url(resume),
      }),
    )
  }

  /** Probes a silent connection and ends one that does not answer spec R4. */
  #watch(intervalMs: number): void {
    const { clock } = this.#options
    const look = (): void => {
      const silentMs = clock.now() - this.#lastHeardMs
      if (silentMs < intervalMs) {
        this.#timer = clock.setTimeout(look, intervalMs - silentMs)
        return
      }
      const askedAtMs = clock.now()
      this.#socket.send(encodeMessage({ type: 'ping', id: (this.#pings += 1) }))
      this.#timer = clock.setTimeout(() => {
        if (this.#lastHeardMs < askedAtMs) this.#end(ABNORMAL_CLOSURE)
        else look()
      }, ANSWER_DEADLINE_MS)
    }
    this.#timer = clock.setTimeout(look, intervalMs)
  }

  #end(code: number): void {
    if (this.#unlisten.signal.aborted) return
    this.#unlisten.abort()
    this.#options.clock.clearTimeout(this.#timer)
    this.#socket.close(code === NORMAL_CLOSURE ? NORMAL_CLOSURE : undefined)
    this.#handlers.closed(code)
  }
}

const OPEN = 1
const NORMAL_CLOSURE = 1000
const ABNORMAL_CLOSURE = 1006
const JOIN_DEADLINE_MS = 10_000
const ANSWER_DEADLINE_MS = 5_000
