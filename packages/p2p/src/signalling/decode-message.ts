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
  OfferMessage,
  SignalMessage,
  TrackDescription,
  WishDescription,
} from './messages.ts'

/** Decodes an untrusted value into a fresh object. Returns `undefined`, not throws, for anything else. */
export function decodeSignalMessage(value: unknown): SignalMessage | undefined {
  try {
    const { type } = value as Fields
    if (!isType(type)) return undefined
    const members = decodeObject<object>(value, MESSAGES[type])
    // The table pairs each type with its members.
    const message = members && ({ type, ...members } as SignalMessage)
    return message?.type === 'offer' && !isConsistent(message) ? undefined : message
  } catch {
    // It is no object, or a getter or a proxy of it threw: no message has one.
    return undefined
  }
}

/** Returns the part of a value that is kept; `undefined` for a wrong value. */
type Decode<T> = (value: unknown) => T | undefined

/** How each member of an object is decoded; in brackets those that may be left out. */
type Members<T> = {
  readonly [Name in keyof T]-?: object extends Pick<T, Name>
    ? readonly [Decode<NonNullable<T[Name]>>]
    : Decode<T[Name]>
}

/** Reads each member once. */
const decodeObject = <T extends object>(value: unknown, members: Members<T>): T | undefined => {
  const decoded: Record<string, unknown> = {}
  const rows = Object.entries<Decode<unknown> | readonly [Decode<unknown>]>(members)
  for (const [name, row] of rows) {
    const given = (value as Fields)[name]
    const isRequired = typeof row === 'function'
    if (!isRequired && given === undefined) continue
    decoded[name] = (isRequired ? row : row[0])(given)
    if (decoded[name] === undefined) return undefined
  }
  return decoded as T
}

const list =
  <Item>(most: number, decode: Decode<Item>): Decode<readonly Item[]> =>
  (value) => {
    if (!Array.isArray(value) || value.length > most) return undefined
    const items = Array.from(value, (item) => decode(item))
    return items.every((item) => item !== undefined) ? items : undefined
  }

const text =
  (most: number, least = 0): Decode<string> =>
  (value) =>
    typeof value === 'string' && value.length >= least && value.length <= most ? value : undefined

const integer =
  (least: number, most = Infinity): Decode<number> =>
  (value) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most
      ? value
      : undefined

const oneOf =
  <Value>(...values: readonly Value[]): Decode<Value> =>
  (value) =>
    values.find((known) => known === value)

const orNull =
  <T>(decode: Decode<T>): Decode<T | null> =>
  (value) =>
    value === null ? null : decode(value)

const id: Decode<string> = (value) => (isId(value) ? value : undefined)
const boolean = oneOf(true, false)
const sdp = text(MAX_SDP_LENGTH, 1)

const TRACK: Members<TrackDescription> = {
  mid: id,
  label: id,
  kind: oneOf('audio', 'video'),
  active: boolean,
}

const WISH: Members<WishDescription> = { label: id, wish: oneOf('low', 'paused') }

const CANDIDATE: Members<CandidateDescription> = {
  candidate: text(MAX_CANDIDATE_LENGTH),
  sdpMid: orNull(text(MAX_ID_LENGTH)),
  sdpMLineIndex: orNull(integer(0, 65_535)),
  usernameFragment: orNull(text(256)),
}

/** A candidate that names no section is one that the platform refuses. */
const candidate: Decode<CandidateDescription> = (value) => {
  const decoded = decodeObject(value, CANDIDATE)
  return decoded?.sdpMid === null && decoded.sdpMLineIndex === null ? undefined : decoded
}

const MESSAGES: {
  readonly [Message in SignalMessage as Message['type']]: Members<Omit<Message, 'type'>>
} = {
  invoke: { id, connection: [id], next: [id] },
  offer: {
    id,
    connection: id,
    negotiation: integer(1),
    ice: integer(1),
    sdp,
    tracks: list(MAX_TRACKS, (value) => decodeObject(value, TRACK)),
    keys: text(MAX_KEYS_LENGTH),
    metadata: [text(MAX_METADATA_LENGTH)],
  },
  answer: { id, connection: id, negotiation: integer(1), sdp, data: [oneOf<true>(true)] },
  candidate: { id, connection: id, ice: integer(1), candidates: list(MAX_CANDIDATES, candidate) },
  sync: {
    id,
    connection: [id],
    negotiation: integer(0),
    restart: boolean,
    wishes: [list(MAX_TRACKS, (value) => decodeObject(value, WISH))],
  },
  dispose: { id, connection: [id] },
}

const isType = (type: unknown): type is SignalMessage['type'] =>
  Object.hasOwn(MESSAGES, type as string)

const isConsistent = ({ ice, negotiation, tracks }: OfferMessage): boolean =>
  ice <= negotiation &&
  areDistinct(tracks.map(({ mid }) => mid)) &&
  areDistinct(tracks.map(({ label }) => label))

const areDistinct = (texts: readonly string[]): boolean => new Set(texts).size === texts.length

type Fields = Readonly<Record<string, unknown>>
