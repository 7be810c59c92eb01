/**
 * The decoder of signalling messages, which accepts nothing else and never throws. spec S7, S8
 *
 * @module
 */
import {
  MAX_CANDIDATES,
  MAX_CANDIDATE_LENGTH,
  MAX_ID_LENGTH,
  MAX_KEYS_LENGTH,
  MAX_METADATA_LENGTH,
  MAX_SDP_LENGTH,
  MAX_TRACKS,
  isId,
} from './messages.ts'
import type {
  CandidateDescription,
  SignalMessage,
  TrackDescription,
  WishDescription,
} from './messages.ts'

/** Decodes an untrusted value into a fresh object. Returns `undefined`, not throws, for anything else. */
export function decodeSignalMessage(value: unknown): SignalMessage | undefined {
  try {
    if (!isRecord(value)) return undefined
    const { id } = value
    return isId(id) ? decode(value, id) : undefined
  } catch {
    // A getter or a proxy of the value threw: no message has one.
    return undefined
  }
}

function decode(value: Fields, id: string): SignalMessage | undefined {
  const { type, connection, negotiation, ice, sdp } = value
  if (connection !== undefined && !isId(connection)) return undefined
  const named = connection === undefined ? {} : { connection }
  switch (type) {
    case 'invoke': {
      const { next } = value
      if (next === undefined) return { type, id, ...named }
      return isId(next) ? { type, id, ...named, next } : undefined
    }
    case 'dispose':
      return { type, id, ...named }
    case 'sync': {
      const { restart } = value
      if (!isCount(negotiation) || typeof restart !== 'boolean') return undefined
      const sync = { type, id, ...named, negotiation, restart }
      if (value['wishes'] === undefined) return sync
      const wishes = decodeList(value['wishes'], MAX_TRACKS, decodeWish)
      return wishes && { ...sync, wishes }
    }
    case 'answer':
      if (connection === undefined || !isPositive(negotiation) || !isSdp(sdp)) return undefined
      return {
        type,
        id,
        connection,
        negotiation,
        sdp,
        ...(value['data'] === true && { data: true }),
      }
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

const decodeWish = (value: unknown): WishDescription | undefined => {
  if (!isRecord(value)) return undefined
  const { label, wish } = value
  return isId(label) && (wish === 'low' || wish === 'paused') ? { label, wish } : undefined
}

const decodeCandidate = (value: unknown): CandidateDescription | undefined => {
  if (!isRecord(value)) return undefined
  const { candidate, sdpMid, sdpMLineIndex, usernameFragment } = value
  if (!isText(candidate, MAX_CANDIDATE_LENGTH)) return undefined
  if (sdpMid !== null && !isText(sdpMid, MAX_ID_LENGTH)) return undefined
  if (sdpMLineIndex !== null && !(isCount(sdpMLineIndex) && sdpMLineIndex < 65_536))
    return undefined
  if (usernameFragment !== null && !isText(usernameFragment, 256)) return undefined
  // The platform refuses a candidate that names no section.
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
