import { decodeBase64Url } from '@conclave/base'
import {
  decodeDataFrame,
  decodeServerMessage,
  encodeDataFrame,
  encodeMessage,
  parseChannelName,
} from '@conclave/wire'
import type {
  AckFrame,
  ClientMessage,
  DeliverFrame,
  JoinedMessage,
  JoinMessage,
  MemberId,
  MemberPageMessage,
  MessageId,
  ParticipantId,
  ServerMessage,
  SignalledFrame,
  SubscribedMessage,
  SubscribeMessage,
} from '@conclave/wire'
import type { RequestFacts } from '../access/authorizer.ts'
import type { Hub } from '../hub.ts'
import type { HubConnection, SessionSocket } from '../session/session-socket.ts'
import { createTestSession, randomMessage } from './test-room.ts'
import type { TestRoom, TestSession } from './test-room.ts'

/** The identity of a {@link MemoryClient}. */
export interface MemoryClientOptions {
  readonly address?: string
  /** The facts about the request that opened the connection. */
  readonly facts?: RequestFacts
  /** Left out: one with fresh keys, made by the first `join`. */
  readonly session?: TestSession
}

/**
 * A client without a network, driven by hand: messages of the hub are collected in arrays, and the test decides when
 * the transport closes and how much is queued.
 */
export class MemoryClient {
  readonly connection: HubConnection
  /** Control messages of the hub, in order. */
  readonly messages: ServerMessage[] = []
  readonly delivered: DeliverFrame[] = []
  readonly acks: AckFrame[] = []
  readonly signalled: SignalledFrame[] = []
  /** The types of everything that came, in order: `challenge`, `deliver`, … */
  readonly order: string[] = []
  /** How many bytes the hub believes to be queued. */
  bufferedBytes = 0
  pings = 0
  /** Whether pings are answered at once. */
  isAnswering = true
  isTerminated = false
  /** Whether the hub reads this client: what the client sends otherwise waits. */
  isPaused = false
  /** The code and reason with which the hub ended the connection. */
  end: { readonly code: number; readonly reason: string } | undefined
  readonly #host: string
  readonly #held: (() => void)[] = []
  #session: TestSession | undefined
  #sentBytes = 0
  #requests = 0

  get [Symbol.toStringTag](): string {
    return 'MemoryClient'
  }

  constructor(hub: Hub, options: MemoryClientOptions = {}) {
    const { address, facts, session } = options
    this.#session = session
    this.#host = new URL(hub.origins[0] ?? '').host
    this.connection = hub.connect(this.#asSocket(), {
      ...(address === undefined ? {} : { address }),
      ...(facts === undefined ? {} : { facts }),
    })
  }

  /** Joins with a valid proof, apart from what `changes` replaces. Resolves when the hub has decided. */
  async join(
    room: TestRoom,
    changes: Partial<JoinMessage> & { readonly nonce?: Uint8Array } = {},
  ): Promise<JoinedMessage | undefined> {
    const { nonce = this.nonce, ...members } = changes
    this.#session ??= await createTestSession()
    const join = await room.join({ nonce, host: this.#host, session: this.#session })
    await this.say({ ...join, ...members })
    return this.heard('joined')
      .filter((message) => message.room === room.id)
      .at(-1)
  }

  /** The keys that the client joins with. */
  get session(): TestSession {
    if (this.#session === undefined) throw new Error('the client has no session before it joins')
    return this.#session
  }

  get participant(): ParticipantId {
    return this.session.participant
  }

  /** The nonce of the hub's challenge. */
  get nonce(): Uint8Array {
    const [challenge] = this.messages
    const nonce = challenge?.type === 'challenge' ? decodeBase64Url(challenge.nonce) : undefined
    if (nonce === undefined) throw new Error('the hub sent no challenge')
    return nonce
  }

  /** The handle of the channel that was joined, or subscribed to, last. */
  get channel(): number {
    const opened = this.messages.flatMap((message) =>
      message.type === 'joined' || message.type === 'subscribed' ? [message.channel] : [],
    )
    const channel = opened.at(-1)
    if (channel === undefined) throw new Error('no channel was joined')
    return channel
  }

  /**
   * Asks for a guarded channel; for every right but `call`, unless `changes` has others. Resolves when the hub has decided, with
   * `undefined` when it did not grant it.
   */
  async subscribe(
    channel: string,
    changes: Partial<SubscribeMessage> = {},
  ): Promise<SubscribedMessage | undefined> {
    const id = this.#nextId()
    const wants = ['subscribe', 'publish', 'signal', 'presence'] as const
    const name = parseChannelName(channel)
    if (name === undefined) throw new Error('no name of a guarded channel')
    await this.say({
      ...{ type: 'subscribe', id, channel: name, wants, token: '', info: '' },
      ...changes,
    })
    return this.heard('subscribed')
      .filter((message) => message.id === (changes.id ?? id))
      .at(-1)
  }

  /** Asks for members of the channel that was subscribed to last. */
  async members(
    options: { readonly after?: MemberId | ''; readonly channel?: number } = {},
  ): Promise<MemberPageMessage | undefined> {
    const { after = '', channel = this.channel } = options
    const id = this.#nextId()
    await this.say({ type: 'members', id, channel, after })
    return this.heard('memberPage').find((message) => message.id === id)
  }

  /** Sends a control message. */
  say(message: ClientMessage): Promise<void> {
    return this.#give(encodeMessage(message))
  }

  /** Publishes to the channel that was joined, or subscribed to, last. */
  async publish(
    payload: Uint8Array,
    options: {
      readonly to?: ParticipantId
      readonly id?: MessageId
      readonly channel?: number
    } = {},
  ): Promise<MessageId> {
    const { to, id = randomMessage(), channel = this.channel } = options
    await this.#give(encodeDataFrame({ type: 'publish', channel, id, to, payload }))
    return id
  }

  /** Signals to the channel that was subscribed to last. */
  async signal(
    payload: Uint8Array,
    options: {
      readonly to?: MemberId
      readonly id?: MessageId
      readonly channel?: number
    } = {},
  ): Promise<MessageId> {
    const { to, id = randomMessage(), channel = this.channel } = options
    await this.#give(encodeDataFrame({ type: 'signal', channel, id, to, payload }))
    return id
  }

  /** The messages of one type. */
  heard<T extends ServerMessage['type']>(type: T): (ServerMessage & { readonly type: T })[] {
    return this.messages.filter((message) => message.type === type) as (ServerMessage & {
      readonly type: T
    })[]
  }

  /** Ends the transport. */
  close(code = 1001): void {
    this.connection.closed(code)
  }

  #nextId(): number {
    this.#requests += 1
    return this.#requests
  }

  /** Gives data to the hub, when it reads. */
  #give(data: string | Uint8Array): Promise<void> {
    if (!this.isPaused) return this.connection.receive(data)
    return new Promise((resolve) => {
      this.#held.push(() => resolve(this.connection.receive(data)))
    })
  }

  #asSocket(): SessionSocket {
    const bufferedBytes = (): number => this.bufferedBytes
    const leftBytes = (): number => this.#sentBytes - this.bufferedBytes
    return {
      get bufferedBytes() {
        return bufferedBytes()
      },
      get leftBytes() {
        return leftBytes()
      },
      pause: () => {
        this.isPaused = true
      },
      resume: () => {
        this.isPaused = false
        while (!this.isPaused && this.#held.length > 0) this.#held.shift()?.()
      },
      send: (data) => this.#receive(data),
      ping: () => {
        this.pings += 1
        if (this.isAnswering) this.connection.controlled()
      },
      close: (code, reason) => {
        this.end = { code, reason }
      },
      terminate: () => {
        this.isTerminated = true
        this.connection.closed(1006)
      },
    }
  }

  #receive(data: string | Uint8Array): void {
    if (this.end !== undefined) throw new Error('the hub sent something after it closed')
    this.#sentBytes += data.length
    if (typeof data === 'string') {
      const message = decodeServerMessage(data)
      if (message === undefined) throw new Error('the hub sent a malformed control message')
      this.messages.push(message)
      this.order.push(message.type)
      return
    }
    const frame = decodeDataFrame(data.slice())
    if (frame === undefined || frame.type === 'publish' || frame.type === 'signal')
      throw new Error('the hub sent a malformed frame')
    if (frame.type === 'deliver') this.delivered.push(frame)
    else if (frame.type === 'ack') this.acks.push(frame)
    else this.signalled.push(frame)
    this.order.push(frame.type)
  }
}
