/** The sealed side of one session of a link room, as `composeRoom` makes it. */
import {
  type EventKeys,
  ParticipantKeySource,
  type Sealer,
  SharedKeySource,
  createSealer,
  decodeEnvelopeHeader,
} from '@conclave/e2ee'
import { type SessionKeys, createSessionKeys, createSessionSealer } from '@conclave/e2ee/session'
import { type ParticipantId, type RoomId, parseRoomId } from '@conclave/wire'
import { vi } from 'vitest'
import { Introductions } from '../../src/messages/introductions.ts'

export const ROOM = parseRoomId('AAECAwQFBgcICQoLDA0ODw') as RoomId
export const SECRET = new Uint8Array(32).fill(7)

export interface SessionParts {
  readonly self: ParticipantId
  readonly session: SessionKeys
  readonly keys: SharedKeySource
  readonly introductions: Introductions
  readonly ownKeys: ParticipantKeySource
  readonly sealer: Sealer
  /** The keys of the streams to the room, as far as this session holds them. */
  readonly roomKeys: EventKeys
}

/** @param options.keys by default, new ones with the secret */
export async function sessionParts({
  secret = SECRET,
  keys = new SharedKeySource(Uint8Array.from(secret)),
}: { readonly secret?: Uint8Array; readonly keys?: SharedKeySource } = {}): Promise<SessionParts> {
  const session = await createSessionKeys()
  const pairs = new Map()
  const signingKeys = { get: (id: ParticipantId) => introductions.of(id)?.signingKey }
  const ownKeys = new ParticipantKeySource(session.id)
  const streams = { keys: ownKeys, direct: pairs, signingKeys }
  const sealer = createSessionSealer({ room: ROOM, session, ...streams })
  const introductions = new Introductions({ session, root: keys, room: ROOM, pairs })
  return { self: session.id, session, keys, ownKeys, introductions, sealer, roomKeys: ownKeys }
}

/**
 * Seals as `victim`, under the key of the victim's that a member holds, and as the sealer of `victim`.
 *
 * @param sealed a message of `victim`, to the room or to one session
 */
export function createForger(
  { roomKeys, room = ROOM }: Pick<SessionParts, 'roomKeys'> & { readonly room?: RoomId },
  victim: ParticipantId,
  sealed: Uint8Array,
): Sealer {
  const header = decodeEnvelopeHeader(sealed)
  if (header === undefined) throw new Error('expected a sealed message')
  const { epoch, salt } = header
  const keys: EventKeys = {
    ...readingOnly(roomKeys),
    sealingKey(request) {
      const name = { keyId: '', epoch, derived: true }
      const opening = roomKeys.openingKey({ ...request, ...name })
      if (opening.type !== 'key') throw new Error(`the member holds no key: ${opening.type}`)
      return { ...opening, ...name, count: { sealed: 0 } }
    },
  }
  const random = vi.spyOn(crypto, 'getRandomValues').mockImplementation((array) => {
    ;(array as unknown as Uint8Array).set(salt)
    return array
  })
  try {
    return createSealer({ keys, room, unsafeSelf: victim })
  } finally {
    random.mockRestore()
  }
}

/** The answer for a message to the room without a look at its signature. */
export async function openUnverified(
  { roomKeys }: SessionParts,
  { self }: SessionParts,
  bytes: Uint8Array,
): Promise<string> {
  const keys = readingOnly(roomKeys)
  const opened = await createSealer({ keys, room: ROOM }).open(self, bytes)
  return opened.type === 'opened' ? opened.type : opened.reason
}

const readingOnly = (keys: EventKeys): EventKeys => ({
  sealingKey() {
    throw new Error('unreachable: nothing is sealed')
  },
  openingKey: (request) => keys.openingKey(request),
  checkSender() {},
  forgetKeys() {},
})
