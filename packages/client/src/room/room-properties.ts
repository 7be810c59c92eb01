/**
 * The facts about a room: how far each property holds for what it carries, and because of what. Computed from its keys,
 * its parts and its rule. spec room R97, R98
 *
 * @module
 */
import type { KeyCondition, KeyFact, KeySource } from '@conclave/e2ee'
import type { AuthorityView } from '../admission/authority-view.ts'
import type { MediaTransport } from '../call/media-transport.ts'
import type { RoomParts } from './join-room.ts'
import type { Participant } from './participant.ts'

/** A condition of a {@link RoomFact}: what it needs, or why it does not hold. spec R98 */
export type RoomCondition =
  | KeyCondition
  /** Both sessions have ended, and with them the private keys that nobody reads out of a page. */
  | 'sessions-ended'
  /** Each message carries a signature of its session. */
  | 'signed-by-session'
  /** Only the two sessions hold the key. */
  | 'keys-of-pair'
  /** The media of each participant comes over a connection whose ends the keys of the pair authenticate. */
  | 'connection-of-pair'
  /** Each participant signs its frames. A forged one is shown for some seconds at most, and then its track stops. */
  | 'signed-in-batches'
  /** The id of each session certifies its keys. The room code shows whether all see the same ones. */
  | 'ids-certify-keys'
  /** The roster shows everyone to whom it is open. */
  | 'roster-shows-readers'
  /** A key that somebody new is given opens nothing of before. */
  | 'keys-from-now-on'
  /** Members repeat the chat of the call to newcomers. */
  | 'members-repeat-chat'
  /** The link is all that it takes. */
  | 'link-admits'
  /** The owner, or a host, lets each session in. */
  | 'hosts-admit'
  /** The owner has closed the room. */
  | 'room-locked'

/** How far a property holds, and because of what. */
export interface RoomFact {
  readonly holds: KeyFact['holds']
  readonly because: readonly RoomCondition[]
}

/** The facts about one sort of content. */
export interface ContentProperties {
  /** A thief of today's keys opens nothing that was said under keys that have ended. */
  readonly forwardSecrecy: RoomFact
  /** A thief of today's keys opens nothing that is said after the next change of keys. */
  readonly postCompromise: RoomFact
  /** A member cannot speak as another one. */
  readonly senderAuth: RoomFact
  /** A participant that left or was removed opens nothing that is said later. */
  readonly rekeyOnLeave: RoomFact
  /** A newcomer opens nothing that was said before it came. */
  readonly closedToNewcomers: RoomFact
  /** The sessions of the roster are proved by their keys. */
  readonly memberAuth: RoomFact
}

/** The facts about a room as it is now. You must show them for what they are: each with its conditions. */
export interface RoomProperties {
  /** Everything that is said to all: chat, names, states. */
  readonly messages: ContentProperties
  /** Everything that one session says to another: hellos, keys, signalling. */
  readonly direct: ContentProperties
  /** Audio and video. */
  readonly media: ContentProperties
  /** Nobody comes in by the link only. */
  readonly admission: RoomFact
}

/** Computes the facts about a room. spec R97 */
export function roomProperties(
  {
    streamKeys,
    introductions,
    media,
  }: Pick<RoomParts<KeySource>, 'streamKeys' | 'introductions' | 'media'>,
  { rule, history }: Pick<AuthorityView, 'rule' | 'history'>,
  participants: Iterable<Participant>,
): RoomProperties {
  const facts = streamKeys.properties()
  // The application brings the keys of participants. spec R45
  if (introductions === undefined) {
    const brought = { ...facts, closedToNewcomers: no('application-keys') }
    return { messages: brought, direct: brought, media: brought, admission: no('link-admits') }
  }
  const { postCompromise } = facts
  const shared = {
    postCompromise,
    forwardSecrecy: settled(facts.forwardSecrecy, 'deliveries-closed', 'sessions-ended'),
    rekeyOnLeave: settled(facts.rekeyOnLeave, 'leaving-is-told', 'roster-shows-readers'),
    closedToNewcomers: yes('keys-from-now-on'),
    memberAuth: yes('ids-certify-keys'),
  }
  const ofPair = yes('keys-of-pair')
  const repeated = no('members-repeat-chat')
  return {
    messages: {
      ...shared,
      senderAuth: yes('signed-by-session'),
      // Whoever left, and comes back, is a newcomer.
      ...(history === 'call' && { closedToNewcomers: repeated, rekeyOnLeave: repeated }),
    },
    direct: {
      ...shared,
      forwardSecrecy: yes('sessions-ended'),
      senderAuth: ofPair,
      rekeyOnLeave: ofPair,
      closedToNewcomers: ofPair,
    },
    media: {
      ...shared,
      senderAuth: mediaAuth(media, participants) ?? facts.senderAuth,
    },
    admission: ADMISSION[rule],
  }
}

/** Why nobody sends in the name of somebody else; `undefined` if somebody can. */
const mediaAuth = (
  media: MediaTransport | undefined,
  participants: Iterable<Participant>,
): RoomFact | undefined => {
  const areSigned = [...participants].every(({ signsMedia }) => signsMedia)
  const because: RoomCondition[] = [
    ...(media?.isDirect ? (['connection-of-pair'] as const) : []),
    ...(media?.verifiesSignatures && areSigned ? (['signed-in-batches'] as const) : []),
  ]
  return because.length > 0 ? { holds: 'yes', because } : undefined
}

const yes = (because: RoomCondition): RoomFact => ({ holds: 'yes', because: [because] })
const no = (because: RoomCondition): RoomFact => ({ holds: 'no', because: [because] })

/** The room does something that a source leaves to others: its condition takes the place of the open one. */
const settled = ({ holds, because }: KeyFact, open: KeyCondition, by: RoomCondition): RoomFact => ({
  holds,
  because: because.map((condition) => (condition === open ? by : condition)),
})

const ADMISSION: Readonly<Record<AuthorityView['rule'], RoomFact>> = {
  open: no('link-admits'),
  ask: yes('hosts-admit'),
  locked: yes('room-locked'),
}
