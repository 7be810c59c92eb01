/**
 * Sealed messages between the members of a room: who is in the roster, and everything they say, in order and exactly
 * once, over a transport that may lose, repeat, reorder and invent. spec chapter *rooms*
 *
 * @module
 */
import { Emitter } from '@conclave/base'
import type { Clock } from '@conclave/base'
import { type Sealer, decodeEnvelopeHeader } from '@conclave/e2ee'
import { INTRODUCTION_FORMAT } from '@conclave/e2ee/session'
import type { MessageId, ParticipantId } from '@conclave/wire'
import { type RoomProblem, problemFrom, problemOf } from '../problem.ts'
import type { Transport, TransportEnd } from '../transport.ts'
import {
  type Hello,
  type ParticipantInfo,
  MESSAGE_KINDS,
  decodeHello,
  decodeInfo,
  encodeBody,
} from './bodies.ts'
import type { Admission } from '../admission/admission.ts'
import { Doorway } from '../admission/doorway.ts'
import { BOUNDS, checkBounds } from '../bounds.ts'
import type { DropReason } from './drop-reason.ts'
import { HelloExchange } from './hello-exchange.ts'
import { replacedSessions } from '../persons/replaced-sessions.ts'
import { type Show, showInside } from '../lobby/show-inside.ts'
import type { PersonId } from '../persons/person-id.ts'
import type { Introductions } from './introductions.ts'
import { OutgoingStreams, type Said, type Sending } from './outgoing-streams.ts'
import type { PeerStreams, Turn } from './peer-streams.ts'
import { type Ordered, ReceiveOrder } from './receive-order.ts'
import { Roster } from './roster.ts'

/** Events of {@link RoomMessages}. Everything but `dropped`, `problem`, `up`, `down` and `ended` has authenticated. */
export interface RoomMessagesEvents {
  readonly joined: {
    readonly participant: ParticipantId
    readonly info: ParticipantInfo
    readonly person: PersonId | undefined
  }
  readonly left: { readonly participant: ParticipantId }
  readonly info: { readonly participant: ParticipantId; readonly info: ParticipantInfo }
  /** A message in its turn, of a kind that is not used here. */
  readonly message: {
    readonly from: ParticipantId
    readonly kind: number
    /** Whether everyone got it or only this session. */
    readonly audience: 'room' | 'direct'
    /** Its place in its stream. */
    readonly sequence: number
    readonly body: Uint8Array
    /** The sender's; only messages to the room have one. spec R60 */
    readonly signature: Uint8Array | undefined
  }
  /** The transport has taken a message of this session to the room. */
  readonly said: Said
  /** A session looks who is in, and may see it: `show` takes the names of all in the room. spec R66 */
  readonly looked: { readonly show: Show }
  readonly acknowledged: { readonly id: MessageId }
  /** The server will never take over a message of this session. */
  readonly refused: { readonly id: MessageId }
  readonly dropped: { readonly reason: DropReason; readonly count: number }
  readonly problem: RoomProblem
  readonly up: Record<never, never>
  readonly down: Record<never, never>
  readonly ended: { readonly reason: TransportEnd }
}

/** The needs of {@link RoomMessages}. */
export interface RoomMessagesOptions {
  readonly transport: Transport
  /** Seals and opens for this session; its owner closes it. */
  readonly sealer: Sealer
  /** Makes the keys of the sealer's direct streams; its owner closes it. Left out: the sealer has them. spec R45 */
  readonly introductions?: Introductions | undefined
  /** Decides who is let in. Left out: everybody is. */
  readonly admission?: Admission | undefined
  readonly self: ParticipantId
  readonly info: ParticipantInfo
  readonly clock: Clock
}

/** The sealed side of a transport. */
export class RoomMessages {
  readonly #sealer: Sealer
  readonly #introductions: Introductions | undefined
  readonly #doorway: Doorway | undefined
  readonly #emitter = new Emitter<RoomMessagesEvents>()
  readonly #roster: Roster
  readonly #outgoing: OutgoingStreams
  readonly #hellos: HelloExchange
  #info: ParticipantInfo
  #closed = false

  constructor(options: RoomMessagesOptions) {
    const { transport, sealer, introductions, admission, self, clock, info } = options
    checkBounds(BOUNDS)
    this.#sealer = sealer
    this.#introductions = introductions
    this.#info = info
    const said = (message: Said): void => this.#emitter.emit('said', message)
    const streams = { transport, sealer, introductions, admission, clock, said }
    const outgoing = new OutgoingStreams(streams)
    this.#outgoing = outgoing
    const names = (show: Show): void => this.#emitter.emit('looked', { show })
    this.#hellos = new HelloExchange({
      clock,
      outgoing: this.#outgoing,
      isPending: (id) => transport.isPending(id),
      info: () => this.#info,
      failed: (error) => this.#failed('not-sealed', error),
    })
    const removed = (participant: ParticipantId): void => {
      admission?.gone(participant)
      this.#emitter.emit('left', { participant })
    }
    const forgotten = (peer: PeerStreams): void => {
      this.#hellos.forget(peer)
      this.#doorway?.forget(peer)
    }
    const full = (): void => this.#emitter.emit('problem', problemOf('ERR_CLIENT_ROSTER_FULL'))
    this.#roster = new Roster({ self, clock, removed, forgotten, full })
    this.#doorway =
      introductions &&
      new Doorway({
        ...{ introductions, admission, roster: this.#roster, hellos: this.#hellos, clock },
        looked: (peer, question) => showInside(peer, { question, sealer, outgoing, names }),
        drop: (reason) => this.#drop(reason),
        failed: (error) => this.#failed('not-opened', error),
      })
    introductions?.on('retired', ({ participant }) => {
      const peer = this.#roster.get(participant)
      if (peer?.presence.state === 'present') this.#hellos.greet(peer)
    })
    transport.on('up', ({ participants }) => this.#up(participants))
    transport.on('down', () => this.#down())
    transport.on('participantJoined', ({ participant }) => this.#participantJoined(participant))
    admission?.on('removed', () => this.#emitter.emit('ended', { reason: 'removed' }))
    transport.on('participantLeft', ({ participant, reason }) => {
      this.#roster.absent(participant, reason)
      this.#doorway?.absent(participant)
      this.#endReplaced()
    })
    transport.on('message', ({ from, payload }) => this.#receive(from, payload))
    transport.on('acknowledged', ({ id }) => this.#emitter.emit('acknowledged', { id }))
    transport.on('refused', ({ id }) => {
      this.#emitter.emit('refused', { id })
      this.#emitter.emit('problem', problemOf('ERR_CLIENT_MESSAGE_REFUSED'))
    })
    transport.on('problem', (problem) => this.#emitter.emit('problem', problem))
    transport.on('dropped', ({ reason }) => this.#drop(reason))
    transport.on('ended', (event) => this.#emitter.emit('ended', event))
  }

  /** Calls `handler` for each event of this type, until the returned function is called. */
  on<T extends keyof RoomMessagesEvents>(
    type: T,
    handler: (event: RoomMessagesEvents[T]) => void,
  ): () => void {
    return this.#emitter.on(type, handler)
  }

  /** Sends this session's information to everyone in the roster, and to everyone who joins later. */
  async setInfo(info: ParticipantInfo): Promise<void> {
    this.#info = info
    // Whoever lets this session in learns it with the hello.
    if (this.#outgoing.isHeard) await this.broadcast(MESSAGE_KINDS.state, encodeBody(info)).sent
  }

  /** Seals a message to everyone in the room; messages keep their order. */
  broadcast(kind: number, body: Uint8Array): Sending {
    const { id, sent } = this.#outgoing.send(kind, body)
    return { id, sent: this.#spoken(sent, () => this.#roster.all()) }
  }

  /**
   * Seals a message to one participant; messages keep their order. Resolves when the transport has taken it, and
   * also when the participant is unknown.
   *
   * @throws ClientError `ERR_CLIENT_OVERFLOW`, `ERR_CLIENT_CLOSED`
   */
  async send(to: ParticipantId, kind: number, body: Uint8Array): Promise<void> {
    const peer = this.#roster.get(to)
    if (peer === undefined) return
    await this.#spoken(this.#outgoing.send(kind, body, peer).sent, () => [peer])
  }

  /** More came from a session than it may send: the rest was dropped. */
  flooded(): void {
    this.#drop('flood')
  }

  /** Resolves when everything that came or was given so far is opened or sealed, and handed on. */
  async settled(): Promise<void> {
    await Promise.all(this.#roster.all().map((peer) => peer.settled))
    await this.#outgoing.settled
  }

  /** Ends timers and events. The transport and the sealer are closed by their owners. */
  close(): void {
    this.#closed = true
    this.#doorway?.close()
    this.#hellos.close()
    this.#roster.close()
    this.#outgoing.close()
    this.#emitter.clear()
  }

  #up(participants: readonly ParticipantId[]): void {
    const named = new Set(participants)
    this.#hellos.up()
    this.#roster.presentOnly(named)
    this.#doorway?.up(named)
    for (const participant of named) {
      const peer = this.#roster.present(participant)
      if (peer !== undefined && this.#mayMeet(peer)) this.#hellos.greet(peer)
    }
    this.#endReplaced()
    this.#emitter.emit('up', {})
  }

  #down(): void {
    this.#hellos.down()
    this.#emitter.emit('down', {})
  }

  /** A newcomer says hello first; a session that comes again may not know that it was away. spec R13 */
  #participantJoined(participant: ParticipantId): void {
    const isKnown = this.#roster.get(participant) !== undefined
    const peer = this.#roster.present(participant)
    if (isKnown && peer !== undefined && this.#mayMeet(peer)) this.#hellos.joinedAgain(peer)
  }

  async #spoken(sent: Promise<void>, to: () => readonly PeerStreams[]): Promise<void> {
    await sent
    if (this.#closed) return
    for (const peer of to()) if (peer.isHere) this.#hellos.spoke(peer)
  }

  #receive(from: ParticipantId, payload: Uint8Array): void {
    // The hub delivers only from sessions that are connected: what begins with one names its sender too. spec R41
    const begins = claimsHello(payload) || this.#isIntroduction(payload)
    const peer = this.#roster.get(from) ?? (begins && this.#roster.present(from))
    if (!peer || hasLeft(peer)) return this.#drop('unknown-sender')
    const task = (): Promise<void> =>
      this.#open(peer, payload).catch((error: unknown) => this.#failed('not-opened', error))
    if (!peer.enqueue(task)) this.#drop('flood')
  }

  async #open(peer: PeerStreams, payload: Uint8Array): Promise<void> {
    if (this.#closed) return
    if (this.#isIntroduction(payload)) return this.#doorway?.open(peer, payload)
    // Not authenticated: used only to ignore messages other than a hello from senders outside the roster.
    if (!peer.confirmed && !claimsHello(payload)) return this.#drop('not-in-roster')
    const opened = await this.#sealer.open(peer.id, payload)
    if (this.#closed) return
    if (opened.type === 'dropped') {
      this.#drop(opened.reason)
      // It has this session's introduction, and its own is lost or late.
      if (!this.#outgoing.canGreet(peer) && this.#mayMeet(peer)) this.#hellos.joinedAgain(peer)
      return
    }
    const { kind, audience, body, signature } = opened
    const sequence = Number(opened.sequence)
    const isHello = kind === MESSAGE_KINDS.hello && audience === 'direct'
    const order = audience === 'direct' ? peer.direct : peer.room
    if (order === undefined) return this.#drop('not-in-roster')
    const turn = { kind, audience, sequence, body, signature }
    const ordered = order.accept(sequence, isHello ? undefined : turn)
    // The sender may have left during the decryption: then only a hello after its return counts.
    if (isHello && !hasLeft(peer)) this.#receiveHello(peer, sequence, body)
    this.#deliver(peer, ordered)
    this.#hellos.pursue(peer)
  }

  #isIntroduction(payload: Uint8Array): boolean {
    return this.#doorway !== undefined && payload[0] === INTRODUCTION_FORMAT
  }

  #receiveHello(peer: PeerStreams, sequence: number, body: Uint8Array): void {
    const hello = decodeHello(body)
    if (hello === undefined) return this.#drop('malformed-body')
    if (!peer.confirmed && this.#doorway?.lets(peer) === false) return this.#drop('not-in-roster')
    // An older hello that comes late says nothing new; it only takes its place in the stream. spec R27
    if (sequence <= (peer.newestHello ?? -1)) return
    peer.newestHello = sequence
    this.#roster.present(peer.id)
    peer.expects = hello.received
    const isNews = hello.next.room >= (peer.room?.expected ?? 0)
    this.#placeStreams(peer, hello)
    const type = peer.confirmed ? 'info' : 'joined'
    peer.confirmed = true
    this.#outgoing.beginStream(peer)
    this.#hellos.heard(peer, hello)
    const { id: participant } = peer
    const { info } = hello
    if (type === 'joined') {
      this.#doorway?.met(peer)
      this.#emitter.emit('joined', { participant, info, person: this.#personOf(participant) })
      this.#endReplaced()
    } else if (isNews) {
      this.#emitter.emit('info', { participant, info })
    }
  }

  /** A session that is not let in is not asked: it asks. */
  #mayMeet(peer: PeerStreams): boolean {
    return !hasLeft(peer) && this.#doorway?.isDenied(peer) !== true
  }

  #personOf(participant: ParticipantId): PersonId | undefined {
    return this.#introductions?.of(participant)?.person
  }

  /** Nobody waits for a session whose person is here with a later one. spec R87 */
  #endReplaced(): void {
    const personOf = (id: ParticipantId): PersonId | undefined => this.#personOf(id)
    for (const id of replacedSessions(this.#roster.all(), personOf)) this.#roster.absent(id, 'left')
  }

  /** Begins the streams of a session, skips what it can no longer repeat, and learns what it has said. spec R9 */
  #placeStreams(peer: PeerStreams, { first, oldest, next }: Hello): void {
    if (peer.room === undefined) {
      peer.room = new ReceiveOrder(first.room)
      this.#sealer.expect(peer.id, 'room', BigInt(first.room))
    }
    this.#deliver(peer, peer.room.skipTo(oldest.room))
    peer.room.expectUntil(next.room)
    this.#deliver(peer, peer.direct.skipTo(oldest.direct))
    const { ready } = peer.direct.skipTo(first.direct)
    this.#deliver(peer, { ready, lost: 0 })
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

  /** A message was dropped because a lower layer failed: the key source, or the transport. */
  #failed(reason: DropReason, error: unknown): void {
    this.#drop(reason)
    this.#emitter.emit('problem', problemFrom(error, 'ERR_CLIENT_MESSAGE_FAILED'))
  }

  #drop(reason: DropReason, count = 1): void {
    this.#emitter.emit('dropped', { reason, count })
  }
}

const claimsHello = (payload: Uint8Array): boolean =>
  decodeEnvelopeHeader(payload)?.kind === MESSAGE_KINDS.hello

const hasLeft = ({ presence }: PeerStreams): boolean => presence.state === 'left'
