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
  FUNCTION,
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
import { abortedError, errorOf } from './connection-end.ts'
import { KeptConnection } from './kept-connection.ts'
import { Outbox } from './outbox.ts'
import { Pacer } from './pacer.ts'
import { unreachableHub } from './unreachable-hub.ts'
import { type WakeSignals, isOutOfReach } from './wake-signals.ts'
import {
  type AuthorizeJoin,
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
  /** Gives a token for a hub that is closed. spec R188 */
  readonly authorize?: AuthorizeJoin | undefined
}

/** Keeps a session connected to its hub. It is the only layer that retries connections. spec R3 to R6 */
export class HubTransport implements Transport {
  readonly #options: HubTransportOptions
  readonly #clock: Clock
  readonly #emitter = new Emitter<TransportEvents>()
  readonly #outbox = new Outbox()
  readonly #kept: KeptConnection<WebSocketConnection>
  #hasEnded = false
  #opening: { resolve(): void; reject(error: ClientError): void } | undefined
  #pacer: Pacer | undefined
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
    this.#kept = new KeptConnection({
      clock: this.#clock,
      connect: () => this.#connect(),
      isOffline: () => isOutOfReach(options.url, options.wakeSignals),
      down: (lost) => this.#down(lost),
      ended: (end) => this.#end(end),
    })
  }

  on<T extends keyof TransportEvents>(
    type: T,
    handler: (event: TransportEvents[T]) => void,
  ): () => void {
    return this.#emitter.on(type, handler)
  }

  async open({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    checkArgument('signal', signal, optional(EVENT_TARGET))
    if (this.#kept.type === 'ended') throw errorOf('left')
    if (this.#kept.type !== 'idle') throw new TypeError('"open" may be called once')
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
    const isTaken = this.#kept.type !== 'ended' && sealedBytes <= this.#maxPayloadBytes
    return isTaken && this.#outbox.hasSpace(sealedBytes)
  }

  publish(message: Outgoing): boolean {
    if (this.#kept.type === 'ended' || !this.#outbox.add(message)) return false
    this.#flush()
    return true
  }

  remove(participant: ParticipantId, statements: readonly Uint8Array[]): void {
    this.#kept.current?.remove(participant, statements)
  }

  isPending(id: MessageId): boolean {
    return this.#outbox.has(id)
  }

  close(): void {
    this.#end('left')
  }

  /** Makes an attempt that waits at once, and probes a connection that stands. spec R22 */
  wake(): void {
    this.#kept.wake()
  }

  /** Only the page's policy knows which addresses it may open. */
  #begin(): void {
    try {
      this.#kept.start()
    } catch (cause) {
      const error = wrongArgument('hub', this.#options.url, 'an address that this page may open')
      throw Object.assign(error, { cause })
    }
  }

  #connect(): WebSocketConnection {
    return new WebSocketConnection(
      { ...this.#options, clock: this.#clock },
      {
        joined: (message) => this.#up(message),
        control: (message) => this.#control(message),
        frame: (frame) => this.#frame(frame),
        malformed: (reason) => this.#emitter.emit('dropped', { reason }),
        unsigned: (cause) => this.#unsigned(cause),
        closed: (end) => this.#kept.lost(end),
      },
    )
  }

  #up({ limits, participants }: JoinedMessage): void {
    this.#kept.stands()
    this.#pacer = new Pacer(limits)
    const { maxMessageBytes = Infinity, publishesInFlight = Infinity } = limits
    this.#maxPayloadBytes = Math.min(
      ...[limits.maxPayloadBytes, maxMessageBytes - DATA_HEADER_BYTES, MAX_PAYLOAD_BYTES],
    )
    this.#mostSent = Math.max(1, Math.min(publishesInFlight, BOUNDS.burst.messages))
    this.#outbox.markAllUnsent()
    this.#emitter.emit('up', { participants })
    this.#opening?.resolve()
    this.#flush()
  }

  #down({ wasUp, attempt }: { readonly wasUp: boolean; readonly attempt: number }): void {
    this.#clock.clearTimeout(this.#sendTimer)
    const isFirstFailure = this.#opening !== undefined && attempt === 1
    if (wasUp) this.#emitter.emit('down', {})
    if (!isFirstFailure) return
    this.#emitter.emit('down', { hub: unreachableHub(this.#options.url, this.#clock) })
  }

  /** While the session joins, its caller is to blame; later the hub is tried again, which may help. spec R33 */
  #unsigned(cause: unknown): void {
    if (this.#opening === undefined) {
      return this.#emitter.emit('problem', problemOf('ERR_CLIENT_ACCESS'))
    }
    this.#opening.reject(new ClientError('ERR_CLIENT_ACCESS', undefined, { cause }))
    this.#end('left')
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
    if (this.#kept.current === undefined) return
    if (reason === 'rate' || reason === 'unavailable') {
      this.#outbox.markUnsent(id)
      this.#pacer?.pauseUntil(this.#clock.now() + REFUSED_PAUSE_MS)
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
    const [connection, pacer] = [this.#kept.current, this.#pacer]
    if (connection === undefined || pacer === undefined) return
    this.#clock.clearTimeout(this.#sendTimer)
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
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#stopWaking?.()
    this.#clock.clearTimeout(this.#sendTimer)
    this.#kept.end()
    this.#opening?.reject(errorOf(reason))
    this.#emitter.emit('ended', { reason })
    this.#emitter.clear()
  }
}

const OPTIONS: Kinds<HubTransportOptions> = {
  url: ADDRESS,
  room: ROOM_ID,
  ownerFingerprint: optional(OWNER_FINGERPRINT),
  session: SESSION,
  access: ACCESS_KEY,
  authorize: optional(FUNCTION),
  clock: optional(CLOCK),
  wakeSignals: optional(WAKE_SIGNALS),
}
const REFUSED_PAUSE_MS = 500
