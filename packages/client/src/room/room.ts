/**
 * The room: the one object that an app talks to.
 *
 * @module
 */
import { DropCounter, Emitter } from '@conclave/base'
import type { KeySource, SharedKeySource } from '@conclave/e2ee'
import type { Wish } from '@conclave/p2p'
import type { ParticipantId, RoomId } from '@conclave/wire'
import { emitAuthority, nextView } from '../admission/authority-view.ts'
import type { RoomControl } from '../admission/room-control.ts'
import {
  BOOLEAN,
  EVENT_TARGET,
  FUNCTION,
  OBJECT,
  TEXT,
  checkArgument,
  optional,
} from '../arguments.ts'
import { type MediaTransport, type SideMedia, WORKING } from '../call/media-transport.ts'
import type { Topic, TopicOptions } from '../data/topic.ts'
import { ClientError } from '../errors.ts'
import { type RoomProblem, problemFrom, problemOf } from '../problem.ts'
import { TRACK_SOURCE, type StreamSource, type TrackSource } from '../track-source.ts'
import type { TransportEnd } from '../transport.ts'
import type { Chat } from './chat.ts'
import { DataLoader } from './data-loader.ts'
import { endRoom } from './end-parts.ts'
import { type RoomParts, composeRoom } from './join-room.ts'
import { sayLastWords } from './last-words.ts'
import { type RoomFiles, createRoomFiles } from './create-room-files.ts'
import { OwnParticipant } from './own-participant.ts'
import type { Participant } from './participant.ts'
import { type ParticipantMap, Participants, emitRecording } from './participants.ts'
import { ProblemReporter } from './problem-reporter.ts'
import { PublishedTracks, sourcedTracks } from './published-tracks.ts'
import {
  EVENT,
  type RoomEvents,
  type RoomOptions,
  type RoomStats,
  type RoomTarget,
} from './room-api.ts'
import type { RecordingAnnouncement } from '../recording/recording-announcement.ts'
import { createRoomChat } from './room-chat.ts'
import type { OpenedRoomLink } from './room-link.ts'
import { type RoomProperties, roomProperties } from './room-properties.ts'
import { type RoomSnapshot, type RoomState, RoomStore } from './room-store.ts'
import { wireRoom } from './room-wiring.ts'
import { TrackSending, createSideMedia } from './track-sending.ts'

/** A room that this session is in. Made by {@link Room.join}; ends with {@link Room.leave}. */
export class Room<Keys extends KeySource = SharedKeySource> implements AsyncDisposable {
  /** The room's public id. */
  readonly id: RoomId
  /**
   * The root of the room, by which sessions meet; each speaks under its own keys. With a link, `keys.setKey(secret, epoch)`
   * rotates it: you must bring the new secret yourself to everyone who is to stay; all others are out 15 s later. spec R59
   */
  readonly keys: Keys
  /** Lets others in and puts them out, for the room's owner and hosts. */
  readonly authority: RoomControl
  /** Text to everyone. */
  readonly chat: Chat
  /** Files to participants; those of others come with the event `file`. */
  readonly files: RoomFiles
  /** Resolves when this session has ended, with the reason. Never rejects. */
  readonly closed: Promise<{ readonly reason: TransportEnd }>
  /** Calls `listener` after each change of {@link Room.snapshot}, until the returned function is called. spec R24 */
  readonly subscribe: (listener: () => void) => () => void
  /** The session, for media that you send by yourself beside the published tracks: `hubDriver` does so. Not for a room that was left. */
  readonly sideMedia = (): SideMedia =>
    createSideMedia(this.#parts, { tracks: this.#tracks, problems: this.#problems })
  readonly #parts: RoomParts<Keys>
  readonly #store: RoomStore
  readonly #participants: Participants
  readonly #unwire: () => void
  readonly #published = new PublishedTracks((source) => this.#trackEnded(source))
  readonly #problems: ProblemReporter
  readonly #drops: DropCounter<string>
  readonly #emitter = new Emitter<RoomEvents>()
  readonly #tracks: TrackSending
  readonly #own: OwnParticipant
  readonly #data: DataLoader
  #resolveClosed: (end: { readonly reason: TransportEnd }) => void = () => {}

  get [Symbol.toStringTag](): string {
    return 'Room'
  }

  private constructor(parts: RoomParts<Keys>) {
    const { clock } = parts
    this.id = parts.room
    this.keys = parts.keys
    this.authority = parts.governance.control
    this.#parts = parts
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve
    })
    this.#tracks = new TrackSending(parts, this.#published, (call) => this.#callMedia(call))
    this.#own = new OwnParticipant({
      ...{ parts, published: this.#published, changed: () => this.#showSelf() },
      failed: (error) => {
        this.#drops.count('not-sealed')
        this.#report(problemFrom(error, 'ERR_CLIENT_MESSAGE_FAILED'))
      },
    })
    this.#problems = new ProblemReporter(clock, (problem) => this.#emitter.emit('problem', problem))
    this.#participants = new Participants({
      events: this.#emitter,
      changed: (participants) => void this.#store.update({ participants }),
      confirmationOf: (participant) => parts.persons.confirmationOf(participant),
    })
    this.#drops = new DropCounter((reason, count) =>
      this.#emitter.emit('dropped', { reason, count }),
    )
    this.chat = createRoomChat(parts, {
      events: this.#emitter,
      participant: (id) => this.#participant(id),
      update: (change) => void this.#store.update(change),
    })
    this.#store = new RoomStore({
      state: 'reconnecting',
      self: this.#own.view(),
      participants: new Map(),
      media: parts.media && WORKING,
      code: parts.persons.code,
      messages: this.chat.messages,
      missed: this.chat.missed,
      authority: nextView(undefined, parts.governance),
    })
    this.subscribe = (listener) => {
      checkArgument('listener', listener, FUNCTION)
      return this.#store.subscribe(listener)
    }
    this.#data = new DataLoader({
      ...{ parts, participants: this.#participants, drops: this.#drops, own: this.#own },
      isUp: () => this.state === 'connected',
      report: (problem) => this.#report(problem),
    })
    const shared = { participants: this.#participants, drops: this.#drops, events: this.#emitter }
    this.files = createRoomFiles(parts, { ...shared, data: this.#data })
    this.#unwire = wireRoom(parts, {
      ...{ ...shared, files: this.files, chat: this.chat },
      participant: (id) => this.#participant(id),
      self: () => this.self,
      setState: (state) => this.#setState(state),
      problem: (problem) => this.#report(problem),
      callMedia: (call) => this.#callMedia(call),
      published: this.#published,
      showSelf: () => this.#showSelf(),
      protectionChanged: (media) => void this.#store.update({ media }),
      codeChanged: (code) => void this.#store.update({ code }),
      authorityChanged: () => this.#authorityChanged(),
      ended: (reason) => void this.#end(reason),
    })
  }

  /**
   * Joins a room by its link. Resolves when the hub has admitted this session, and waits for a hub that is away;
   * participants follow as events.
   *
   * You must keep the link as secret as the conversation in the room.
   *
   * @throws TypeError `ERR_CLIENT_ARGUMENT` for a wrong option, or for a link that is no text
   * @throws ClientError `ERR_CLIENT_LINK_INVALID`, `ERR_CLIENT_UNSUPPORTED`, `ERR_CLIENT_REFUSED`, `ERR_CLIENT_FULL`,
   *   `ERR_CLIENT_ABORTED`, `ERR_CLIENT_ACCESS`
   * @throws MediaError with `media: 'required'`: `ERR_MEDIA_WORKER_START`, whose `details.reason` says why the worker does not
   *   start, `ERR_MEDIA_NO_KEY`
   * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
   */
  static join(link: string | OpenedRoomLink, options?: RoomOptions): Promise<Room>
  /**
   * Joins a room with any keys. The keys stay yours: the room closes only keys that it derived from a link itself.
   *
   * @throws as above; TypeError `ERR_CLIENT_ARGUMENT` also for a target with a wrong part
   */
  static join<Keys extends KeySource>(
    target: RoomTarget<Keys>,
    options?: RoomOptions,
  ): Promise<Room<Keys>>
  static async join<Keys extends KeySource>(
    target: string | RoomTarget<Keys>,
    options: RoomOptions = {},
  ): Promise<Room<Keys>> {
    const parts = await composeRoom(target, options)
    const room = new Room(parts)
    const stop = parts.transport.on('down', ({ hub }) => options.onUnreachable?.(hub))
    try {
      if (options.media === 'required') await parts.media?.ready
      await parts.transport.open({ signal: options.signal })
    } catch (error) {
      await room.leave()
      throw error
    } finally {
      stop()
    }
    return room
  }

  /** Always true: there is no way to take part without encryption. spec R18 */
  get isE2EEEnabled(): true {
    return true
  }

  /** The room at this moment, as one immutable value; another one after each change. spec R24 */
  get snapshot(): RoomSnapshot {
    return this.#store.snapshot
  }

  /** Whether the hub is there. Media continues without it; chat and newcomers wait. */
  get state(): RoomState {
    return this.snapshot.state
  }

  /** Everyone else, at this moment. */
  get participants(): ParticipantMap {
    return this.snapshot.participants
  }

  /** This session, as others see it. */
  get self(): Participant {
    return this.snapshot.self
  }

  /** Calls `handler` for each event of this type, until the returned function is called. */
  on<T extends keyof RoomEvents>(type: T, handler: (event: RoomEvents[T]) => void): () => void {
    checkArgument('type', type, EVENT)
    checkArgument('handler', handler, FUNCTION)
    const stop = this.#emitter.on(type, handler)
    if (type === 'problem') this.#problems.listened()
    if (type === 'file') this.files.listened()
    return stop
  }

  /**
   * Publishes the first audio and the first video track of a stream, in the place of those published before. Nothing is
   * sent before its frames are encrypted. You still own the tracks and stop them.
   *
   * @param options.source `camera` (with the microphone, the default) or `screen` (with its audio)
   * @throws TypeError `ERR_CLIENT_ARGUMENT`, also for a stream without a track, or with one that ended
   * @throws ClientError `ERR_CLIENT_CLOSED`
   */
  async publish(stream: MediaStream, options: { source?: StreamSource } = {}): Promise<void> {
    const tracks = sourcedTracks(stream, options)
    if (this.state === 'left') throw new ClientError('ERR_CLIENT_CLOSED', undefined)
    this.#tracks.publish(tracks)
    await this.#own.announce()
  }

  /**
   * Ends a published source; others see it go. Returns, not throws, when it was not published.
   *
   * @throws TypeError `ERR_CLIENT_ARGUMENT` for anything but a source
   */
  async unpublish(source: TrackSource): Promise<void> {
    checkArgument('source', source, TRACK_SOURCE)
    if (this.state === 'left' || !this.#published.delete(source)) return
    this.#tracks.send(source)
    await this.#own.announce()
  }

  /**
   * Turns a published source on or off. A source that is off is not sent, not even as silence; others see that. One whose
   * track has ended stays off, and one that is not published changes nothing.
   *
   * @throws TypeError `ERR_CLIENT_ARGUMENT`
   */
  setEnabled(source: TrackSource, enabled: boolean): void {
    checkArgument('source', source, TRACK_SOURCE)
    checkArgument('enabled', enabled, BOOLEAN)
    if (!this.#published.enable(source, enabled) || this.state === 'left') return
    this.#tracks.send(source)
    void this.#own.announce()
  }

  /**
   * Says how much of a participant's picture somebody looks at: `full` at first, `low` for a small one, `paused` for none, which costs both
   * sides nothing; a paused video shows its last picture, and comes back in less than a second. It holds while the participant is in the room; nothing
   * changes for one that is not, and with a media transport that cannot do it. Sound always comes. You must want a video in full that you record. spec R211
   *
   * @throws TypeError `ERR_CLIENT_ARGUMENT`
   */
  watch(participant: ParticipantId, source: StreamSource, wish: Wish): void {
    const isThere = this.#participants.watch(participant, source, wish)
    if (isThere) this.#callMedia((media) => media.watch?.(participant, source, wish))
  }

  /**
   * Changes the name under which others see this session; at most 80 characters, longer ones are cut.
   *
   * @throws TypeError `ERR_CLIENT_ARGUMENT` for anything but text
   */
  setName(name: string): void {
    checkArgument('name', name, TEXT)
    this.#own.name = name
    if (this.state !== 'left') void this.#own.announce()
  }

  /**
   * Remembers that a participant is who its name says: show it as `confirmation`, in this session and, if it has a person,
   * in later ones. You must compare `snapshot.code` by voice before. Resolves to whether later sessions
   * know it too. spec R94
   *
   * @param confirmed `false` takes it back
   * @throws TypeError `ERR_CLIENT_ARGUMENT` for anybody but a participant who is there
   */
  async confirm(participant: ParticipantId, confirmed = true): Promise<boolean> {
    return this.#parts.persons.confirm(participant, { ...this.snapshot, confirmed })
  }

  /**
   * Says to everyone that this session records, also to those who come later. Resolves when the hub has it, and waits for a hub
   * that is away. **You must record nothing before, and nothing of a participant to whom it `isKnownTo` does not apply**:
   * `startRecording` of `@conclave/recording` does all of it. spec Q2, Q3
   *
   * @throws TypeError `ERR_CLIENT_ARGUMENT`
   * @throws ClientError `ERR_CLIENT_RECORDING`, whose `details.reason` says why, `ERR_CLIENT_NOT_ADMITTED`, `ERR_CLIENT_OVERFLOW`,
   *   `ERR_CLIENT_ABORTED`, `ERR_CLIENT_CLOSED`
   */
  async announceRecording(
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<RecordingAnnouncement> {
    checkArgument('options', options, OBJECT)
    checkArgument('signal', options.signal, optional(EVENT_TARGET))
    return this.#own.recording.announce(options.signal)
  }

  /**
   * Opens a topic: values, JSON or bytes, to everyone who has it open, or to one of them. Its code is loaded with the first one. spec R174
   *
   * @throws TypeError `ERR_CLIENT_ARGUMENT` for a wrong name or option, also where the topic is open with another one
   * @throws ClientError `ERR_CLIENT_NOT_LOADED`, `ERR_CLIENT_OVERFLOW` for more than 64 topics, `ERR_CLIENT_CLOSED`
   */
  async topic<Value = unknown>(
    name: string,
    options: TopicOptions<Value> = {},
  ): Promise<Topic<Value>> {
    return this.#data.topic(name, options)
  }

  /** The facts about the room as it is now: how far each property holds, and because of what. spec R97 */
  properties(): RoomProperties {
    const { authority, self, participants } = this.snapshot
    return roomProperties(this.#parts, authority, [self, ...participants.values()])
  }

  /** Counters for diagnostics: of dropped messages and frames, and of the frame encryption. */
  async stats(): Promise<RoomStats> {
    const media = await this.#parts.media?.stats().catch(() => undefined)
    return { dropped: this.#drops.counts(), media }
  }

  /**
   * Leaves: media ends at once, and others see that it left when they have what it wrote, 2 s later at most; a message that
   * the hub has not got by then is `failed`. Idempotent; never rejects. spec R103
   */
  async leave(): Promise<void> {
    if (this.state !== 'left') {
      this.#tracks.end()
      await sayLastWords(this.#parts, this)
    }
    await this.#end('left').then(() => this.closed)
  }

  /** For a page that is being closed: leaves at once, without waiting for the hub. */
  leaveNow(): void {
    this.#parts.transport.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave()
  }

  #participant(id: ParticipantId): Participant | undefined {
    return id === this.#parts.self ? this.self : this.participants.get(id)
  }

  #showSelf(): void {
    const before = this.self
    const participant = this.#own.view(before)
    if (!this.#store.update({ self: participant })) return
    emitRecording(this.#emitter, before, participant)
    this.#emitter.emit('participantChanged', { participant })
  }

  /** Others would look at its last picture: it is off for them. spec R36 */
  #trackEnded(source: TrackSource): void {
    this.setEnabled(source, false)
    this.#report(problemOf('ERR_CLIENT_TRACK_ENDED', `the published track of ${source} ended`))
  }

  #callMedia(call: (media: MediaTransport) => void): void {
    try {
      if (this.#parts.media !== undefined) call(this.#parts.media)
    } catch (error) {
      this.#report(problemFrom(error, 'ERR_CLIENT_MEDIA'))
    }
  }

  #authorityChanged(): void {
    const { authority: before } = this.snapshot
    const authority = nextView(before, this.#parts.governance)
    if (this.#store.update({ authority })) emitAuthority(this.#emitter, before, authority)
  }

  /** At the end everything is refused, and that is no problem. */
  #report(problem: RoomProblem): void {
    if (this.state !== 'left') this.#problems.report(problem)
  }

  #setState(state: RoomState): void {
    if (this.state === 'left' || !this.#store.update({ state })) return
    this.#emitter.emit('stateChanged', { state })
  }

  async #end(reason: TransportEnd): Promise<void> {
    if (this.state === 'left') return
    this.#setState('left')
    this.#tracks.close()
    this.#own.recording.close()
    const first = [() => this.chat.end(), () => this.#data.close(), () => this.#unwire()]
    await endRoom(first, this.#parts, (problem) => this.#problems.report(problem))
    this.#emitter.emit('closed', { reason })
    this.#emitter.clear()
    this.#store.close()
    this.#resolveClosed({ reason })
  }
}
