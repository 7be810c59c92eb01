import { Emitter } from '@conclave/base'
import type { KeySource } from '@conclave/e2ee'
import type { MediaStats } from '@conclave/media'
import type { ParticipantId } from '@conclave/wire'
import { ClientError } from '../errors.ts'
import type { Participant } from '../room/participant.ts'
import type { RoomProblem } from '../problem.ts'
import { Room } from '../room/room.ts'
import type { TransportEnd } from '../transport.ts'
import { MeetingParticipant } from './meeting-participant.ts'
import { type MeetingOptions, meetingTarget } from './meeting-target.ts'
import { captureMedia } from './page.ts'

/** The events of a {@link Meeting}. */
export interface MeetingEvents {
  readonly 'meeting-joined': Record<never, never>
  readonly 'meeting-left': { readonly reason: TransportEnd }
  readonly 'participant-joined': MeetingParticipant
  readonly 'participant-left': MeetingParticipant
  /** Something failed that no call reports. */
  readonly error: RoomProblem
}

/** The parts of a meeting. */
export interface MeetingParts extends MeetingOptions {
  readonly keys: KeySource
  readonly audio: boolean
  readonly video: boolean
  /** Called with the room when it is joined. */
  readonly onRoom?: (room: Room<KeySource>) => Promise<void>
}

/** A room under the names of other kits. Nothing of it is sent or shown unencrypted. spec R132 */
export class Meeting {
  /** This session; its id is there when it has joined. */
  readonly localParticipant: MeetingParticipant
  readonly #parts: MeetingParts
  readonly #emitter = new Emitter<MeetingEvents>()
  readonly #participants = new Map<ParticipantId, MeetingParticipant>()
  #room: Room<KeySource> | undefined
  #joined: Promise<this> | undefined
  #hasLeft = false

  get [Symbol.toStringTag](): string {
    return 'Meeting'
  }

  constructor(parts: MeetingParts) {
    this.#parts = parts
    this.localParticipant = new MeetingParticipant(() => this.#room?.self)
  }

  /** The name of the meeting. */
  get id(): string {
    return this.#parts.meetingId
  }

  /** Always `true`: a meeting without encryption is not made. spec R132 */
  get isE2EEEnabled(): true {
    return true
  }

  /** The others. */
  get participants(): ReadonlyMap<ParticipantId, MeetingParticipant> {
    return this.#participants
  }

  /** The room, for everything that has no name here: chat, screens, the room code. `undefined` before it is joined. */
  get room(): Room<KeySource> | undefined {
    return this.#room
  }

  /**
   * Asks for camera and microphone, as far as they are wanted, joins and publishes them. A second call is the first one.
   *
   * @throws as `Room.join`, and with the browser's error when it gives no camera or microphone: nothing was joined then
   * @throws ClientError `ERR_CLIENT_CLOSED` after `leave`
   */
  join(): Promise<this> {
    this.#joined ??= this.#join()
    return this.#joined
  }

  /** Leaves, and ends camera and microphone. A meeting that was left is not joined again: make another one. Never rejects. */
  async leave(): Promise<void> {
    this.#hasLeft = true
    await this.#joined?.catch(() => {})
    await this.#room?.leave()
  }

  /** Counters of the frame encryption; `undefined` before joining, and after the end. */
  async getStats(): Promise<MediaStats | undefined> {
    return (await this.#room?.stats())?.media
  }

  /** Calls `handler` for each event of this type, until the returned function is called. */
  on<T extends keyof MeetingEvents>(
    type: T,
    handler: (event: MeetingEvents[T]) => void,
  ): () => void {
    return this.#emitter.on(type, handler)
  }

  async #join(): Promise<this> {
    const { audio, video, keys, name, room: options, onRoom } = this.#parts
    this.#requireOpen()
    const target = await meetingTarget(this.#parts, keys)
    const isSending = (audio || video) && options?.media !== false
    const stream = isSending ? await captureMedia({ audio, video }) : undefined
    const stop = (): void => stream?.getTracks().forEach((track) => track.stop())
    let room: Room<KeySource> | undefined
    try {
      this.#requireOpen()
      room = await Room.join(target, { ...options, name })
      await onRoom?.(room)
    } catch (error) {
      stop()
      await room?.leave()
      throw error
    }
    void room.closed.then(stop)
    this.#room = room
    this.#listen(room)
    if (stream !== undefined) await room.publish(stream)
    this.#emitter.emit('meeting-joined', {})
    return this
  }

  #requireOpen(): void {
    if (this.#hasLeft) throw new ClientError('ERR_CLIENT_CLOSED', undefined)
  }

  #listen(room: Room<KeySource>): void {
    const participantOf = (id: ParticipantId): MeetingParticipant | undefined =>
      id === room.self.id ? this.localParticipant : this.#participants.get(id)
    for (const participant of room.participants.values()) this.#add(room, participant)
    room.on('participantJoined', ({ participant }) => this.#add(room, participant))
    room.on('participantChanged', ({ participant }) => participantOf(participant.id)?.showTracks())
    room.on('participantLeft', ({ participant }) => {
      const left = this.#participants.get(participant.id)
      this.#participants.delete(participant.id)
      if (left !== undefined) this.#emitter.emit('participant-left', left)
    })
    room.on('e2ee-state-change', ({ participant, source, kind, state, reason }) =>
      participantOf(participant.id)?.report({ kind, source, state, reason }),
    )
    room.on('problem', (problem) => this.#emitter.emit('error', problem))
    room.on('closed', ({ reason }) => this.#emitter.emit('meeting-left', { reason }))
  }

  #add(room: Room<KeySource>, participant: Participant): void {
    const { id } = participant
    let last = participant
    const added = new MeetingParticipant(() => {
      last = room.participants.get(id) ?? last
      return last
    })
    this.#participants.set(id, added)
    this.#emitter.emit('participant-joined', added)
    added.showTracks()
  }
}
