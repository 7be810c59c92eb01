/** The sealed side of one session of a link room, as `composeRoom` makes it. */
import { type Sealer, SharedKeySource } from '@conclave/e2ee'
import { type SessionKeys, createSessionKeys, createSessionSealer } from '@conclave/e2ee/session'
import { type ParticipantId, type RoomId, parseRoomId } from '@conclave/wire'
import { Introductions } from '../../src/messages/introductions.ts'

export const ROOM = parseRoomId('AAECAwQFBgcICQoLDA0ODw') as RoomId
export const SECRET = new Uint8Array(32).fill(7)

export interface SessionParts {
  readonly self: ParticipantId
  readonly session: SessionKeys
  readonly keys: SharedKeySource
  readonly introductions: Introductions
  readonly sealer: Sealer
}

/** @param options.keys by default, new ones with the secret */
export async function sessionParts({
  secret = SECRET,
  keys = new SharedKeySource(Uint8Array.from(secret)),
}: { readonly secret?: Uint8Array; readonly keys?: SharedKeySource } = {}): Promise<SessionParts> {
  const session = await createSessionKeys()
  const pairs = new Map()
  const sealer = createSessionSealer({ keys, room: ROOM, session, direct: pairs })
  const introductions = new Introductions({ session, root: keys, room: ROOM, pairs })
  return { self: session.id, session, keys, introductions, sealer }
}
