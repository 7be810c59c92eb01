/**
 * Messages of a member that means harm: each kind, as large as it goes, larger, and in every wrong shape.
 *
 * @module
 */
import { KINDS, type RawSession } from '@conclave/client/testing'
import type { ParticipantId } from '@conclave/wire'
import { candidatesOf, hugeOffer } from './hostile-descriptions.ts'
import { nonsense } from './nonsense.ts'
import { spoofedNames } from './spoofed-names.ts'

/** The member and its victim. */
export interface FloodContext {
  readonly session: RawSession
  readonly victim: ParticipantId
  readonly random: () => number
  /** The connection that the victim asked for, if it did. */
  readonly connection: string | undefined
}

/** The name of a flood. */
export type FloodName =
  | 'chat'
  | 'hellos'
  | 'forgetfulHellos'
  | 'names'
  | 'candidates'
  | 'offers'
  | 'invokes'
  | 'syncs'
  | 'disposes'
  | 'nonsense'
  | 'oversized'

/** Says one message of a flood: that with this number, from 0. */
export type Flood = (context: FloodContext, at: number) => Promise<void>

/** The floods, by name. Those of connections need a victim that asked this member for one. */
export const FLOODS: Readonly<Record<FloodName, Flood>> = {
  /** Chat, with the longest texts, which are full of links. */
  chat: ({ session }, at) =>
    session.say(KINDS.chat, { text: LINKS.padEnd(MAX_TEXT, `${at} `), at }),
  /** Asks again and again for everything that the victim ever said. */
  hellos: ({ session, victim }) => session.hello(victim),
  /** Hellos that say that nothing came, and want an answer. */
  forgetfulHellos: ({ session, victim }) =>
    session.hello(victim, { received: { room: null, direct: 0, hello: null, key: null } }),
  /** Information about itself, under another name each time. */
  names: ({ session }, at) =>
    session.say(KINDS.state, {
      name: NAMES[at % NAMES.length],
      published: { camera: at % 2 === 0 },
    }),
  /** Candidates for one set of credentials, each with another address: of private networks, and of ports that scan one. */
  candidates: ({ session, victim, connection = '' }, at) => {
    const candidates = candidatesOf(24 * at, 24)
    return session.signal(victim, 'receiver', { type: 'candidate', connection, ice: 1, candidates })
  },
  /** Offers of the greatest length, with hundreds of sections. */
  offers: ({ session, victim, connection = '' }, at) =>
    session.signal(victim, 'receiver', hugeOffer(connection, at + 1)),
  /** Asks for a new connection each time. */
  invokes: ({ session, victim }, at) =>
    session.signal(victim, 'sender', { type: 'invoke', connection: `invoke-${at}` }),
  /** Asks for an ICE restart each time. */
  syncs: ({ session, victim, connection = '' }) => {
    const sync = { type: 'sync', connection, negotiation: 0, restart: true }
    return session.signal(victim, 'sender', sync)
  },
  /** Ends every connection that the victim asks for. */
  disposes: ({ session, victim }) => session.signal(victim, 'receiver', { type: 'dispose' }),
  /** Messages of every kind, in every wrong shape. */
  nonsense: ({ session, victim, random }, at) => {
    const kinds = [...Object.values(KINDS), 0, 2, 255]
    const kind = kinds[at % kinds.length] ?? 0
    return session.say(kind, nonsense(random), random() < 0.5 ? victim : undefined)
  },
  /** Bodies as large as a hub carries, of every kind. */
  oversized: ({ session, victim }, at) => {
    const kinds = Object.values(KINDS)
    return session.say(kinds[at % kinds.length] ?? 0, new Uint8Array(MAX_BODY).fill(0x5b), victim)
  },
}

/** The names of all floods. */
export const FLOOD_NAMES: readonly FloodName[] = Object.keys(FLOODS) as FloodName[]

const MAX_TEXT = 4000
const MAX_BODY = 60_000
const LINKS = '\u202e https://a.example/%F0%9F '.repeat(60)
const NAMES = [...spoofedNames('Alice'), 'x'.repeat(81)]
