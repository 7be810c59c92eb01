/**
 * The transport over a hub: one connection after the other, until the session ends.
 *
 * @module
 */
import { type Clock, Emitter, systemClock } from '@conclave/base'
import { type AccessKey, SEALED_OVERHEAD_BYTES } from '@conclave/e2ee'
import { DATA_HEADER_BYTES, MAX_PAYLOAD_BYTES } from '@conclave/wire'
import type {
  DataFrame,
  JoinedMessage,
  MessageId,
  ParticipantId,
  RefusedMessage,
  RoomId,
} from '@conclave/wire'
import {
  ACCESS_KEY,
  ADDRESS,
  CLOCK,
  EVENT_TARGET,
  type Kinds,
  OWNER_FINGERPRINT,
  ROOM_ID,
  SESSION,
  WAKE_SIGNALS,
  checkArgument,
  checkMembers,
  optional,
  wrongArgument,
} from '../arguments.ts'
import { BOUNDS } from '../bounds.ts'
import { ClientError } from '../errors.ts'
import { problemOf } from '../problem.ts'
import type { Outgoing, Transport, TransportEnd, TransportEvents } from '../transport.ts'
import { abortedError, endOf, errorOf, waitsAfter } from './connection-end.ts'
import { Outbox } from './outbox.ts'
import { Pacer } from './pacer.ts'
import { randomFraction, reconnectDelayMs } from './reconnect-delay.ts'
import type { WakeSignals } from './wake-signals.ts'
import {
  type RoomControl,
  type SessionSigner,
  WebSocketConnection,
} from './websocket-connection.ts'

/** The needs of a {@link HubTransport}. */
export interface HubTransportOptions {
  /** The hub's WebSocket address, `ws:` or `wss:`, without query or fragment. */
  readonly url: string
  readonly room: RoomId
  /** The fingerprint of the room's owner, 16 bytes; left out: nobody owns the room. */
  readonly ownerFingerprint?: Uint8Array | undefined
  /** Names this session, and proves to the hub that nobody else comes in its name. */
  readonly session: SessionSigner
  /** Proves to the hub that this session may join. */
  readonly access: AccessKey
  readonly clock?: Clock | undefined
  /** Tell when to look after the connection at once; listened to from `open` to the end. spec R22 */
  readonly wakeSignals?: WakeSignals | undefined
}

/** Keeps a session connected to its hub. It is the only layer that retries connections. spec R3 to R6 */
export class HubTransport implements Transport {
  readonly #options: HubTransportOptions
  readonly #clock: Clock
  readonly #emitter = new Emitter<TransportEvents>()
  readonly #outbox = new Outbox()
  #state: State = { type: 'idle' }
  #opening: { resolve(): void; reject(error: ClientError): void } | undefined
  #stopWaking: (() => void) | undefined
  #sendTimer: unknown
  /** As the hub named it last; before that, the largest that any hub takes. */
  #maxPayloadBytes = MAX_PAYLOAD_BYTES
  /** Messages that may wait for their acknowledgement at once. spec W18 */
  #mostSent = BOUNDS.burst.messages

  get [Symbol.toStringTag](): string {
    return 'HubTransport'
  }

  /** @throws TypeError `ERR_CLIENT_ARGUMENT`; CryptoError `ERR_CRYPTO_UNSUPPORTED` */
  constructor(options: HubTransportOptions) {
    checkMembers('options', options, OPTIONS)
    this.#options = options
    this.#clock = options.clock ?? systemClock
  }

  on<T extends keyof TransportEvents>(
    type: T,
    handler: (event: TransportEvents[T]) => void,
  ): () => void {
    return this.#emitter.on(type, handler)
  }

  async open({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    checkArgument('signal', signal, optional(EVENT_TARGET))
    if (this.#state.type === 'ended') throw errorOf('left')
    if (this.#state.type !== 'idle') throw new TypeError('"open" may be called once')
    if (signal?.aborted) throw abortedError(signal)
    const abort = (): void => {
      this.#opening?.reject(abortedError(signal))
      this.#end('left')
    }
    signal?.addEventListener('abort', abort)
    try {
      await new Promise<void>((resolve, reject) => {
        this.#opening = { resolve, reject }
        this.#begin()
        this.#stopWaking = this.#options.wakeSignals?.subscribe(() => this.wake())
      })
    } finally {
      this.#opening = undefined
      signal?.removeEventListener('abort', abort)
    }
  }

  canPublish(bytes: number): boolean {
    const sealedBytes = bytes + SEALED_OVERHEAD_BYTES
    const isTaken = this.#state.type !== 'ended' && sealedBytes <= this.#maxPayloadBytes
    return isTaken && this.#outbox.hasSpace(sealedBytes)
  }

  publish(message: Outgoing): boolean {
    if (this.#state.type === 'ended' || !this.#outbox.add(message)) return false
    this.#flush()
    return true
  }

  remove(participant: ParticipantId, statements: readonly Uint8Array[]): void {
    if (this.#state.type === 'up') this.#state.connection.remove(participant, statements)
  }

  isPending(id: MessageId): boolean {
    return this.#outbox.has(id)
  }

  close(): void {
    this.#end('left')
  }

  /** Makes an attempt that waits at once, and probes a connection that stands. spec R22 */
  wake(): void {
    const state = this.#state
    if (state.type === 'up') return state.connection.probe()
    if (state.type !== 'waiting') return
    this.#clock.clearTimeout(state.timer)
    this.#retry(state.attempt)
  }

  /** Only the page's policy knows which addresses it may open. */
  #begin(): void {
    try {
      this.#connect(0)
    } catch (cause) {
      const error = wrongArgument('hub', this.#options.url, 'an address that this page may open')
      throw Object.assign(error, { cause })
    }
  }

  /** An attempt from a timer or a sign: what the browser refuses now is lost, and tried again. spec R42 */
  #retry(attempt: number): void {
    try {
      this.#connect(attempt)
    } catch {
      this.#lost(0)
    }
  }

  #connect(attempt: number): void {
    const connection = new WebSocketConnection(
      { ...this.#options, clock: this.#clock },
      {
        joined: (message) => this.#up({ connection, attempt }, message),
        control: (message) => this.#control(message),
        frame: (frame) => this.#frame(frame),
        malformed: (reason) => this.#emitter.emit('dropped', { reason }),
        unsigned: (cause) => this.#unsigned(cause),
        closed: (code) => this.#lost(code),
      },
    )
    this.#state = { type: 'connecting', connection, attempt }
  }

  #up(
    { connection, attempt }: { connection: WebSocketConnection; attempt: number },
    message: JoinedMessage,
  ): void {
    const { limits } = message
    const upSinceMs = this.#clock.now()
    this.#state = { type: 'up', connection, pacer: new Pacer(limits), attempt, upSinceMs }
    const { maxMessageBytes = Infinity, publishesInFlight = Infinity } = limits
    this.#maxPayloadBytes = Math.min(
      ...[limits.maxPayloadBytes, maxMessageBytes - DATA_HEADER_BYTES, MAX_PAYLOAD_BYTES],
    )
    this.#mostSent = Math.max(1, Math.min(publishesInFlight, BOUNDS.burst.messages))
    this.#outbox.markAllUnsent()
    this.#emitter.emit('up', { participants: message.participants })
    this.#opening?.resolve()
    this.#flush()
  }

  #lost(code: number): void {
    const before = this.#state
    if (before.type === 'ended') return
    const end = endOf(code)
    if (end !== undefined) return this.#end(end)
    this.#clock.clearTimeout(this.#sendTimer)
    const attempt = Math.max(this.#nextAttempt(before), waitsAfter(code) ? 1 : 0)
    const delayMs = reconnectDelayMs(attempt, randomFraction())
    const timer = this.#clock.setTimeout(() => this.#retry(attempt), delayMs)
    this.#state = { type: 'waiting', timer, attempt }
    const isFirstFailure = this.#opening !== undefined && attempt === 1
    if (before.type === 'up' || isFirstFailure) this.#emitter.emit('down', {})
  }

  /** While the session joins, its caller is to blame; later the hub is tried again, which may help. spec R33 */
  #unsigned(cause: unknown): void {
    if (this.#opening === undefined) {
      return this.#emitter.emit('problem', problemOf('ERR_CLIENT_ACCESS'))
    }
    this.#opening.reject(new ClientError('ERR_CLIENT_ACCESS', undefined, { cause }))
    this.#end('left')
  }

  /** The first pause is used again only after a connection that stood: a hub may let in and close at once. spec R3, W14 */
  #nextAttempt(before: State): number {
    if (before.type === 'connecting' || before.type === 'waiting') return before.attempt + 1
    if (before.type !== 'up') return 0
    const stoodMs = this.#clock.now() - before.upSinceMs
    return stoodMs < STOOD_MS ? before.attempt + 1 : 0
  }

  #control(message: RoomControl): void {
    switch (message.type) {
      case 'participantJoined':
        this.#emitter.emit('participantJoined', { participant: message.participant })
        return
      case 'participantLeft':
        this.#emitter.emit('participantLeft', {
          participant: message.participant,
          reason: message.reason,
        })
        return
      case 'iceServers':
        this.#emitter.emit('iceServers', { servers: message.servers })
        return
      case 'refused':
        this.#refused(message)
    }
  }

  /**
   * A message refused for its rate, or only for now, is sent again later; one for an absent participant is repeated on its
   * return. spec R9 W19
   */
  #refused({ id, reason }: RefusedMessage): void {
    if (this.#state.type !== 'up') return
    if (reason === 'rate' || reason === 'unavailable') {
      this.#outbox.markUnsent(id)
      this.#state.pacer.pauseUntil(this.#clock.now() + REFUSED_PAUSE_MS)
      this.#flush()
    } else if (this.#outbox.remove(id)) {
      if (this.#outbox.sent === this.#mostSent - 1) this.#flush()
      if (reason === 'absent') return this.#emitter.emit('absent', { id })
      this.#emitter.emit('refused', { id })
      this.#emitter.emit('dropped', { reason: 'refused-by-hub' })
    }
  }

  #frame(frame: DataFrame): void {
    if (frame.type === 'ack') {
      const { id, position } = frame
      if (this.#outbox.remove(id)) this.#emitter.emit('acknowledged', { id, position })
      if (this.#outbox.sent === this.#mostSent - 1) this.#flush()
    } else if (frame.type === 'deliver') {
      const { from, payload, position } = frame
      this.#emitter.emit('message', { from, payload, position })
    } else {
      this.#emitter.emit('dropped', { reason: 'malformed-frame' })
    }
  }

  #flush(): void {
    if (this.#state.type !== 'up') return
    this.#clock.clearTimeout(this.#sendTimer)
    const { connection, pacer } = this.#state
    for (let next = this.#outbox.next(); next !== undefined; next = this.#outbox.next()) {
      // An acknowledgement goes on. spec W18
      if (this.#outbox.sent >= this.#mostSent) return
      const waitMs = pacer.take(next.payload.length, this.#clock.now(), next.isData)
      if (waitMs > 0) {
        this.#sendTimer = this.#clock.setTimeout(() => this.#flush(), waitMs)
        return
      }
      this.#outbox.markSent(next.id)
      connection.send(next)
    }
  }

  #end(reason: TransportEnd): void {
    const state = this.#state
    if (state.type === 'ended') return
    this.#state = { type: 'ended' }
    this.#stopWaking?.()
    this.#clock.clearTimeout(this.#sendTimer)
    if (state.type === 'waiting') this.#clock.clearTimeout(state.timer)
    if (state.type === 'connecting' || state.type === 'up') state.connection.leave()
    this.#opening?.reject(errorOf(reason))
    this.#emitter.emit('ended', { reason })
    this.#emitter.clear()
  }
}

type State =
  | { readonly type: 'idle' }
  /** `attempt` counts the failed ones since a connection last stood for {@link STOOD_MS}. */
  | {
      readonly type: 'connecting'
      readonly connection: WebSocketConnection
      readonly attempt: number
    }
  | {
      readonly type: 'up'
      readonly connection: WebSocketConnection
      readonly pacer: Pacer
      readonly attempt: number
      readonly upSinceMs: number
    }
  | { readonly type: 'waiting'; readonly timer: unknown; readonly attempt: number }
  | { readonly type: 'ended' }

const OPTIONS: Kinds<HubTransportOptions> = {
  url: ADDRESS,
  room: ROOM_ID,
  ownerFingerprint: optional(OWNER_FINGERPRINT),
  session: SESSION,
  access: ACCESS_KEY,
  clock: optional(CLOCK),
  wakeSignals: optional(WAKE_SIGNALS),
}
const REFUSED_PAUSE_MS = 500
const STOOD_MS = 10_000
