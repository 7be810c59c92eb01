/**
 * The life of one WebSocket to a hub, whatever is said over it: challenge, frames, heartbeat, end. It ends once and is not
 * used again.
 *
 * @module
 */
import { viewBytes } from '@conclave/base'
import type { Clock } from '@conclave/base'
import {
  decodeDataFrame,
  decodeServerMessage,
  encodeDataFrame,
  encodeMessage,
  SUBPROTOCOL,
} from '@conclave/wire'
import type {
  ChallengeMessage,
  ClientMessage,
  DataFrame,
  GoodbyeMessage,
  PongMessage,
  PublishFrame,
  ServerMessage,
  SignalFrame,
  UnknownMessage,
} from '@conclave/wire'
import { Unanswered, UNANSWERED_MS } from './unanswered.ts'

/** A hub's message that concerns what is said over the socket, and not the socket itself. */
export type HubMessage = Exclude<
  ServerMessage,
  ChallengeMessage | GoodbyeMessage | PongMessage | UnknownMessage
>

/** How a socket ended. */
export interface SocketEnd {
  /** The close code; 1006 when the connection was lost or never made. */
  readonly code: number
  /** Before this time of the clock the hub does not expect its clients back, if it said so. spec R230 */
  readonly notBeforeMs?: number | undefined
}

/** Callbacks of a socket. `closed` is the last call, and comes exactly once. */
export interface SocketHandlers {
  /** The first message on every connection: proofs and tokens are bound to `nonce`, base64url. */
  challenge(nonce: string): void
  control(message: HubMessage): void
  frame(frame: DataFrame): void
  malformed(reason: 'malformed-frame' | 'malformed-control'): void
  closed(end: SocketEnd): void
}

/** A WebSocket from its first byte to its last. */
export class HubSocket {
  readonly #clock: Clock
  readonly #handlers: SocketHandlers
  readonly #socket: WebSocket
  readonly #unlisten = new AbortController()
  readonly #unanswered = new Unanswered()
  #state: State = { type: 'opening' }
  /** How long it took until the hub said something. */
  #openedInMs: number | undefined
  #lastHeardMs: number
  #lastSaidMs: number
  #notBeforeMs: number | undefined
  #timer: unknown
  #pings = 0

  constructor(
    { url, clock }: { readonly url: string; readonly clock: Clock },
    handlers: SocketHandlers,
  ) {
    this.#clock = clock
    this.#handlers = handlers
    this.#lastHeardMs = clock.now()
    this.#lastSaidMs = this.#lastHeardMs
    this.#socket = new WebSocket(url, SUBPROTOCOL)
    this.#socket.binaryType = 'arraybuffer'
    const { signal } = this.#unlisten
    this.#socket.addEventListener('message', (event) => this.#receive(event.data), { signal })
    this.#socket.addEventListener('close', (event) => this.end(event.code), { signal })
    this.#socket.addEventListener('error', () => this.end(ABNORMAL_CLOSURE), { signal })
    this.#timer = clock.setTimeout(() => this.end(ABNORMAL_CLOSURE), OPEN_DEADLINE_MS)
  }

  /** Whether something can be said. */
  get isOpen(): boolean {
    return this.#socket.readyState === OPEN && !this.ended
  }

  /** Whether `closed` was called. */
  get ended(): boolean {
    return this.#unlisten.signal.aborted
  }

  /** The bytes that wait for the network. */
  get waitingBytes(): number {
    return this.#socket.bufferedAmount
  }

  /** The hub let this side in: from now on the connection shows signs of life, or ends. spec R4 R181 */
  stand(pingIntervalMs: number): void {
    this.#watch(Math.max(LEAST_SILENCE_MS, Math.min(pingIntervalMs, SILENCE_MS)))
  }

  /** Says a control message; does nothing on a socket that is not open. */
  say(message: ClientMessage): void {
    if (this.isOpen) this.#socket.send(encodeMessage(message))
  }

  /** Hands a frame to the network; does nothing on a socket that is not open. */
  send(frame: PublishFrame | SignalFrame): void {
    if (!this.isOpen) return
    this.#lastSaidMs = this.#clock.now()
    this.#socket.send(encodeDataFrame(frame))
    if (frame.type === 'signal') return
    const isFirst = this.#unanswered.sinceMs === undefined
    this.#unanswered.said({ id: frame.id, bytes: frame.payload.length }, this.#lastSaidMs)
    if (isFirst && this.#state.type === 'standing') this.#watch(this.#state.intervalMs)
  }

  /** Asks the hub for a sign of life and ends the connection if none comes soon: after sleep, for example. spec R22 */
  probe(): void {
    const { from, to } = WAKE_DEADLINE_MS
    this.#ping(Math.max(from, Math.min(this.#openedInMs ?? to, to)))
  }

  /** Closes; 1000 tells the hub that this side does not come back. */
  end(code: number): void {
    if (this.ended) return
    this.#unlisten.abort()
    this.#clock.clearTimeout(this.#timer)
    this.#socket.close(code === NORMAL_CLOSURE ? NORMAL_CLOSURE : undefined)
    this.#handlers.closed({ code, notBeforeMs: this.#notBeforeMs })
  }

  #receive(data: unknown): void {
    const nowMs = this.#clock.now()
    this.#openedInMs ??= nowMs - this.#lastHeardMs
    this.#lastHeardMs = nowMs
    if (this.#state.type === 'probing') this.#watch(this.#state.intervalMs)
    if (typeof data === 'string') return this.#receiveControl(data)
    const bytes = viewBytes(data)
    if (bytes === undefined) return
    const frame = decodeDataFrame(bytes)
    if (frame === undefined) return this.#handlers.malformed('malformed-frame')
    if (frame.type === 'ack') this.#unanswered.answered(frame.id)
    this.#handlers.frame(frame)
  }

  #receiveControl(text: string): void {
    const message = decodeServerMessage(text)
    if (message === undefined) return this.#handlers.malformed('malformed-control')
    switch (message.type) {
      case 'challenge':
        return this.#handlers.challenge(message.nonce)
      case 'goodbye':
        this.#notBeforeMs = this.#clock.now() + Math.min(message.afterMs, LONGEST_GOODBYE_MS)
        return
      case 'pong':
      // A later hub may say more. spec W19
      case 'unknown':
        return
      case 'refused':
        this.#unanswered.answered(message.id)
        return this.#handlers.control(message)
      default:
        this.#handlers.control(message)
    }
  }

  /** Pings the hub when it was silent for a while, or this side was: the hub drops who is silent. spec R4 R207 */
  #watch(intervalMs: number): void {
    this.#state = { type: 'standing', intervalMs }
    this.#clock.clearTimeout(this.#timer)
    const dueMs = (): number => {
      const nowMs = this.#clock.now()
      const dueAtMs = Math.min(this.#lastHeardMs, this.#lastSaidMs) + intervalMs
      const { sinceMs } = this.#unanswered
      if (sinceMs === undefined) return dueAtMs - nowMs
      return Math.min(dueAtMs, Math.max(sinceMs, this.#lastHeardMs) + UNANSWERED_MS) - nowMs
    }
    this.#timer = this.#clock.setTimeout(
      () => {
        if (dueMs() > 0) return this.#watch(intervalMs)
        const { sinceMs, deadlineMs } = this.#unanswered
        this.#ping(sinceMs === undefined ? ANSWER_DEADLINE_MS : deadlineMs)
      },
      Math.max(0, dueMs()),
    )
  }

  #ping(deadlineMs: number): void {
    const deadlineAtMs = this.#clock.now() + deadlineMs
    if (this.#state.type === 'opening' || this.ended) return
    if (this.#state.type === 'probing' && this.#state.deadlineAtMs <= deadlineAtMs) return
    this.#state = { type: 'probing', intervalMs: this.#state.intervalMs, deadlineAtMs }
    this.#clock.clearTimeout(this.#timer)
    this.#timer = this.#clock.setTimeout(() => this.end(ABNORMAL_CLOSURE), deadlineMs)
    this.#pings += 1
    this.#lastSaidMs = this.#clock.now()
    this.say({ type: 'ping', id: this.#pings })
  }
}

/** The end is not a separate state: `#unlisten` is aborted then. */
type State =
  | { readonly type: 'opening' }
  /** `intervalMs`: after how long a silence the hub is asked for a sign of life. */
  | { readonly type: 'standing'; readonly intervalMs: number }
  /** A ping waits for its answer; anything that comes is one. */
  | { readonly type: 'probing'; readonly intervalMs: number; readonly deadlineAtMs: number }

export const NORMAL_CLOSURE = 1000
export const ABNORMAL_CLOSURE = 1006
const OPEN = 1
const OPEN_DEADLINE_MS = 10_000
/** A silence after which the hub is probed, unless it named a shorter one. spec R4 */
const SILENCE_MS = 5000
/** A hub that names a shorter silence would be probed all the time. spec R181 */
const LEAST_SILENCE_MS = 1000
const ANSWER_DEADLINE_MS = 4000
/** A new connection is open by then, if there is a network: to wait longer for an old one is of no use. spec R22 */
const WAKE_DEADLINE_MS = { from: 500, to: 2000 }
/** However long a hub wants its clients to stay away. spec R230 */
const LONGEST_GOODBYE_MS = 60_000
