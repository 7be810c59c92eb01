/**
 * The six messages of signalling and their limits. spec S7, S8
 *
 * @module
 */

/** From the receiving side: asks for a connection. Without `connection` it asks which peers send in this room. */
export interface InvokeMessage {
  readonly type: 'invoke'
  readonly id: string
  /** The name of the connection to make: the receiving side chooses a fresh one for each attempt. */
  readonly connection?: string
  /** In a question: the name of a connection that whoever sends here may offer at once. spec S128 */
  readonly next?: string
}

/** From the sending side: a description, its tracks, and the keys that belong to them. */
export interface OfferMessage {
  readonly type: 'offer'
  readonly id: string
  readonly connection: string
  /** Counts the descriptions of this connection, from 1. */
  readonly negotiation: number
  /** The negotiation that began the present ICE credentials. */
  readonly ice: number
  readonly sdp: string
  readonly tracks: readonly TrackDescription[]
  /** Opaque; the frame protector of the other side reads it. */
  readonly keys: string
  /** The metadata given to `Sender.start`, as JSON. */
  readonly metadata?: string
}

/** Describes the media section `mid`. A label stays with its `mid` for the life of the connection. */
export interface TrackDescription {
  readonly mid: string
  readonly label: string
  readonly kind: 'audio' | 'video'
  /** Whether a track is sent in the section now. */
  readonly active: boolean
}

/** From the receiving side, to exactly one offer. */
export interface AnswerMessage {
  readonly type: 'answer'
  readonly id: string
  readonly connection: string
  readonly negotiation: number
  readonly sdp: string
  /** This side takes data; left out where it does not. spec S89 */
  readonly data?: true
}

/** From either side: candidates of the ICE credentials that negotiation `ice` began. */
export interface CandidateMessage {
  readonly type: 'candidate'
  readonly id: string
  readonly connection: string
  readonly ice: number
  readonly candidates: readonly CandidateDescription[]
}

/** One ICE candidate, as in `RTCIceCandidateInit`. */
export interface CandidateDescription {
  readonly candidate: string
  readonly sdpMid: string | null
  readonly sdpMLineIndex: number | null
  readonly usernameFragment: string | null
}

/**
 * From the receiving side: names its last negotiation, and with `restart` asks for an ICE restart. From the sending
 * side, without `connection`: announces that it sends in this room.
 */
export interface SyncMessage {
  readonly type: 'sync'
  readonly id: string
  readonly connection?: string
  /** The last negotiation that was answered, 0 for none. */
  readonly negotiation: number
  readonly restart: boolean
  /** The videos that this side wants less of; left out: it says nothing about them. spec S124 */
  readonly wishes?: readonly WishDescription[]
}

/** How much of a video a receiving side wants. spec S124 */
export type Wish = 'full' | 'low' | 'paused'

/** A video that is not wanted in full, by its label. */
export interface WishDescription {
  readonly label: string
  readonly wish: Exclude<Wish, 'full'>
}

/** From either side: ends the connection, or without `connection` any connection between the two. */
export interface DisposeMessage {
  readonly type: 'dispose'
  readonly id: string
  readonly connection?: string
}

/** Any message of signalling; `id` is always that of its sender. */
export type SignalMessage =
  | InvokeMessage
  | OfferMessage
  | AnswerMessage
  | CandidateMessage
  | SyncMessage
  | DisposeMessage

/** A message before its sender's id is in it. */
export type OutgoingMessage<Message extends SignalMessage = SignalMessage> =
  Message extends SignalMessage ? Omit<Message, 'id'> : never

/** Longest id, connection name, `mid` and label, in characters. */
export const MAX_ID_LENGTH = 128
/** Longest description, in characters. */
export const MAX_SDP_LENGTH = 60_000
/** Longest candidate, in characters. */
export const MAX_CANDIDATE_LENGTH = 2_000
/** Most candidates in one message. */
export const MAX_CANDIDATES = 24
/** Most tracks of one connection. */
export const MAX_TRACKS = 16
/** Longest description of keys, in characters. */
export const MAX_KEYS_LENGTH = 1_024
/** Longest metadata, in characters of JSON. */
export const MAX_METADATA_LENGTH = 4_096
/** Most messages that wait for one that is handled, sealed or opened; further ones are refused. spec S14 */
export const MAX_WAITING_MESSAGES = 512

/** Whether a text can be an id, a connection's name or a label: 1 to 128 characters, none of them control characters. */
export function isId(value: unknown): value is string {
  return typeof value === 'string' && ID.test(value)
}

const ID = /^\P{Cc}{1,128}$/u
