import { decodeBase64Url, encodeBase64Url } from '@conclave/base'
import type { Clock } from '@conclave/base'
import { randomBytes } from '@conclave/crypto/verify'
import {
  CLOSE_CODES,
  decodeClientMessage,
  decodeDataFrame,
  decodeMessageId,
  encodeDataFrame,
  encodeMessage,
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
  RemoveMessage,
  RoomId,
  ServerMessage,
} from '@conclave/wire'
import type { ChannelTable } from '../channel/channel-table.ts'
import type { Channel } from '../channel/channel.ts'
import { toConnectionLimits } from '../limits/hub-limits.ts'
import type { HubLimits } from '../limits/hub-limits.ts'
import { InboundLimits } from '../limits/inbound-limits.ts'
import type { MemoryPool, PoolHolder } from '../limits/memory-pool.ts'
import type { Counters } from '../ops/counters.ts'
import type { MintedIceServers } from '../ops/ice-servers.ts'
import type { Log } from '../ops/log.ts'
import { ConnectionLife } from './connection-life.ts'
import { Heartbeat } from './heartbeat.ts'
import { IceCredentials } from './ice-credentials.ts'
import { verifyJoin } from './join-proof.ts'
import { Memberships } from './memberships.ts'
import { Outbound } from './outbound.ts'
import { Publishing } from './publishing.ts'
import { verifyRemoval } from './removal-proof.ts'
import type { HubConnection, SessionSocket } from './session-socket.ts'

/** The parts of a hub that all its connections share. */
export interface ConnectionContext {
  readonly limits: HubLimits
  readonly hosts: ReadonlySet<string>
  readonly clock: Clock
  readonly channels: ChannelTable
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
  readonly #nonce = randomBytes(NONCE_BYTES)
  readonly #startedMs: number
  /** Holds what the transport read and the hub has not taken. */
  readonly #transport: PoolHolder = { heldBytes: () => this.#transportBytes }
  #transportBytes = 0
  #received = 0
  #dropped = 0

  /** @param address that of the client, if it is known */
  constructor(context: ConnectionContext, socket: SessionSocket, address?: string) {
    const { limits, clock, channels } = context
    this.#context = context
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
        context.counters.pauses += 1
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
      channels,
      limits,
      address,
      outbound: this.#outbound,
      onJoined: (channel, others) => this.#joined(channel, others),
      onReplaced: () => this.end(CLOSE_CODES.replaced),
      onRemoved: () => this.end(CLOSE_CODES.removed),
      onFailure: () => this.#logFailure(),
    })
    this.#iceCredentials = new IceCredentials({
      clock,
      mint: context.mintIceServers,
      send: (channel, servers) => this.#send({ type: 'iceServers', channel, servers }),
      isJoined: (channel) => this.#memberships.find(channel) !== undefined,
    })
    const nonce = encodeBase64Url(this.#nonce)
    this.#send({ type: 'challenge', version: PROTOCOL_VERSION, nonce })
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
    const isTaken = this.#context.inboundPool.hold(this.#transport, bytes)
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

  #dispatch(data: string | Uint8Array): Promise<void> | void {
    const { counters } = this.#context
    this.#heartbeat.heard()
    this.#received += 1
    counters.received += 1
    counters.receivedBytes += data.length
    const isText = typeof data === 'string'
    if (!isText && !this.#life.isGranted) return this.end(CLOSE_CODES.badHandshake)
    if (!this.#inbound.countMessage(data.length))
      return this.#refuse(isText ? UNKNOWN_MESSAGE_ID : decodeMessageId(data), 'rate')
    return isText ? this.#control(data) : this.#publish(data)
  }

  #control(text: string): Promise<void> | void {
    const message = decodeClientMessage(text)
    const mayPass = this.#life.isGranted || message?.type === 'join' || message?.type === 'ping'
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
        return this.#remove(message)
      default:
        return this.#refuse(UNKNOWN_MESSAGE_ID, 'malformed')
    }
  }

  async #join(join: JoinMessage): Promise<void> {
    const { room, participant } = join
    const owner = decodeBase64Url(join.owner) ?? new Uint8Array()
    const place = this.#memberships.reserve(room)
    if (place === 'taken') return this.#refuse(UNKNOWN_MESSAGE_ID, 'malformed')
    if (place === 'full') return this.end(CLOSE_CODES.full)
    const { hosts } = this.#context
    const isGranted = await verifyJoin(join, { nonce: this.#nonce, hosts })
    if (!isGranted) return this.end(CLOSE_CODES.unauthorized)
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
    if (this.#memberships.size === 0) this.#life.step({ type: 'leftLastChannel' })
  }

  /** spec H37 */
  async #remove({ room, participant, statements: texts }: RemoveMessage): Promise<void> {
    const membership = this.#memberships.findRoom(room)
    if (membership === undefined) return this.#refuse(UNKNOWN_MESSAGE_ID, 'unknown-channel')
    const { channel, owner } = membership
    // Several members say it.
    if (!channel.has(participant)) return
    if (!this.#inbound.countRemoval()) return this.#refuse(UNKNOWN_MESSAGE_ID, 'rate')
    const statements = texts.map((text) => decodeBase64Url(text) ?? new Uint8Array())
    const isRemoved = await verifyRemoval({ room, owner, participant, statements })
    if (!isRemoved) return this.#refuse(UNKNOWN_MESSAGE_ID, 'malformed')
    await channel.remove(participant)
  }

  async #publish(bytes: Uint8Array): Promise<void> {
    const frame = decodeDataFrame(bytes, { maxPayloadBytes: Infinity })
    if (frame?.type !== 'publish') return this.#refuse(decodeMessageId(bytes), 'malformed')
    const { channel, id, to, payload } = frame
    if (payload.length > this.#context.limits.maxPayloadBytes) return this.#refuse(id, 'too-large')
    const membership = this.#memberships.find(channel)
    if (membership === undefined) return this.#refuse(id, 'unknown-channel')
    const isWanted = (): boolean => this.#memberships.find(channel) === membership
    const position = await this.#publishing.publish(
      { id, from: membership.participant, to, payload },
      { channel: membership.channel, isWanted },
    )
    if (position === 'absent') return this.#refuse(id, 'absent')
    if (position === undefined || !isWanted()) return
    this.#outbound.send(encodeDataFrame({ type: 'ack', channel, position, id }))
  }

  #refuse(id: MessageId, reason: RefusedReason): void {
    if (this.#life.isEnded) return
    this.#dropped += 1
    this.#context.counters.dropped[reason] += 1
    if (reason !== 'absent' && !this.#inbound.countDrop()) return this.end(CLOSE_CODES.rate)
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
  }

  #logFailure(): void {
    this.#context.log({ event: 'failed', part: 'engine' })
  }
}

/** Close codes with which a page leaves for good, so that the hub does not wait for it. RFC 6455 §7.4.1, spec H15 */
const LEAVING_CODES: ReadonlySet<number> = new Set([1000, 1001])
