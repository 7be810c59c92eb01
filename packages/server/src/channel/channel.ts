import { encodeDataFrame, encodeMessage } from '@conclave/wire'
import type { LeaveReason, MessageId, ParticipantId, RoomId, ServerMessage } from '@conclave/wire'
import type { Engine, EngineChannel, EngineEvent, EnterResult } from '../engine/engine.ts'
import { randomSessionId } from '../engine/membership-id.ts'
import type { SessionId } from '../engine/membership-id.ts'

/** What a channel needs of a connection that is in it. None of these may throw. */
export interface Member {
  /** The room is open to this connection from here on. */
  joined(others: readonly ParticipantId[]): void
  /** A control message, encoded once for all. */
  tell(text: string): void
  /** A deliver frame, encoded once for all. */
  deliver(frame: Uint8Array): void
  /** Another connection took this one's place. */
  replaced(): void
}

/** Who enters. */
export interface Entry {
  readonly participant: ParticipantId
  readonly resumeDigest: Uint8Array
  readonly member: Member
  readonly maxParticipants: number
}

/** What is published. */
export interface Publication {
  readonly id: MessageId
  readonly to: ParticipantId | undefined
  readonly payload: Uint8Array
}

/**
 * One room at this hub: a replica of who is in it, made of the engine's events in their order, and the
 * members that are connected here.
 */
export class Channel {
  readonly room: RoomId
  readonly #sessionByParticipant = new Map<ParticipantId, SessionId>()
  readonly #localBySession = new Map<SessionId, Local>()
  readonly #leaving = new Set<Promise<void>>()
  readonly #onDelivered: () => void
  #engine: EngineChannel | undefined
  #handle = 0

  constructor(room: RoomId, onDelivered: () => void) {
    this.room = room
    this.#onDelivered = onDelivered
  }

  /** The handle of this room in data frames. */
  get handle(): number {
    return this.#handle
  }

  /** Connects the channel to its room. To be awaited before anything else is called. */
  async attach(engine: Engine): Promise<void> {
    this.#engine = await engine.attach(this.room, (event) => this.#apply(event))
  }

  /** Lets go of the room after those who left have left. */
  async detach(): Promise<void> {
    await Promise.all(this.#leaving)
    await this.#engine?.detach()
  }

  /** Enters a member; the session says which stay this is. `member.joined` was called when it is entered. */
  async enter(
    entry: Entry,
  ): Promise<{ readonly result: EnterResult; readonly session: SessionId }> {
    const { participant, resumeDigest, maxParticipants, member } = entry
    const session = randomSessionId()
    this.#localBySession.set(session, { participant, member, entered: false })
    let result: EnterResult | undefined
    try {
      result = await this.#attached.enter({ participant, session, resumeDigest, maxParticipants })
    } finally {
      if (result !== 'entered') this.#localBySession.delete(session)
    }
    return { result, session }
  }

  /** Takes a member out: it gets nothing more from here on. Resolves when the others have been told. */
  async leave(session: SessionId, reason: LeaveReason): Promise<void> {
    const local = this.#localBySession.get(session)
    if (local === undefined) return
    this.#localBySession.delete(session)
    const leaving = this.#attached.leave({ participant: local.participant, session, reason })
    this.#leaving.add(leaving)
    try {
      await leaving
    } finally {
      this.#leaving.delete(leaving)
    }
  }

  /** Gives a message of a member its place; `absent` when its one recipient is not in the room. spec H18 H20 */
  async publish(from: ParticipantId, { id, to, payload }: Publication): Promise<bigint | 'absent'> {
    if (to !== undefined && !this.#sessionByParticipant.has(to)) return 'absent'
    return (await this.#attached.publish({ id, from, to, payload })).position
  }

  get #attached(): EngineChannel {
    if (this.#engine === undefined)
      throw new Error('unreachable: channel used before it was attached')
    return this.#engine
  }

  #apply(event: EngineEvent): void {
    switch (event.type) {
      case 'attached':
        this.#handle = event.channel
        for (const { participant, session } of event.sessions) {
          this.#sessionByParticipant.set(participant, session)
        }
        return
      case 'participantJoined': {
        const { participant, session } = event
        this.#sessionByParticipant.set(participant, session)
        this.#open(session)
        return this.#tellOthers({ type: 'participantJoined', channel: this.#handle, participant })
      }
      case 'participantReplaced': {
        this.#sessionByParticipant.set(event.participant, event.session)
        const previous = this.#localBySession.get(event.previous)
        this.#localBySession.delete(event.previous)
        this.#open(event.session)
        return previous?.member.replaced()
      }
      case 'participantLeft': {
        const { participant, session, reason } = event
        this.#localBySession.delete(session)
        this.#sessionByParticipant.delete(participant)
        return this.#tellOthers({
          type: 'participantLeft',
          channel: this.#handle,
          participant,
          reason,
        })
      }
      case 'message':
        return this.#deliver(event)
    }
  }

  #open(session: SessionId): void {
    const local = this.#localBySession.get(session)
    if (local === undefined) return
    local.entered = true
    local.member.joined(
      [...this.#sessionByParticipant.keys()].filter((id) => id !== local.participant),
    )
  }

  #tellOthers(message: ServerMessage & { readonly participant: ParticipantId }): void {
    const text = encodeMessage(message)
    for (const { participant, member, entered } of this.#localBySession.values()) {
      if (entered && participant !== message.participant) member.tell(text)
    }
  }

  #deliver({ position, id, from, to, payload }: EngineEvent & { readonly type: 'message' }): void {
    const recipients = to === undefined ? this.#others(from) : this.#only(to, from)
    if (recipients.length === 0) return
    const frame = encodeDataFrame({
      type: 'deliver',
      channel: this.#handle,
      position,
      id,
      from,
      payload,
    })
    for (const member of recipients) {
      member.deliver(frame)
      this.#onDelivered()
    }
  }

  #others(from: ParticipantId): Member[] {
    return [...this.#localBySession.values()]
      .filter(({ participant, entered }) => entered && participant !== from)
      .map(({ member }) => member)
  }

  #only(to: ParticipantId, from: ParticipantId): Member[] {
    const session = to === from ? undefined : this.#sessionByParticipant.get(to)
    const local = session === undefined ? undefined : this.#localBySession.get(session)
    return local?.entered === true ? [local.member] : []
  }
}

interface Local {
  readonly participant: ParticipantId
  readonly member: Member
  entered: boolean
}
