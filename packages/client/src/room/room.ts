/**
 * The room: the one object that an app talks to. It puts together keys, channel, peers and frames.
 *
 * @module
 */
import {
  type LinkKeys,
  type Sealer,
  type SharedKeySource,
  createSealer,
  deriveLinkKeys,
  randomParticipantId,
} from '@conclave/e2ee'
import { Emitter, systemClock } from '@conclave/base'
import { HUB_PATH } from '@conclave/wire'
import type { Clock } from '@conclave/base'
import type { ParticipantId, RoomId } from '@conclave/wire'
import { Call } from '../call/mesh-transport.ts'
import { type ParticipantInfo, MAX_NAME_LENGTH, MESSAGE_KINDS } from '../messages/bodies.ts'
import { RoomMessages } from '../messages/room-messages.ts'
import type { Transport, TransportEnd } from '../transport.ts'
import { Chat, type ChatMessage } from './chat.ts'
import { DropCounter } from '../drop-counter.ts'
import { ClientError } from '../errors.ts'
import { HubTransport } from '../hub/hub-transport.ts'
import type { Participant } from './participant.ts'
import { Participants } from './participants.ts'
import { PublishedTracks, sourcedTracks } from './published-tracks.ts'
import type { RoomEvents, RoomOptions, RoomState, RoomStats } from './room-api.ts'
import { parseRoomLink } from './room-link.ts'
import { SignalDriver } from '../call/signal-driver.ts'
import { checkSupport } from './support.ts'
import { type StreamSource, type TrackSource, mediumOf } from '../track-source.ts'

/** A room that this session is in. Made by {@link Room.join}; ends with {@link Room.leave}. */
export class Room implements AsyncDisposable {
  /** The room's public id. */
  readonly id: RoomId
  /**
   * The keys of the room. `keys.setKey(secret, epoch)` rotates them: you must bring the new secret to everyone who is
   * to stay, by a way of your own; whoever does not get it is shut out.
   */
  readonly keys: SharedKeySource
  /** Text to everyone. */
  readonly chat: Chat
  /** Resolves when this session has ended, with why. Never rejects. */
  readonly closed: Promise<{ readonly reason: TransportEnd }>
  readonly #self: ParticipantId
  readonly #transport: Transport
  readonly #sealer: Sealer
  readonly #channel: RoomMessages
  readonly #call: Call | undefined
  readonly #participants: Participants
  readonly #published = new PublishedTracks()
  readonly #drops: DropCounter
  readonly #emitter = new Emitter<RoomEvents>()
  #name: string
  #state: RoomState = 'reconnecting'
  #resolveClosed: (end: { readonly reason: TransportEnd }) => void = () => {}

  private constructor(parts: RoomParts) {
    const { link, self, transport, clock, options } = parts
    this.id = link.room
    this.keys = link.keys
    this.#self = self
    this.#transport = transport
    this.#name = cleanName(options.name)
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve
    })
    this.#participants = new Participants(this.#emitter)
    this.#drops = new DropCounter((reason, count) =>
      this.#emitter.emit('dropped', { reason, count }),
    )
    this.#sealer = createSealer({ keys: link.keys, room: link.room, self })
    this.#channel = new RoomMessages({
      transport,
      sealer: this.#sealer,
      self,
      clock,
      info: this.#info(),
    })
    const driver = new SignalDriver({ channel: this.#channel, room: link.room, self })
    this.#call =
      options.media === false
        ? undefined
        : new Call({ room: link.room, self, keys: link.keys, driver, options })
    this.chat = new Chat({
      self,
      now: () => Math.floor(clock.now()),
      nameOf: (participant) => this.#nameOf(participant),
      broadcast: (kind, body) => this.#channel.broadcast(kind, body),
      changed: (message: ChatMessage) => this.#emitter.emit('chat', { message }),
    })
    this.#listen(driver)
  }

  /**
   * Joins the room of a link. Resolves when the hub has let this session in; participants follow as events.
   *
   * You must keep the link as secret as what is said in the room.
   *
   * @throws ClientError `ERR_CLIENT_LINK_INVALID`, `ERR_CLIENT_UNSUPPORTED`, `ERR_CLIENT_REFUSED`, `ERR_CLIENT_FULL`,
   *   `ERR_CLIENT_UNREACHABLE`, `ERR_CLIENT_ABORTED`
   */
  static async join(link: string, options: RoomOptions = {}): Promise<Room> {
    const parsed = await parseRoomLink(link)
    if (parsed.type === 'invalid') {
      throw new ClientError('ERR_CLIENT_LINK_INVALID', { reason: parsed.reason })
    }
    if (options.media !== false) {
      const support = await checkSupport()
      if (!support.supported) {
        throw new ClientError('ERR_CLIENT_UNSUPPORTED', { missing: support.missing })
      }
    }
    const keys = await deriveLinkKeys(parsed.secret)
    const self = randomParticipantId()
    const clock = options.clock ?? systemClock
    const transport = options.transport?.(self) ?? hubTransport(link, self, keys, clock, options)
    const room = new Room({ link: keys, self, transport, clock, options })
    try {
      await transport.open({ signal: options.signal })
    } catch (error) {
      await room.leave()
      throw error
    }
    return room
  }

  /** Always true: there is no way to take part without encryption spec R18. */
  get isE2EEEnabled(): true {
    return true
  }

  /** Whether the hub is there. Media between people goes on without it; chat and newcomers wait. */
  get state(): RoomState {
    return this.#state
  }

  /** Everyone else, as they are now. */
  get participants(): ReadonlyMap<ParticipantId, Participant> {
    return this.#participants.all
  }

  /** This session, as others see it. */
  get self(): Participant {
    const tracks = [...this.#published.entries()].map(
      ([source, entry]) => [source, { ...entry, e2ee: 'ok' }] as const,
    )
    return {
      id: this.#self,
      name: this.#name,
      isSelf: true,
      tracks: new Map(tracks),
      connection: 'connected',
    }
  }

  /** Subscribes to an event; gives back what unsubscribes. */
  on<T extends keyof RoomEvents>(type: T, handler: (event: RoomEvents[T]) => void): () => void {
    return this.#emitter.on(type, handler)
  }

  /**
   * Publishes the first audio and the first video track of a stream, or puts them in the place of those published
   * before. Nothing is sent before its frames are encrypted. The tracks stay yours: you stop them.
   *
   * @param options.source `camera` (with the microphone, the default) or `screen` (with its sound)
   * @throws ClientError `ERR_CLIENT_CLOSED`
   */
  async publish(
    stream: MediaStream,
    options: { readonly source?: StreamSource } = {},
  ): Promise<void> {
    this.#assertOpen()
    for (const { source, track } of sourcedTracks(stream, options.source ?? 'camera')) {
      this.#published.set(source, track)
      this.#call?.setTrack(source, mediumOf(source), track)
    }
    await this.#announce()
  }

  /** Ends what was published of a source; others see it go. Returns, not throws, when it was not published. */
  async unpublish(source: TrackSource): Promise<void> {
    if (this.#state === 'left' || !this.#published.delete(source)) return
    this.#call?.setTrack(source, mediumOf(source), null)
    await this.#announce()
  }

  /** Turns a published source on or off. What is off is not sent, not even as silence; others see that it is off. */
  setEnabled(source: TrackSource, enabled: boolean): void {
    const change = this.#published.enable(source, enabled)
    if (change === undefined || this.#state === 'left') return
    this.#call?.setTrack(source, mediumOf(source), change.track)
    void this.#announce()
  }

  /** Changes the name under which others see this session; at most 80 characters, longer ones are cut. */
  setName(name: string): void {
    this.#name = cleanName(name)
    if (this.#state !== 'left') void this.#announce()
  }

  /** Counters for diagnostics: what was sealed, opened and dropped, and the media connections' own statistics. */
  async stats(): Promise<RoomStats> {
    return { dropped: this.#drops.counts(), media: await this.#call?.stats() }
  }

  /** Leaves: others see it at once, media ends, keys are dropped. Idempotent; never rejects. */
  async leave(): Promise<void> {
    if (this.#state !== 'left') await this.#channel.settled()
    void this.#end('left')
    await this.closed
  }

  /** For a page that is being closed: tells the hub at once, without waiting for anything. */
  leaveNow(): void {
    this.#transport.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave()
  }

  #listen(driver: SignalDriver): void {
    const channel = this.#channel
    channel.on('joined', ({ participant, info }) => {
      this.#participants.add(participant, info)
      this.#call?.addPeer(participant)
    })
    channel.on('left', ({ participant }) => {
      this.#call?.removePeer(participant)
      this.#participants.remove(participant)
    })
    channel.on('info', ({ participant, info }) => this.#participants.setInfo(participant, info))
    channel.on('message', ({ from, kind, audience, body }) => {
      const understood =
        kind === MESSAGE_KINDS.chat
          ? this.chat.receive(from, body)
          : kind === MESSAGE_KINDS.signal && driver.receive(from, audience, body)
      if (!understood) this.#drops.count('malformed-body')
    })
    channel.on('acknowledged', ({ id }) => this.chat.acknowledged(id))
    channel.on('dropped', ({ reason, count }) => this.#drops.count(reason, count))
    channel.on('up', () => {
      this.#setState('connected')
      this.#call?.resync()
    })
    channel.on('down', () => this.#setState('reconnecting'))
    channel.on('ended', ({ reason }) => void this.#end(reason))
    this.#call?.listen({
      track: (id, source, track) => this.#participants.setTrack(id, source, track),
      connection: (id, state) => this.#participants.setConnection(id, state),
      e2ee: (event) => {
        const { id, source, shown, ...state } = event
        if (id !== this.#self && shown !== undefined) this.#participants.setE2EE(id, source, shown)
        const participant = id === this.#self ? this.self : this.participants.get(id)
        if (participant === undefined) return
        this.#emitter.emit('e2ee-state-change', { participant, source, ...state })
      },
      dropped: (reason, count) => this.#drops.count(reason, count),
    })
  }

  #info(): ParticipantInfo {
    return { name: this.#name, published: this.#published.info() }
  }

  async #announce(): Promise<void> {
    this.#emitter.emit('participantChanged', { participant: this.self })
    await this.#channel.setInfo(this.#info())
  }

  #nameOf(participant: ParticipantId): string {
    if (participant === this.#self) return this.#name
    return this.participants.get(participant)?.name ?? ''
  }

  #setState(state: RoomState): void {
    if (this.#state === state || this.#state === 'left') return
    this.#state = state
    this.#emitter.emit('stateChanged', { state })
  }

  #assertOpen(): void {
    if (this.#state === 'left') throw new ClientError('ERR_CLIENT_CLOSED', undefined)
  }

  async #end(reason: TransportEnd): Promise<void> {
    if (this.#state === 'left') return
    this.#setState('left')
    this.#channel.close()
    this.#transport.close()
    await this.#call?.close()
    this.#sealer.close()
    this.keys.close()
    this.#emitter.emit('closed', { reason })
    this.#emitter.clear()
    this.#resolveClosed({ reason })
  }
}

interface RoomParts {
  readonly link: LinkKeys
  readonly self: ParticipantId
  readonly transport: Transport
  readonly clock: Clock
  readonly options: RoomOptions
}

const hubTransport = (
  link: string,
  self: ParticipantId,
  { room, access }: LinkKeys,
  clock: Clock,
  options: RoomOptions,
): HubTransport => {
  const url = new URL(options.hub ?? HUB_PATH, link)
  url.protocol = url.protocol.replace(/^http/, 'ws')
  url.hash = ''
  return new HubTransport({ url: url.href, room, self, access, clock })
}

const cleanName = (name = ''): string => name.trim().slice(0, MAX_NAME_LENGTH)
