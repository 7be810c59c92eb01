/**
 * Sealed messages between the members of a room: who is in the roster, and everything they say, in order and exactly
 * once, over a transport that may lose, repeat, reorder and invent (spec chapter *rooms*).
 *
 * @module
 */
import { type Opened, type Sealer, decodeEnvelopeHeader, randomMessageId } from '@conclave/e2ee'
import { Emitter } from '@conclave/base'
import type { Clock } from '@conclave/base'
import type { MessageId, ParticipantId } from '@conclave/wire'
import {
  type Hello,
  type ParticipantInfo,
  decodeHello,
  decodeInfo,
  encodeBody,
  MESSAGE_KINDS,
} from './bodies.ts'
import { PeerStreams, type Turn } from './peer-streams.ts'
import { type Ordered, ReceiveOrder } from './receive-order.ts'
import { SendLog } from './send-log.ts'
import type { Transport, TransportDrop, TransportEnd } from '../transport.ts'

/** Why something was dropped. */
export type DropReason =
  | Extract<Opened, { type: 'dropped' }>['reason']
  | TransportDrop
  | 'malformed-body'
  | 'unknown-sender'
  | 'not-in-roster'
  | 'flood'
  | 'lost'
  | 'not-sealed'

/** What a channel tells. Everything but `dropped`, `up` and `down` has authenticated. */
export interface RoomMessagesEvents {
  readonly joined: { readonly participant: ParticipantId; readonly info: ParticipantInfo }
  readonly left: { readonly participant: ParticipantId }
  readonly info: { readonly participant: ParticipantId; readonly info: ParticipantInfo }
  /** A message in its turn, of a kind that the channel does not use itself. */
  readonly message: {
    readonly from: ParticipantId
    readonly kind: number
    /** Whether everyone got it or this session alone. */
    readonly audience: 'room' | 'direct'
    readonly body: Uint8Array
  }
  readonly acknowledged: { readonly id: MessageId }
  readonly dropped: { readonly reason: DropReason; readonly count: number }
  readonly up: Record<never, never>
  readonly down: Record<never, never>
  readonly ended: { readonly reason: TransportEnd }
}

/** What a {@link RoomMessages} needs. */
export interface RoomMessagesOptions {
  readonly transport: Transport
  /** Seals and opens for this session; the channel does not close it. */
  readonly sealer: Sealer
  readonly self: ParticipantId
  readonly info: ParticipantInfo
  readonly clock: Clock
}

/** The sealed side of a transport. */
export class RoomMessages {
  readonly #transport: Transport
  readonly #sealer: Sealer
  readonly #self: ParticipantId
  readonly #clock: Clock
  readonly #emitter = new Emitter<RoomMessagesEvents>()
  readonly #peerById = new Map<ParticipantId, PeerStreams>()
  readonly #roomLog = new SendLog()
  #info: ParticipantInfo
  #sending: Promise<unknown> = Promise.resolve()
  #closed = false

  constructor(options: RoomMessagesOptions) {
    this.#transport = options.transport
    this.#sealer = options.sealer
    this.#self = options.self
    this.#clock = options.clock
    this.#info = options.info
    this.#transport.on('up', ({ participants }) => this.#up(participants))
    this.#transport.on('down', () => this.#emitter.emit('down', {}))
    this.#transport.on('participantJoined', ({ participant }) => void this.#present(participant))
    this.#transport.on('participantLeft', ({ participant, reason }) =>
      this.#absent(participant, reason),
    )
    this.#transport.on('message', ({ from, payload }) => this.#receive(from, payload))
    this.#transport.on('acknowledged', (event) => this.#emitter.emit('acknowledged', event))
    this.#transport.on('dropped', ({ reason }) => this.#drop(reason))
    this.#transport.on('ended', (event) => this.#emitter.emit('ended', event))
  }

  /** Subscribes; gives back what unsubscribes. */
  on<T extends keyof RoomMessagesEvents>(
    type: T,
    handler: (event: RoomMessagesEvents[T]) => void,
  ): () => void {
    return this.#emitter.on(type, handler)
  }

  /** What this session says of itself, to everyone now in the roster and to all who come. */
  async setInfo(info: ParticipantInfo): Promise<void> {
    this.#info = info
    await this.broadcast(MESSAGE_KINDS.state, encodeBody(info))
  }

  /** Seals a message to everyone in the room. Resolves when the transport has taken it; messages keep their order. */
  broadcast(kind: number, body: Uint8Array): Promise<MessageId> {
    return this.#send(kind, body, undefined)
  }

  /** Seals a message to one participant. Resolves when the transport has taken it; messages keep their order. */
  async send(to: ParticipantId, kind: number, body: Uint8Array): Promise<void> {
    const peer = this.#peerById.get(to)
    if (peer !== undefined) await this.#send(kind, body, peer)
  }

  /** Resolves when everything that came or was asked for so far is opened or sealed, and handed on. */
  async settled(): Promise<void> {
    await Promise.all([...this.#peerById.values()].map((peer) => peer.settled))
    await this.#sending
  }

  /** Ends timers and events. The transport and the sealer are their owner's to close. */
  close(): void {
    this.#closed = true
    for (const peer of this.#peerById.values()) this.#clock.clearTimeout(peer.graceTimer)
    this.#peerById.clear()
    this.#emitter.clear()
  }

  #send(kind: number, body: Uint8Array, peer: PeerStreams | undefined): Promise<MessageId> {
    const to = peer?.id
    const sealing = this.#sealer.seal(to === undefined ? { kind } : { kind, to }, body)
    const id = randomMessageId()
    const sent = this.#sending.then(async () => {
      const { sequence, bytes } = await sealing
      const message = { id, to, payload: bytes }
      const log = peer?.directLog ?? this.#roomLog
      log.add(Number(sequence), message)
      this.#transport.publish(message)
      return id
    })
    this.#sending = sent.catch(() => {})
    return sent
  }

  #up(participants: readonly ParticipantId[]): void {
    const named = new Set(participants)
    for (const peer of this.#peerById.values()) {
      if (peer.presence === 'present' && !named.has(peer.id)) this.#absent(peer.id, 'lost')
    }
    for (const participant of named) {
      const peer = this.#present(participant)
      if (peer !== undefined) this.#hello(peer, true)
    }
    this.#emitter.emit('up', {})
  }

  #present(participant: ParticipantId): PeerStreams | undefined {
    if (participant === this.#self) return undefined
    let peer = this.#peerById.get(participant)
    if (peer === undefined) {
      if (!this.#makeRoom()) return undefined
      peer = new PeerStreams(participant)
      this.#peerById.set(participant, peer)
    }
    peer.presence = 'present'
    this.#clock.clearTimeout(peer.graceTimer)
    return peer
  }

  /** Old sessions that left make room for new ones; those that are here do not. */
  #makeRoom(): boolean {
    if (this.#peerById.size < MAX_PEERS) return true
    for (const peer of this.#peerById.values()) {
      if (peer.presence === 'left') return this.#peerById.delete(peer.id)
    }
    return false
  }

  #absent(participant: ParticipantId, reason: 'left' | 'lost'): void {
    const peer = this.#peerById.get(participant)
    if (peer === undefined || peer.presence === 'left') return
    this.#clock.clearTimeout(peer.graceTimer)
    peer.presence = reason
    if (reason === 'left') this.#remove(peer)
    else peer.graceTimer = this.#clock.setTimeout(() => this.#remove(peer), GRACE_MS)
  }

  #remove(peer: PeerStreams): void {
    peer.presence = 'left'
    if (!peer.confirmed) return
    peer.confirmed = false
    this.#emitter.emit('left', { participant: peer.id })
  }

  #hello(peer: PeerStreams, reply: boolean): void {
    const hello: Hello = {
      reply,
      next: { room: Number(this.#sealer.next()), direct: Number(this.#sealer.next(peer.id)) },
      oldest: { room: this.#roomLog.oldest, direct: peer.directLog.oldest },
      received: { room: peer.room?.expected ?? null, direct: peer.direct.expected },
      info: this.#info,
    }
    this.#send(MESSAGE_KINDS.hello, encodeBody(hello), peer).catch(() => this.#drop('not-sealed'))
  }

  #receive(from: ParticipantId, payload: Uint8Array): void {
    const peer = this.#peerById.get(from)
    if (peer === undefined || this.#hasLeft(peer)) return this.#drop('unknown-sender')
    if (!peer.enqueue(() => this.#open(peer, payload))) this.#drop('flood')
  }

  async #open(peer: PeerStreams, payload: Uint8Array): Promise<void> {
    if (this.#closed) return
    // Believed only so far that nothing else of a stranger is opened.
    const claimed = decodeEnvelopeHeader(payload)
    if (!peer.confirmed && claimed?.kind !== MESSAGE_KINDS.hello) return this.#drop('not-in-roster')
    const opened = await this.#sealer.open(peer.id, payload)
    if (this.#closed) return
    if (opened.type === 'dropped') return this.#drop(opened.reason)
    const { kind, audience, body } = opened
    const sequence = Number(opened.sequence)
    const isHello = kind === MESSAGE_KINDS.hello && audience === 'direct'
    const turn = isHello ? undefined : { kind, audience, body }
    const order = audience === 'direct' ? peer.direct : peer.room
    if (order === undefined) return this.#drop('not-in-roster')
    const ordered = order.accept(sequence, turn)
    // It may have left while this was being opened; then only a hello after its return counts.
    if (isHello && !this.#hasLeft(peer)) this.#hearHello(peer, body)
    this.#deliver(peer, ordered)
    if (order.hasGap) this.#askForGap(peer)
  }

  #hasLeft(peer: PeerStreams): boolean {
    return peer.presence === 'left'
  }

  #hearHello(peer: PeerStreams, body: Uint8Array): void {
    const hello = decodeHello(body)
    if (hello === undefined) return this.#drop('malformed-body')
    if (peer.room === undefined) {
      peer.room = new ReceiveOrder(hello.next.room)
      this.#sealer.expect(peer.id, 'room', BigInt(hello.next.room))
    } else {
      this.#deliver(peer, peer.room.skipTo(hello.oldest.room))
    }
    this.#deliver(peer, peer.direct.skipTo(hello.oldest.direct))
    if (hello.received.room !== null) this.#repeat(peer, this.#roomLog, hello.received.room)
    this.#repeat(peer, peer.directLog, hello.received.direct)
    if (hello.reply) this.#hello(peer, false)
    const { info } = hello
    const type = peer.confirmed ? 'info' : 'joined'
    peer.confirmed = true
    this.#emitter.emit(type, { participant: peer.id, info })
  }

  #repeat(peer: PeerStreams, log: SendLog, from: number): void {
    for (const { id, payload } of log.since(from)) {
      if (this.#transport.isPending(id)) continue
      this.#transport.publish({ id: randomMessageId(), to: peer.id, payload })
    }
  }

  #askForGap(peer: PeerStreams): void {
    const now = this.#clock.now()
    if (now - peer.askedAtMs < GAP_INTERVAL_MS) return
    peer.askedAtMs = now
    this.#hello(peer, false)
  }

  #deliver(peer: PeerStreams, { ready, lost }: Ordered<Turn | undefined>): void {
    if (lost > 0) this.#drop('lost', lost)
    for (const turn of ready) {
      if (turn === undefined) continue
      if (turn.kind === MESSAGE_KINDS.state) {
        const info = decodeInfo(turn.body)
        if (info === undefined) this.#drop('malformed-body')
        else this.#emitter.emit('info', { participant: peer.id, info })
      } else {
        this.#emitter.emit('message', { from: peer.id, ...turn })
      }
    }
  }

  #drop(reason: DropReason, count = 1): void {
    this.#emitter.emit('dropped', { reason, count })
  }
}

const GRACE_MS = 15_000
const GAP_INTERVAL_MS = 1000
const MAX_PEERS = 1024
