import { encodeBase64Url } from '@conclave/base'
import type { Clock } from '@conclave/base'
import { randomBytes } from '@conclave/crypto/verify'
import {
  CLOSE_CODES,
  decodeClientMessage,
  decodeMessageId,
  encodeMessage,
  isSignalFrame,
  MAX_CONTROL_BYTES,
  NONCE_BYTES,
  PROTOCOL_VERSION,
  UNKNOWN_MESSAGE_ID,
} from '@conclave/wire'
import type {
  ClientMessage,
  CloseCode,
  JoinMessage,
  MessageId,
  ParticipantId,
  RefusedReason,
  RoomId,
  ServerMessage,
} from '@conclave/wire'
import type { ChannelTable } from '../channel/channel-table.ts'
import type { Channel } from '../channel/channel.ts'
import type { RequestFacts } from '../access/authorizer.ts'
import type { GuardedHub } from '../guarded/guarded-hub.ts'
import type { Subscription } from '../guarded/subscription.ts'
import { Subscriptions } from '../guarded/subscriptions.ts'
import { toConnectionLimits } from '../limits/hub-limits.ts'
import type { HubLimits } from '../limits/hub-limits.ts'
import { InboundLimits } from '../limits/inbound-limits.ts'
import type { MemoryPool, PoolHolder } from '../limits/memory-pool.ts'
import type { Counters } from '../ops/counters.ts'
import type { MintedIceServers } from '../ops/ice-servers.ts'
import type { Log } from '../ops/log.ts'
import { ConnectionLife } from './connection-life.ts'
import { BLAMELESS, LEAVING_CODES, OPENING_TYPES } from './dispositions.ts'
import { Heartbeat } from './heartbeat.ts'
import { IceCredentials } from './ice-credentials.ts'
import { Memberships } from './memberships.ts'
import { Outbound } from './outbound.ts'
import { Publishing } from './publishing.ts'
import { Relay } from './relay.ts'
import { RoomAccess } from './room-access.ts'
import { removeParticipant } from './removals.ts'
import type { RemovalOptions } from './removals.ts'
import type { HubConnection, SessionSocket } from './session-socket.ts'

/** The parts of a hub that all its connections share. */
export interface ConnectionContext {
  readonly limits: HubLimits
  readonly hosts: ReadonlySet<string>
  readonly clock: Clock
  readonly channels: ChannelTable
  readonly guarded: GuardedHub
  /** Those who decide about rooms too; `undefined`: the proofs of the link do. */
  readonly closed: GuardedHub | undefined
  /** Memory for what waits for clients, and for what waits for the engine. */
  readonly outboundPool: MemoryPool
  readonly inboundPool: MemoryPool
  readonly counters: Counters
  readonly log: Log
  /** Servers for the calls of those who have a grant. */
  readonly mintIceServers: (label: string) => MintedIceServers
  /** Called when the transport is gone. */
  readonly onClosed: (connection: Connection) => void
}

/** Dispatches the messages of one client: challenge, grant, limits, relay. spec/hub.md */
export class Connection implements HubConnection {
  readonly #context: ConnectionContext
  readonly #life: ConnectionLife
  readonly #outbound: Outbound
  readonly #heartbeat: Heartbeat
  readonly #iceCredentials: IceCredentials
  readonly #inbound: InboundLimits
  readonly #publishing: Publishing
  readonly #memberships: Memberships
  readonly #subscriptions: Subscriptions
  readonly #relay: Relay
  readonly #roomAccess: RoomAccess
  readonly #removal: RemovalOptions
  readonly #nonce = encodeBase64Url(randomBytes(NONCE_BYTES))
  readonly #startedMs: number
  /** Holds what the transport read and the hub has not taken. */
  readonly #transport: PoolHolder = { heldBytes: () => this.#transportBytes + this.#headerBytes }
  readonly #headerBytes: number
  #transportBytes = 0
  #received = 0
  #dropped = 0

  /** @param facts what is known of the request that opened it */
  constructor(context: ConnectionContext, socket: SessionSocket, facts: RequestFacts) {
    const { limits, clock, channels, guarded, counters } = context
    const { address, headerBytes = 0 } = facts
    this.#context = context
    this.#headerBytes = headerBytes
    this.#startedMs = clock.now()
    this.#inbound = new InboundLimits(limits, clock)
    this.#life = new ConnectionLife({
      clock,
      joinDeadlineMs: limits.joinDeadlineMs,
      onLate: () => this.end(CLOSE_CODES.late),
    })
    this.#outbound = new Outbound({
      ...{ socket, limits, clock, pool: context.outboundPool },
      onSlow: () => this.end(CLOSE_CODES.slowConsumer),
    })
    this.#heartbeat = new Heartbeat({
      ...{ socket, limits, clock },
      onPaused: () => this.#send({ type: 'pong', id: 0 }),
    })
    this.#publishing = new Publishing({
      ...{ limits, clock, pool: context.inboundPool },
      onPause: () => {
        counters.pauses += 1
        socket.pause()
        this.#heartbeat.pause()
      },
      onResume: () => {
        this.#heartbeat.resume()
        socket.resume()
      },
      onFailure: () => this.#logFailure(),
    })
    this.#memberships = new Memberships({
      ...{ channels, limits, address, outbound: this.#outbound },
      onJoined: (channel, others) => this.#joined(channel, others),
      onReplaced: () => this.end(CLOSE_CODES.replaced),
      onRemoved: () => this.end(CLOSE_CODES.removed),
      onFailure: () => this.#logFailure(),
    })
    this.#iceCredentials = new IceCredentials({
      clock,
      mint: context.mintIceServers,
      send: (channel, servers) => this.#send({ type: 'iceServers', channel, servers }),
      isJoined: (channel) => this.#mayCall(channel),
    })
    const [outbound, publishing] = [this.#outbound, this.#publishing]
    const memberships = this.#memberships
    const refuse = (reason: RefusedReason): void => this.#refuse(UNKNOWN_MESSAGE_ID, reason)
    this.#removal = { memberships, inbound: this.#inbound, refuse }
    this.#subscriptions = new Subscriptions({
      ...{ guarded, limits, clock, counters, outbound, facts, refuse },
      nonce: this.#nonce,
      onWaiting: () => this.#life.wait(),
      onOpened: (subscription) => this.#opened(subscription),
      onClosed: () => this.#left(),
    })
    this.#relay = new Relay({
      ...{ limits, publishing, memberships, guarded, outbound },
      subscriptions: this.#subscriptions,
      refuse: (id, reason) => this.#refuse(id, reason),
    })
    this.#roomAccess = new RoomAccess({
      ...{ hosts: context.hosts, closed: context.closed, clock, nonce: this.#nonce, facts },
      onWaiting: () => this.#life.wait(),
      onRevoked: () => this.end(CLOSE_CODES.unauthorized),
    })
    this.#send({ type: 'challenge', version: PROTOCOL_VERSION, nonce: this.#nonce })
  }

  async receive(data: string | Uint8Array): Promise<void> {
    if (this.#life.isEnded) return
    try {
      await this.#dispatch(data)
    } catch {
      this.#logFailure()
      this.end(CLOSE_CODES.draining)
    }
  }

  controlled(): void {
    if (this.#life.isEnded) return
    this.#heartbeat.heard()
    if (!this.#inbound.countControl()) this.end(CLOSE_CODES.rate)
  }

  holds(bytes: number): void {
    this.#transportBytes = bytes
    if (this.#life.isEnded) return
    const isTaken = this.#context.inboundPool.hold(this.#transport, bytes + this.#headerBytes)
    if (!isTaken) this.end(CLOSE_CODES.rate)
  }

  overdue(): void {
    this.end(CLOSE_CODES.late)
  }

  closed(code: number, { isByTransport = false }: { readonly isByTransport?: boolean } = {}): void {
    const { clock, log, onClosed } = this.#context
    const by = this.#life.isEnded || isByTransport ? 'hub' : 'client'
    this.#finish(code, LEAVING_CODES.has(code) ? 'left' : 'lost')
    const { state } = this.#life
    log({
      event: 'connectionEnded',
      code: state.state === 'ended' ? state.code : code,
      by,
      durationMs: Math.round(clock.now() - this.#startedMs),
      received: this.#received,
      dropped: this.#dropped,
    })
    onClosed(this)
  }

  /** Ends the connection with a stated code; it leaves its channels at once. Idempotent. */
  end({ code, reason }: CloseCode): void {
    if (this.#life.isEnded) return
    this.#finish(code, 'lost')
    this.#outbound.close(code, reason)
  }

  /** Ends the connection because the hub is going away; the client is told when to come again. spec G33 */
  sendAway(afterMs: number): void {
    if (this.#life.isEnded) return
    this.#send({ type: 'goodbye', afterMs })
    this.end(CLOSE_CODES.draining)
  }

  #dispatch(data: string | Uint8Array): Promise<void> | void {
    const { counters } = this.#context
    this.#heartbeat.heard()
    this.#received += 1
    counters.received += 1
    counters.receivedBytes += data.length
    const isText = typeof data === 'string'
    if (!isText && !this.#life.isGranted) return this.end(CLOSE_CODES.badHandshake)
    if (!isText && isSignalFrame(data)) return this.#signal(data)
    if (!this.#inbound.countMessage(data.length))
      return this.#refuse(isText ? UNKNOWN_MESSAGE_ID : decodeMessageId(data), 'rate')
    return isText ? this.#control(data) : this.#relay.take(data)
  }

  #control(text: string): Promise<void> | void {
    const message = decodeClientMessage(text)
    const mayPass = this.#life.isGranted || OPENING_TYPES.has(message?.type)
    if (!mayPass) return this.end(CLOSE_CODES.badHandshake)
    if (message !== undefined) return this.#command(message)
    this.#refuse(UNKNOWN_MESSAGE_ID, text.length > MAX_CONTROL_BYTES ? 'too-large' : 'malformed')
  }

  #command(message: ClientMessage): Promise<void> | void {
    switch (message.type) {
      case 'ping':
        return this.#send({ type: 'pong', id: message.id })
      case 'join':
        return this.#join(message)
      case 'leave':
        return this.#leave(message.room)
      case 'remove':
        return removeParticipant(message, this.#removal)
      default:
        return this.#subscriptions.take(message)
    }
  }

  async #join(join: JoinMessage): Promise<void> {
    const { room, participant, owner } = join
    const place = this.#memberships.reserve(room)
    if (place === 'taken') return this.#refuse(UNKNOWN_MESSAGE_ID, 'malformed')
    if (place === 'full') return this.end(CLOSE_CODES.full)
    const refusal = await this.#roomAccess.refusalOf(join)
    if (refusal !== undefined) return this.end(refusal)
    const result = await this.#memberships.enter({ room, participant, owner })
    if (result === 'full') this.end(CLOSE_CODES.full)
  }

  #joined(channel: Channel, participants: readonly ParticipantId[]): void {
    const limits = toConnectionLimits(this.#context.limits)
    const { room, handle } = channel
    this.#life.step({ type: 'joined' })
    this.#send({ type: 'joined', room, channel: handle, participants, limits })
    this.#iceCredentials.joined(handle)
  }

  #leave(room: RoomId): void {
    if (!this.#memberships.leave(room)) return this.#refuse(UNKNOWN_MESSAGE_ID, 'malformed')
    this.#roomAccess.left(room)
    this.#left()
  }

  #opened(subscription: Subscription): void {
    this.#context.counters.decisions.granted += 1
    this.#life.step({ type: 'joined' })
    if (subscription.may('call')) this.#iceCredentials.joined(subscription.channel.handle)
  }

  #left(): void {
    const isIdle = this.#memberships.size === 0 && this.#subscriptions.size === 0
    if (isIdle) this.#life.step({ type: 'leftLastChannel' })
  }

  #mayCall(channel: number): boolean {
    const subscription = this.#subscriptions.find(channel)
    return subscription?.may('call') ?? this.#memberships.find(channel) !== undefined
  }

  /** One too many is dropped without a word. spec G13 */
  #signal(bytes: Uint8Array): Promise<void> | void {
    if (this.#inbound.countSignal(bytes.length)) return this.#relay.take(bytes)
    this.#context.counters.signals.dropped += 1
    if (!this.#inbound.countSignalDrop()) this.end(CLOSE_CODES.rate)
  }

  #refuse(id: MessageId, reason: RefusedReason): void {
    if (this.#life.isEnded) return
    this.#dropped += 1
    this.#context.counters.dropped[reason] += 1
    if (!BLAMELESS.has(reason) && !this.#inbound.countDrop()) return this.end(CLOSE_CODES.rate)
    this.#send({ type: 'refused', id, reason })
  }

  #send(message: ServerMessage): void {
    this.#outbound.send(encodeMessage(message))
  }

  #finish(code: number, reason: 'left' | 'lost'): void {
    if (this.#life.isEnded) return
    this.#life.step({ type: 'ended', code })
    this.#heartbeat.stop()
    this.#outbound.stop()
    this.#iceCredentials.stop()
    this.#publishing.stop()
    this.#context.inboundPool.release(this.#transport)
    this.#memberships.end(reason)
    this.#roomAccess.stop()
    this.#subscriptions.end(reason)
  }

  #logFailure(): void {
    this.#context.log({ event: 'failed', part: 'engine' })
  }
}
