import { encodeBase64Url } from '@conclave/base'
import {
  decodeClientMessage,
  decodeDataFrame,
  encodeDataFrame,
  encodeMessage,
  MAX_CONTROL_BYTES,
  NONCE_BYTES,
  PROTOCOL_VERSION,
  readMessageId,
  UNKNOWN_MESSAGE_ID,
} from '@conclave/wire'
import type { Clock } from '@conclave/base'
import type {
  ClientMessage,
  CloseCode,
  JoinMessage,
  LeaveReason,
  MessageId,
  ParticipantId,
  RefusedReason,
  RoomId,
  ServerMessage,
} from '@conclave/wire'
import { digestResumeSecret } from '../access/resume-secret.ts'
import { verifyRoomProof } from '../access/room-proof.ts'
import type { ChannelTable } from '../channel/channel-table.ts'
import type { Channel, Member } from '../channel/channel.ts'
import { CLOSE_CODES, LEAVING_CODES } from '../close-codes.ts'
import type { Counters } from '../ops/counters.ts'
import { Heartbeat } from './heartbeat.ts'
import { toConnectionLimits } from '../limits/hub-limits.ts'
import type { HubLimits } from '../limits/hub-limits.ts'
import type { Log } from '../ops/log.ts'
import { Outbound } from './outbound.ts'
import type { HubSocket } from './outbound.ts'
import { randomBytes } from '../engine/membership-id.ts'
import type { SessionId } from '../engine/membership-id.ts'
import { RateLimiter } from '../limits/rate-limiter.ts'

/** One client at the hub, as its transport drives it. */
export interface HubConnection {
  /**
   * Takes one whole message: a string for text, bytes for binary. Resolves when it has been dealt with; nobody has
   * to wait for it, and it never rejects. Bytes may be used again after the call returned.
   */
  receive(data: string | Uint8Array): Promise<void>
  /** The transport heard something else of the client: a pong. */
  heard(): void
  /** The transport is gone, with the close code that the client gave, or 1006. */
  closed(code: number): void
}

/** What all connections of a hub share. */
export interface ConnectionContext {
  readonly limits: HubLimits
  readonly hosts: ReadonlySet<string>
  readonly clock: Clock
  readonly channels: ChannelTable
  readonly counters: Counters
  readonly log: Log
  /** Called once, when the transport is gone. */
  readonly onClosed: (connection: Connection) => void
}

/** The rules of one connection: challenge, grant, limits, and what is relayed. spec/hub.md */
export class Connection implements HubConnection {
  readonly #context: ConnectionContext
  readonly #outbound: Outbound
  readonly #heartbeat: Heartbeat
  readonly #nonce = randomBytes(NONCE_BYTES)
  readonly #placeByRoom = new Map<RoomId, Place>()
  readonly #placeByChannel = new Map<number, JoinedPlace>()
  readonly #messages: RateLimiter
  readonly #bytes: RateLimiter
  readonly #drops: RateLimiter
  readonly #startedMs: number
  #deadline: unknown
  #isGranted = false
  #isEnded = false
  #endCode: number | undefined
  #leaveReason: LeaveReason = 'lost'
  #inFlight = 0
  #received = 0
  #dropped = 0

  constructor(context: ConnectionContext, socket: HubSocket) {
    const { limits, clock } = context
    this.#context = context
    this.#messages = new RateLimiter({
      perSecond: limits.publishPerSecond,
      burst: limits.publishBurst,
    })
    this.#bytes = new RateLimiter({ perSecond: limits.bytesPerSecond, burst: limits.bytesBurst })
    this.#drops = new RateLimiter({ perSecond: limits.dropsPerSecond, burst: limits.dropBurst })
    this.#startedMs = clock.now()
    this.#outbound = new Outbound({
      socket,
      limits,
      clock,
      onSlow: () => this.end(CLOSE_CODES.slowConsumer),
    })
    this.#heartbeat = new Heartbeat({ socket, limits, clock })
    const nonce = encodeBase64Url(this.#nonce)
    this.#send({ type: 'challenge', version: PROTOCOL_VERSION, nonce })
    this.#armDeadline()
  }

  async receive(data: string | Uint8Array): Promise<void> {
    if (this.#isEnded) return
    try {
      await this.#take(data)
    } catch {
      this.#context.log({ event: 'failed', part: 'engine' })
      this.end(CLOSE_CODES.draining)
    }
  }

  heard(): void {
    this.#heartbeat.heard()
  }

  closed(code: number): void {
    const { clock, log, onClosed } = this.#context
    this.#finish(LEAVING_CODES.has(code) ? 'left' : 'lost')
    const durationMs = Math.round(clock.now() - this.#startedMs)
    const endCode = this.#endCode ?? code
    log({
      event: 'connectionEnded',
      code: endCode,
      durationMs,
      received: this.#received,
      dropped: this.#dropped,
    })
    onClosed(this)
  }

  /** Ends the connection with a stated code; its rooms are left at once. Idempotent. */
  end({ code, reason }: CloseCode): void {
    if (this.#isEnded) return
    this.#endCode = code
    this.#finish('lost')
    this.#outbound.close(code, reason)
  }

  #take(data: string | Uint8Array): Promise<void> | void {
    const { counters, clock, limits } = this.#context
    this.#heartbeat.heard()
    this.#received += 1
    counters.received += 1
    counters.receivedBytes += data.length
    const isText = typeof data === 'string'
    if (!this.#isGranted && !isText) return this.end(CLOSE_CODES.badHandshake)
    const nowMs = clock.now()
    const bytes = Math.min(data.length, limits.bytesBurst)
    if (!this.#messages.take(nowMs) || !this.#bytes.take(nowMs, bytes)) {
      return this.#refuse(isText ? UNKNOWN_MESSAGE_ID : readMessageId(data), 'rate')
    }
    return isText ? this.#control(data) : this.#publish(data)
  }

  #control(text: string): Promise<void> | void {
    const message = decodeClientMessage(text)
    const mayPass = this.#isGranted || message?.type === 'join' || message?.type === 'ping'
    if (!mayPass) return this.end(CLOSE_CODES.badHandshake)
    if (message !== undefined) return this.#act(message)
    this.#refuse(UNKNOWN_MESSAGE_ID, text.length > MAX_CONTROL_BYTES ? 'too-large' : 'malformed')
  }

  #act(message: ClientMessage): Promise<void> | void {
    switch (message.type) {
      case 'ping':
        return this.#send({ type: 'pong', id: message.id })
      case 'join':
        return this.#join(message)
      case 'leave':
        return this.#leave(message.room)
    }
  }

  async #join(join: JoinMessage): Promise<void> {
    const { channels, hosts, limits } = this.#context
    const { room, participant } = join
    if (this.#placeByRoom.has(room)) return this.#refuse(UNKNOWN_MESSAGE_ID, 'malformed')
    if (this.#placeByRoom.size >= limits.roomsPerConnection) return this.end(CLOSE_CODES.full)
    this.#placeByRoom.set(room, { state: 'joining' })
    const isGranted = await verifyRoomProof(join, { nonce: this.#nonce, hosts })
    if (!isGranted) return this.end(CLOSE_CODES.unauthorized)
    const resumeDigest = await digestResumeSecret(join.resume)
    if (this.#isEnded) return
    const channel = await channels.acquire(room)
    if (channel === undefined) return this.end(CLOSE_CODES.full)
    if (this.#isEnded) return channels.release(channel)
    await this.#enter(channel, { participant, resumeDigest })
  }

  async #enter(
    channel: Channel,
    { participant, resumeDigest }: { participant: ParticipantId; resumeDigest: Uint8Array },
  ): Promise<void> {
    const { channels, limits } = this.#context
    const place: JoinedPlace = { state: 'joined', channel, participant, session: undefined }
    const member = this.#asMember(place)
    const { maxParticipants } = limits
    let session: SessionId | undefined
    try {
      const entered = await channel.enter({ participant, resumeDigest, maxParticipants, member })
      if (entered.result === 'full') return this.end(CLOSE_CODES.full)
      if (entered.result === 'unauthorized') return this.end(CLOSE_CODES.unauthorized)
      session = place.session = entered.session
    } finally {
      if (session === undefined) channels.release(channel)
    }
    // The connection may have ended, or left again, while the engine was entering it.
    if (this.#placeByRoom.get(channel.room) !== place)
      this.#quit(place, place.quitReason ?? this.#leaveReason)
  }

  #asMember(place: JoinedPlace): Member {
    return {
      joined: (participants) => {
        if (this.#isEnded) return
        const { channel } = place
        this.#isGranted = true
        this.#disarmDeadline()
        this.#placeByRoom.set(channel.room, place)
        this.#placeByChannel.set(channel.handle, place)
        const limits = toConnectionLimits(this.#context.limits)
        this.#send({
          type: 'joined',
          room: channel.room,
          channel: channel.handle,
          participants,
          limits,
        })
      },
      tell: (text) => this.#outbound.send(text),
      deliver: (frame) => this.#outbound.send(frame),
      replaced: () => {
        if (this.#placeByRoom.get(place.channel.room) === place) this.end(CLOSE_CODES.replaced)
      },
    }
  }

  #leave(room: RoomId): void {
    const place = this.#placeByRoom.get(room)
    if (place?.state !== 'joined') return this.#refuse(UNKNOWN_MESSAGE_ID, 'malformed')
    this.#forget(place)
    this.#quit(place, 'left')
    if (this.#placeByRoom.size === 0) this.#armDeadline()
  }

  async #publish(bytes: Uint8Array): Promise<void> {
    const { limits } = this.#context
    const frame = decodeDataFrame(bytes, { maxPayloadBytes: Infinity })
    if (frame?.type !== 'publish') return this.#refuse(readMessageId(bytes), 'malformed')
    if (frame.payload.length > limits.maxPayloadBytes) return this.#refuse(frame.id, 'too-large')
    const place = this.#placeByChannel.get(frame.channel)
    if (place === undefined) return this.#refuse(frame.id, 'unknown-channel')
    if (this.#inFlight >= limits.publishesInFlight) return this.#refuse(frame.id, 'rate')
    this.#inFlight += 1
    try {
      const position = await place.channel.publish(place.participant, frame)
      if (position === 'absent') return this.#refuse(frame.id, 'absent')
      const { channel, id } = frame
      if (this.#placeByChannel.get(channel) !== place) return
      this.#outbound.send(encodeDataFrame({ type: 'ack', channel, position, id }))
    } finally {
      this.#inFlight -= 1
    }
  }

  #refuse(id: MessageId, reason: RefusedReason): void {
    if (this.#isEnded) return
    this.#dropped += 1
    this.#context.counters.dropped[reason] += 1
    const counts = reason !== 'absent'
    if (counts && !this.#drops.take(this.#context.clock.now())) return this.end(CLOSE_CODES.rate)
    this.#send({ type: 'refused', id, reason })
  }

  #send(message: ServerMessage): void {
    this.#outbound.send(encodeMessage(message))
  }

  #finish(reason: LeaveReason): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#leaveReason = reason
    this.#disarmDeadline()
    this.#heartbeat.stop()
    this.#outbound.stop()
    for (const place of this.#placeByRoom.values()) {
      if (place.state !== 'joined') continue
      this.#forget(place)
      this.#quit(place, reason)
    }
    this.#placeByRoom.clear()
  }

  #forget({ channel }: JoinedPlace): void {
    this.#placeByRoom.delete(channel.room)
    this.#placeByChannel.delete(channel.handle)
  }

  #quit(place: JoinedPlace, reason: LeaveReason): void {
    const { channels, log } = this.#context
    const { channel, session } = place
    if (session === undefined) {
      place.quitReason = reason // the engine is still entering it: then
      return
    }
    channel
      .leave(session, reason)
      .catch(() => log({ event: 'failed', part: 'engine' }))
      .finally(() => channels.release(channel))
  }

  #armDeadline(): void {
    const { clock, limits } = this.#context
    this.#disarmDeadline()
    this.#deadline = clock.setTimeout(
      () => this.end(CLOSE_CODES.badHandshake),
      limits.joinDeadlineMs,
    )
  }

  #disarmDeadline(): void {
    this.#context.clock.clearTimeout(this.#deadline)
  }
}

type Place = { readonly state: 'joining' } | JoinedPlace

interface JoinedPlace {
  readonly state: 'joined'
  readonly channel: Channel
  readonly participant: ParticipantId
  /** Known when the engine has answered, which may be after `joined` was told. */
  session: SessionId | undefined
  /** How the place was left before its session was known. */
  quitReason?: LeaveReason
}
