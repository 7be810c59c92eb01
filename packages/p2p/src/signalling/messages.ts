/**
 * The six messages of signalling and their decoder, which accepts nothing else and never throws. spec S7, S8
 *
 * @module
 */

/** From the receiving side: "connect to me". Without `connection` it asks who sends in this room. */
export interface InvokeMessage {
  readonly type: 'invoke'
  readonly id: string
  /** Chosen by the receiving side, fresh for each attempt: the name of the connection to be made. */
  readonly connection?: string
}

/** From the sending side: a description, what its tracks are, and what keys belong to them. */
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
  /** Opaque: for the frame protector of the other side. */
  readonly keys: string
  /** JSON of what `Sender.start` was given. */
  readonly metadata?: string
}

/** What the media section `mid` carries. A label stays with its `mid` for the life of the connection. */
export interface TrackDescription {
  readonly mid: string
  readonly label: string
  readonly kind: 'audio' | 'video'
  /** Whether there is something to see or hear now. */
  readonly active: boolean
}

/** From the receiving side, to exactly one offer. */
export interface AnswerMessage {
  readonly type: 'answer'
  readonly id: string
  readonly connection: string
  readonly negotiation: number
  readonly sdp: string
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
 * From the receiving side: "this is what I have", and with `restart`, "it has failed". From the sending side,
 * without `connection`: "I send in this room".
 */
export interface SyncMessage {
  readonly type: 'sync'
  readonly id: string
  readonly connection?: string
  /** The last negotiation that was answered, 0 for none. */
  readonly negotiation: number
  readonly restart: boolean
}

/** From either side: the connection, or without `connection` any between the two, is gone. */
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

/** Longest id, connection name, `mid`, label and username fragment, in characters. */
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

/** The message in a value from outside, as a fresh object; `undefined`, not an exception, for anything else. */
export function decodeSignalMessage(value: unknown): SignalMessage | undefined {
  try {
    if (!isRecord(value)) return undefined
    const { id } = value
    return isId(id) ? decode(value, id) : undefined
  } catch {
    // A getter or a proxy of the value threw: whoever made it did not send a message.
    return undefined
  }
}

/** Whether a text can be an id, a connection's name or a label: 1 to 128 characters, none of them control characters. */
export function isId(value: unknown): value is string {
  return typeof value === 'string' && ID.test(value)
}

function decode(value: Fields, id: string): SignalMessage | undefined {
  const { type, connection, negotiation, ice, sdp } = value
  if (connection !== undefined && !isId(connection)) return undefined
  const named = connection === undefined ? {} : { connection }
  switch (type) {
    case 'invoke':
      return { type, id, ...named }
    case 'dispose':
      return { type, id, ...named }
    case 'sync': {
      const { restart } = value
      if (!isCount(negotiation) || typeof restart !== 'boolean') return undefined
      return { type, id, ...named, negotiation, restart }
    }
    case 'answer':
      if (connection === undefined || !isPositive(negotiation) || !isSdp(sdp)) return undefined
      return { type, id, connection, negotiation, sdp }
    case 'candidate': {
      const candidates = decodeList(value['candidates'], MAX_CANDIDATES, decodeCandidate)
      if (connection === undefined || !isPositive(ice) || candidates === undefined) return undefined
      return { type, id, connection, ice, candidates }
    }
    case 'offer': {
      const { keys, metadata } = value
      const tracks = decodeList(value['tracks'], MAX_TRACKS, decodeTrack)
      if (connection === undefined || tracks === undefined || !areDistinct(tracks)) return undefined
      if (!isPositive(negotiation) || !isPositive(ice) || ice > negotiation) return undefined
      if (!isSdp(sdp) || !isText(keys, MAX_KEYS_LENGTH)) return undefined
      const offer = { type, id, connection, negotiation, ice, sdp, tracks, keys } as const
      if (metadata === undefined) return offer
      return isText(metadata, MAX_METADATA_LENGTH) ? { ...offer, metadata } : undefined
    }
    default:
      return undefined
  }
}

const decodeTrack = (value: unknown): TrackDescription | undefined => {
  if (!isRecord(value)) return undefined
  const { mid, label, kind, active } = value
  if (!isId(mid) || !isId(label) || typeof active !== 'boolean') return undefined
  return kind === 'audio' || kind === 'video' ? { mid, label, kind, active } : undefined
}

const decodeCandidate = (value: unknown): CandidateDescription | undefined => {
  if (!isRecord(value)) return undefined
  const { candidate, sdpMid, sdpMLineIndex, usernameFragment } = value
  if (!isText(candidate, MAX_CANDIDATE_LENGTH)) return undefined
  if (sdpMid !== null && !isText(sdpMid, MAX_ID_LENGTH)) return undefined
  if (sdpMLineIndex !== null && !(isCount(sdpMLineIndex) && sdpMLineIndex < 65_536))
    return undefined
  if (usernameFragment !== null && !isText(usernameFragment, 256)) return undefined
  // The platform refuses a candidate that says of neither section where it belongs.
  if (sdpMid === null && sdpMLineIndex === null) return undefined
  return { candidate, sdpMid, sdpMLineIndex, usernameFragment }
}

const decodeList = <Item>(
  value: unknown,
  most: number,
  decodeItem: (item: unknown) => Item | undefined,
): readonly Item[] | undefined => {
  if (!Array.isArray(value) || value.length > most) return undefined
  const items: Item[] = []
  for (let index = 0; index < value.length; index += 1) {
    const item = decodeItem(value[index])
    if (item === undefined) return undefined
    items.push(item)
  }
  return items
}

const areDistinct = (tracks: readonly TrackDescription[]): boolean =>
  new Set(tracks.map((track) => track.mid)).size === tracks.length &&
  new Set(tracks.map((track) => track.label)).size === tracks.length

type Fields = Readonly<Record<string, unknown>>

const isRecord = (value: unknown): value is Fields => typeof value === 'object' && value !== null
const isText = (value: unknown, most: number): value is string =>
  typeof value === 'string' && value.length <= most
const isSdp = (value: unknown): value is string => isText(value, MAX_SDP_LENGTH) && value !== ''
const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0
const isPositive = (value: unknown): value is number => isCount(value) && value > 0

// oxlint-disable-next-line no-control-regex -- control characters are what it refuses
const ID = /^[^\u0000-\u001f\u007f]{1,128}$/
