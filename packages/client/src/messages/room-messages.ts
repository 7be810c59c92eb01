/**
 * Sealed messages between the members of a room: who is in the roster, and everything they say, in order and exactly
 * once, over a transport that may lose, repeat, reorder and invent. spec chapter *rooms*
 *
 * @module
 */
import { Emitter } from '@conclave/base'
import { type Sealer, decodeEnvelopeHeader } from '@conclave/e2ee'
import { INTRODUCTION_FORMAT } from '@conclave/e2ee/session'
import type { ParticipantId } from '@conclave/wire'
import { problemFrom, problemOf } from '../problem.ts'
import { type ParticipantInfo, MESSAGE_KINDS, decodeHello, encodeBody } from './bodies.ts'
import { Doorway } from '../admission/doorway.ts'
import { BOUNDS, checkBounds } from '../bounds.ts'
import { claimsData, claimsHello } from './claims.ts'
import type { OwnKeys } from '../keys/own-keys.ts'
import { type RoomKeys, roomKeysOf } from '../keys/room-keys.ts'
import { RootChanges } from '../keys/root-changes.ts'
import type { DropReason } from './drop-reason.ts'
import { HelloExchange } from './hello-exchange.ts'
import { type Show, showInside } from '../lobby/show-inside.ts'
import type { PersonId } from '../persons/person-id.ts'
import { replacedSessions } from '../persons/replaced-sessions.ts'
import type { Introductions } from './introductions.ts'
import { Membership } from './membership.ts'
import { OutgoingStreams, type Said, type Sending } from './outgoing-streams.ts'
import type { PeerStreams } from './peer-streams.ts'
import type { JoinedSession, RoomMessagesEvents, RoomMessagesOptions } from './room-messages-api.ts'
import { Roster } from './roster.ts'
import { StreamDelivery } from './stream-delivery.ts'

/** The sealed side of a transport. */
export class RoomMessages {
  readonly #sealer: Sealer
  readonly #introductions: Introductions | undefined
  readonly #doorway: Doorway | undefined
  readonly #keys: RoomKeys | undefined
  readonly #rootChanges: RootChanges | undefined
  readonly #emitter = new Emitter<RoomMessagesEvents>()
  readonly #roster: Roster
  readonly #outgoing: OutgoingStreams
  readonly #hellos: HelloExchange
  readonly #delivery: StreamDelivery
  readonly #membership: Membership
  #info: ParticipantInfo
  #hasJoined = false
  #closed = false

  constructor(options: RoomMessagesOptions) {
    const { transport, sealer, introductions, admission, self, clock, info } = options
    checkBounds(BOUNDS)
    this.#sealer = sealer
    this.#introductions = introductions
    this.#info = info
    const peer = (id: ParticipantId): PeerStreams | undefined => this.#roster.get(id)
    this.#keys = roomKeysOf(options, peer)
    this.#delivery = new StreamDelivery({
      ...{ sealer, keys: this.#keys, events: this.#emitter },
      drop: (reason, count) => this.#drop(reason, count),
    })
    const said = (message: Said): void => this.#emitter.emit('said', message)
    const outgoing = new OutgoingStreams({
      ...{ transport, sealer, introductions, admission, clock, said, peer, keys: this.#keys?.own },
      failed: (error) => this.#failed('not-sealed', error),
    })
    this.#outgoing = outgoing
    this.#membership = new Membership({
      ...{ sealer, outgoing, admission, keys: this.#keys?.own, events: this.#emitter, peer },
    })
    this.#hellos = new HelloExchange({
      ...{ clock, outgoing },
      isPending: (id) => transport.isPending(id),
      info: () => this.#info,
      failed: (error) => this.#failed('not-sealed', error),
    })
    const forgotten = (peer: PeerStreams): void => {
      this.#hellos.forget(peer)
      this.#doorway?.forget(peer)
      this.#keys?.forget(peer.id)
    }
    this.#roster = new Roster({
      ...{ self, clock, forgotten },
      full: () => this.#emitter.emit('problem', problemOf('ERR_CLIENT_ROSTER_FULL')),
      nextTo: (id) => Number(sealer.next(id)),
      removed: (peer) => this.#membership.left(peer),
      awayChanged: (peer) => this.#membership.awayChanged(peer),
    })
    const names = (show: Show): void => this.#emitter.emit('looked', { show })
    this.#doorway =
      introductions &&
      new Doorway({
        ...{ introductions, admission, roster: this.#roster, hellos: this.#hellos, clock },
        looked: (peer, question) => showInside(peer, { question, sealer, outgoing, names }),
        drop: (reason) => this.#drop(reason),
        failed: (error) => this.#failed('not-opened', error),
      })
    this.#rootChanges =
      introductions && new RootChanges({ introductions, roster: this.#roster, clock })
    introductions?.on('retired', ({ participant }) => {
      const peer = this.#roster.get(participant)
      if (peer?.presence.state === 'present') this.#hellos.greet(peer)
    })
    transport.on('up', ({ participants }) => this.#up(participants))
    transport.on('down', () => this.#down())
    transport.on('participantJoined', (event) => this.#participantJoined(event))
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

  /**
   * Sends this session's information to everyone in the roster, and to everyone who joins later. Returns `undefined` while members
   * do not hear this session: whoever lets it in learns it with the hello.
   */
  setInfo(info: ParticipantInfo): Sending | undefined {
    this.#info = info
    return this.#outgoing.isHeard
      ? this.broadcast(MESSAGE_KINDS.state, encodeBody(info))
      : undefined
  }

  /**
   * Whether a participant of the roster has confirmed that it has a message to the room, or what hellos said after it. A
   * hub cannot say so in its place. spec Q3
   */
  hasConfirmed(participant: ParticipantId, sequence: number): boolean {
    return this.#roster.get(participant)?.hasConfirmed(sequence) === true
  }

  /**
   * Seals a message to everyone in the room; messages keep their order.
   *
   * @param options.isAskedFor those who wait for the message ask for it: this session asks nobody whether it came. spec R101
   */
  broadcast(kind: number, body: Uint8Array, options: { readonly isAskedFor?: true } = {}): Sending {
    const { id, sent } = this.#outgoing.send(kind, body)
    if (options.isAskedFor) return { id, sent }
    return { id, sent: this.#spoken(sent, () => this.#roster.all()) }
  }

  /** Asks participants whether something that they said got lost; it is repeated. */
  ask(participants: readonly ParticipantId[]): void {
    for (const id of participants) {
      const peer = this.#roster.get(id)
      if (peer?.isHere === true) this.#hellos.recall(peer)
    }
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

  /** Whether a participant is in the roster, and connected by the hub's word. */
  readonly isHere = (id: ParticipantId): boolean => this.#roster.get(id)?.isHere === true

  /** The participants. */
  readonly roster = (): readonly ParticipantId[] => this.#roster.confirmed

  /** More came from a session than it may send: the rest was dropped. */
  readonly flooded = (): void => this.#drop('flood')

  /** The key under which this session speaks: `undefined` where its application brings the keys. spec R45 */
  get ownKeys(): OwnKeys | undefined {
    return this.#keys?.own
  }

  /**
   * Resolves when everything that came or was given so far is opened or sealed, and handed on, and what follows from it
   * too; a message that waits for a key does not count.
   */
  async settled(): Promise<void> {
    const tasks = (): readonly Promise<void>[] => [
      ...this.#roster.all().map((peer) => peer.settled),
      this.#outgoing.settled,
    ]
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const before = new Set(tasks())
      await Promise.all(before)
      if (tasks().every((task) => before.has(task))) return
    }
  }

  /** Ends timers and events. The transport and the sealer are closed by their owners. */
  close(): void {
    this.#closed = true
    this.#doorway?.close()
    this.#hellos.close()
    this.#roster.close()
    this.#outgoing.close()
    this.#keys?.close()
    this.#rootChanges?.close()
    this.#emitter.clear()
  }

  #up(participants: readonly ParticipantId[]): void {
    const named = new Set(participants)
    if (!this.#hasJoined) this.#keys?.own.expect(participants)
    this.#hasJoined = true
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
  #participantJoined({ participant, mayBeFirst, wasHere }: JoinedSession): void {
    const asks = mayBeFirst === true || this.#roster.get(participant) !== undefined
    const peer = this.#roster.present(participant)
    if (peer === undefined || !this.#mayMeet(peer)) return
    if (wasHere === true) this.#keys?.own.expect([participant])
    if (wasHere === true) this.#hellos.greet(peer)
    else if (asks) this.#hellos.joinedAgain(peer)
  }

  async #spoken(sent: Promise<void>, to: () => readonly PeerStreams[]): Promise<void> {
    await sent
    if (this.#closed) return
    for (const peer of to()) if (peer.isHere) this.#hellos.spoke(peer)
  }

  #receive(from: ParticipantId, payload: Uint8Array): void {
    // It has its own way. spec R170
    if (claimsData(payload)) return
    // The hub delivers only from sessions that are connected: what begins with one names its sender too. spec R41
    const begins = claimsHello(payload) || this.#isIntroduction(payload)
    const peer = this.#roster.get(from) ?? (begins && this.#roster.present(from))
    if (!peer || peer.hasLeft) return this.#drop('unknown-sender')
    const task = (): Promise<void> =>
      this.#open(peer, payload).catch((error: unknown) => this.#failed('not-opened', error))
    if (!peer.enqueue(task)) this.#drop('flood')
  }

  async #open(peer: PeerStreams, payload: Uint8Array): Promise<void> {
    if (this.#closed) return
    if (this.#isIntroduction(payload)) return this.#doorway?.open(peer, payload)
    // Not authenticated: used only to ignore messages other than a hello from senders outside the roster.
    if (!peer.confirmed && !claimsHello(payload)) return this.#drop('not-in-roster')
    // Nor is this yet: it is what the message is authenticated with.
    const header = decodeEnvelopeHeader(payload)
    if (header && this.#keys?.permits(peer, header) === false) return this.#drop('ended-key')
    const opened = await this.#sealer.open(peer.id, payload)
    if (this.#closed) return
    if (opened.type === 'dropped') {
      const mayWait = opened.reason === 'unknown-key' && header && this.#keys?.canWait(peer, header)
      if (mayWait && peer.held.hold({ sequence: header.sequence, payload })) {
        return this.#hellos.joinedAgain(peer)
      }
      this.#drop(opened.reason)
      // It has this session's introduction, and its own is lost or late.
      if (!this.#outgoing.canGreet(peer) && this.#mayMeet(peer)) this.#hellos.joinedAgain(peer)
      return
    }
    const { kind, audience, body, epoch, signature } = opened
    if (audience === 'data') return this.#drop('malformed-body')
    const sequence = Number(opened.sequence)
    const isHello = kind === MESSAGE_KINDS.hello && audience === 'direct'
    const order = audience === 'direct' ? peer.direct : peer.room
    if (order === undefined) return this.#drop('not-in-roster')
    if (audience === 'room') this.#keys?.opened(peer, { sequence, epoch })
    const turn = { kind, audience, sequence, body, signature }
    const ordered = order.accept(sequence, isHello ? undefined : turn)
    if (audience === 'room') peer.gaveUp(ordered.lost)
    const keyBefore = peer.newestKey
    // An answer to the hello says which key was taken last.
    this.#delivery.takeKeys(peer, ordered)
    // The sender may have left during the decryption: then only a hello after its return counts.
    if (isHello && !peer.hasLeft) this.#receiveHello(peer, sequence, body)
    this.#delivery.deliver(peer, ordered)
    if (peer.newestKey !== keyBefore) {
      for (const held of peer.held.take()) await this.#open(peer, held)
    }
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
    // It left, and this may be older than its leaving: it is asked for one that is not. spec R58
    if (!peer.confirmed && (hello.received.hello ?? -1) < (peer.returnsAfter ?? -1)) {
      this.#hellos.heard(peer, hello)
      return this.#hellos.joinedAgain(peer)
    }
    const isNews = hello.next.room >= (peer.room?.expected ?? 0)
    this.#delivery.place(peer, hello)
    const type = peer.confirmed ? 'info' : 'joined'
    if (type === 'joined') this.#membership.entered(peer)
    const lostFrom = this.#keys?.own.confirmed(peer.id, hello.received)
    if (lostFrom !== undefined) {
      peer.closeRoom(lostFrom)
      this.#outgoing.beginStream(peer)
    }
    this.#hellos.heard(peer, hello)
    if (type === 'joined') {
      this.#doorway?.met(peer)
      const person = this.#introductions?.of(peer.id)?.person
      this.#emitter.emit('joined', { participant: peer.id, info: hello.info, person })
      this.#endReplaced(person)
    } else if (isNews) {
      this.#emitter.emit('info', { participant: peer.id, info: hello.info })
    }
    this.#membership.lost(peer)
  }

  /** A session that is not let in is not asked: it asks. */
  #mayMeet(peer: PeerStreams): boolean {
    return !peer.hasLeft && this.#doorway?.isDenied(peer) !== true
  }

  /**
   * Nobody waits for a session whose person is here with a later one. Devices of the owner are one person: only one that comes
   * takes the place of another. spec R87
   */
  #endReplaced(newcomer?: PersonId): void {
    const personOf = (id: ParticipantId): PersonId | undefined => {
      const { person, isOwner } = this.#introductions?.of(id) ?? {}
      return isOwner === true && person !== newcomer ? undefined : person
    }
    for (const id of replacedSessions(this.#roster.all(), personOf)) this.#roster.absent(id, 'left')
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

/** How often what follows from tasks is waited for: others may go on for ever. */
const MAX_ROUNDS = 16
