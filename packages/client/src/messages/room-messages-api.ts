/**
 * The needs and the events of the sealed messages of a room.
 *
 * @module
 */
import type { Clock } from '@conclave/base'
import type { ParticipantKeySource, Sealer } from '@conclave/e2ee'
import type { MessageId, ParticipantId } from '@conclave/wire'
import type { Admission } from '../admission/admission.ts'
import type { Show } from '../lobby/show-inside.ts'
import type { KeyLimits } from '../keys/key-schedule.ts'
import type { PersonId } from '../persons/person-id.ts'
import type { RoomProblem } from '../problem.ts'
import type { Transport, TransportEnd, TransportEvents } from '../transport.ts'
import type { ParticipantInfo } from './bodies.ts'
import type { DropReason } from './drop-reason.ts'
import type { Introductions } from './introductions.ts'
import type { Said } from './outgoing-streams.ts'

/** Positions in the stream of a participant that are not given to this session, and how many messages of the chat they have. */
export interface Missed {
  readonly participant: ParticipantId
  readonly from: number
  readonly to: number
  readonly chat: number
}

/** A session that the transport names. */
export type JoinedSession = TransportEvents['participantJoined']

/** Events of {@link RoomMessages}. Everything but `dropped`, `problem`, `up`, `down` and `ended` has authenticated. */
export interface RoomMessagesEvents {
  readonly joined: {
    readonly participant: ParticipantId
    readonly info: ParticipantInfo
    readonly person: PersonId | undefined
  }
  readonly left: { readonly participant: ParticipantId }
  /** The hub lost a participant, it is back, or it left and something that is said may still be open to it. spec R52 */
  readonly presence: {
    readonly participant: ParticipantId
    readonly presence: 'present' | 'away' | 'leaving'
  }
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
  /** Messages of a participant to the room, from one position up to another, were not given to this session. spec R53 */
  readonly missed: Missed
  /** A participant gave up so many more messages of this session to the room, by its word. spec R223 */
  readonly messagesLost: { readonly participant: ParticipantId; readonly count: number }
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
  /** The keys of the sealer's stream to the room, which this session gives to its roster; its owner closes it. spec R46 */
  readonly ownKeys?: ParticipantKeySource | undefined
  readonly keyLimits?: Partial<KeyLimits> | undefined
  readonly self: ParticipantId
  readonly info: ParticipantInfo
  readonly clock: Clock
}
