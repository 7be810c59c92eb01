/**
 * The transport over a hub: one connection after the other, until the session ends.
 *
 * @module
 */
import { Emitter, systemClock } from '@conclave/base'
import { CLOSE_CODES } from '@conclave/wire'
import type { Clock } from '@conclave/base'
import type {
  DataFrame,
  JoinedMessage,
  MessageId,
  ParticipantId,
  RefusedMessage,
  RoomId,
} from '@conclave/wire'
import type { AccessKey } from '@conclave/e2ee'
import type { Outgoing, Transport, TransportEnd, TransportEvents } from '../transport.ts'
import { ClientError } from '../errors.ts'
import { backoffMs, randomFraction } from './backoff.ts'
import { WebSocketConnection, type RoomControl } from './websocket-connection.ts'
import { Outbox } from './outbox.ts'
import { Pacer } from './pacer.ts'

/** What a {@link HubTransport} needs. */
export interface HubTransportOptions {
  /** The hub's WebSocket address, `ws:` or `wss:`, without query or fragment. */
  readonly url: string
  readonly room: RoomId
  readonly self: ParticipantId
  /** Proves to the hub that this session may join. */
  readonly access: AccessKey
  readonly clock?: Clock | undefined
}

/** Keeps a session connected to its hub (spec R3 to R6). It is the only layer that retries connections. */
export class HubTransport implements Transport {
  readonly #options: HubTransportOptions
  readonly #clock: Clock
  readonly #emitter = new Emitter<TransportEvents>()
  readonly #outbox = new Outbox()
  readonly #resume = crypto.getRandomValues(new Uint8Array(16))
  #state: State = { type: 'idle' }
  #opening: { resolve(): void; reject(error: ClientError): void } | undefined
  #sendTimer: unknown

  constructor(options: HubTransportOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
  }

  on<T extends keyof TransportEvents>(
    type: T,
    handler: (event: TransportEvents[T]) => void,
  ): () => void {
    return this.#emitter.on(type, handler)
  }

  async open(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    if (this.#state.type !== 'idle') throw new TypeError('"open" may be called once')
    const { signal } = options
    if (signal?.aborted) throw new ClientError('ERR_CLIENT_ABORTED', undefined)
    const abort = (): void => {
      this.#opening?.reject(new ClientError('ERR_CLIENT_ABORTED', undefined))
      this.#end('left')
    }
    signal?.addEventListener('abort', abort)
    try {
      await new Promise<void>((resolve, reject) => {
        this.#opening = { resolve, reject }
        this.#connect(0)
      })
    } finally {
      this.#opening = undefined
      signal?.removeEventListener('abort', abort)
    }
  }

  publish(message: Outgoing): boolean {
    if (this.#state.type === 'ended' || !this.#outbox.add(message)) return false
    this.#flush()
    return true
  }

  isPending(id: MessageId): boolean {
    return this.#outbox.has(id)
  }

  close(): void {
    this.#end('left')
  }

  /** Tries at once to get a lost connection back, and probes one that stands: for when the network changed. */
  wake(): void {
    if (this.#state.type !== 'waiting') return
    this.#clock.clearTimeout(this.#state.timer)
    this.#connect(1)
  }

  #connect(attempt: number): void {
    const { url, room, self, access } = this.#options
    const socket = new WebSocketConnection(
      { url, room, self, access, resume: this.#resume, clock: this.#clock },
      {
        joined: (message) => this.#up(socket, message),
        control: (message) => this.#control(message),
        frame: (frame) => this.#frame(frame),
        malformed: (reason) => this.#emitter.emit('dropped', { reason }),
        closed: (code) => this.#lost(code),
      },
    )
    this.#state = { type: 'connecting', socket, attempt }
  }

  #up(socket: WebSocketConnection, message: JoinedMessage): void {
    this.#state = { type: 'up', socket, pacer: new Pacer(message.limits) }
    this.#outbox.markAllUnsent()
    this.#emitter.emit('up', { participants: message.participants })
    this.#opening?.resolve()
    this.#flush()
  }

  #lost(code: number): void {
    const { type } = this.#state
    if (type === 'ended') return
    this.#clock.clearTimeout(this.#sendTimer)
    const end = endByCode[code]
    if (this.#opening !== undefined) {
      const error = openErrorByCode[code] ?? 'ERR_CLIENT_UNREACHABLE'
      this.#opening.reject(new ClientError(error, undefined))
      this.#state = { type: 'ended' }
      return
    }
    if (end !== undefined) return this.#end(end)
    const attempt = this.#state.type === 'connecting' ? this.#state.attempt + 1 : 0
    const delayMs = backoffMs(attempt, randomFraction())
    const timer = this.#clock.setTimeout(() => this.#connect(attempt), delayMs)
    this.#state = { type: 'waiting', timer }
    if (type === 'up') this.#emitter.emit('down', {})
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
      case 'refused':
        this.#refused(message)
    }
  }

  /** A message that came too fast is sent again later; one for somebody absent is repeated when it is back (R9). */
  #refused({ id, reason }: RefusedMessage): void {
    if (this.#state.type !== 'up') return
    if (reason === 'rate') {
      this.#outbox.markUnsent(id)
      this.#state.pacer.pauseUntil(this.#clock.now() + REFUSED_PAUSE_MS)
      this.#flush()
    } else if (this.#outbox.remove(id) && reason !== 'absent') {
      this.#emitter.emit('dropped', { reason: 'refused-by-hub' })
    }
  }

  #frame(frame: DataFrame): void {
    if (frame.type === 'ack') {
      if (this.#outbox.remove(frame.id)) this.#emitter.emit('acknowledged', { id: frame.id })
    } else if (frame.type === 'deliver') {
      this.#emitter.emit('message', { from: frame.from, payload: frame.payload })
    } else {
      this.#emitter.emit('dropped', { reason: 'malformed-frame' })
    }
  }

  #flush(): void {
    if (this.#state.type !== 'up') return
    this.#clock.clearTimeout(this.#sendTimer)
    const { socket, pacer } = this.#state
    for (let next = this.#outbox.next(); next !== undefined; next = this.#outbox.next()) {
      const { waitMs } = pacer.take(next.payload.length, this.#clock.now())
      if (waitMs > 0) {
        this.#sendTimer = this.#clock.setTimeout(() => this.#flush(), waitMs)
        return
      }
      this.#outbox.markSent(next.id)
      socket.send(next)
    }
  }

  #end(reason: TransportEnd): void {
    const state = this.#state
    if (state.type === 'ended') return
    this.#state = { type: 'ended' }
    this.#clock.clearTimeout(this.#sendTimer)
    if (state.type === 'waiting') this.#clock.clearTimeout(state.timer)
    if (state.type === 'connecting' || state.type === 'up') state.socket.leave()
    this.#emitter.emit('ended', { reason })
    this.#emitter.clear()
  }
}

type State =
  | { readonly type: 'idle' }
  | { readonly type: 'connecting'; readonly socket: WebSocketConnection; readonly attempt: number }
  | { readonly type: 'up'; readonly socket: WebSocketConnection; readonly pacer: Pacer }
  | { readonly type: 'waiting'; readonly timer: unknown }
  | { readonly type: 'ended' }

const endByCode: Readonly<Record<number, TransportEnd>> = {
  [CLOSE_CODES.unauthorized.code]: 'refused',
  [CLOSE_CODES.replaced.code]: 'replaced',
}
const openErrorByCode: Readonly<Record<number, 'ERR_CLIENT_REFUSED' | 'ERR_CLIENT_FULL'>> = {
  [CLOSE_CODES.unauthorized.code]: 'ERR_CLIENT_REFUSED',
  [CLOSE_CODES.full.code]: 'ERR_CLIENT_FULL',
}
const REFUSED_PAUSE_MS = 500
