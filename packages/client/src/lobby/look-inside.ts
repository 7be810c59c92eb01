/**
 * The composition of a look into a room: its link, fresh keys and a transport.
 *
 * @module
 */
import { systemClock } from '@conclave/base'
import { type PairKeys, createSessionKeys, createSessionSealer } from '@conclave/e2ee/session'
import type { ParticipantId } from '@conclave/wire'
import {
  type Kinds,
  checkArgument,
  checkMembers,
  optional,
  CLOCK,
  FUNCTION,
  TEXT,
  WAKE_SIGNALS,
} from '../arguments.ts'
import { Introductions } from '../messages/introductions.ts'
import { checkTarget, createTransport, requireOpened } from '../room/join-room.ts'
import { LINK } from '../room/room-kinds.ts'
import type { RoomOptions } from '../room/room-api.ts'
import { type OpenedRoomLink, parseRoomLink } from '../room/room-link.ts'
import { RoomLook } from './room-look.ts'

/** How to look into a room. All optional, and as for `Room.join`. */
export type LookOptions = Pick<RoomOptions, 'hub' | 'transport' | 'wakeSignals' | 'clock'>

/**
 * Looks who is in a room, without taking part: for a lobby. Names come only from members of a room that is open to everybody
 * with the link; they are the word of one member, sealed for this look. The look goes on, also while the hub is away,
 * until you close it. Close it before you join, so that it takes no place in a room that is nearly full. spec R65
 *
 * @throws TypeError `ERR_CLIENT_ARGUMENT`
 * @throws ClientError `ERR_CLIENT_LINK_INVALID`
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function lookInside(
  given: string | OpenedRoomLink,
  options: LookOptions = {},
): Promise<RoomLook> {
  checkMembers('options', options, OPTIONS)
  checkArgument('link', given, LINK)
  const link = typeof given === 'string' ? requireOpened(await parseRoomLink(given)) : given
  const url = checkTarget(link, options)
  const session = await createSessionKeys()
  const { room, keys } = link
  const clock = options.clock ?? systemClock
  const pairs = new Map<ParticipantId, PairKeys>()
  const signingKeys = { get: () => undefined }
  const sealer = createSessionSealer({ keys, room, session, direct: pairs, signingKeys })
  const introductions = new Introductions({
    ...{ room, session, root: keys, pairs, question: 'looks' },
  })
  const transport = createTransport(link, { url, session, keys, clock, options })
  const release = (): void => {
    sealer.close()
    introductions.close()
    session.close()
    if (typeof given === 'string') keys.close()
  }
  const look = new RoomLook({ transport, sealer, introductions, clock, release })
  // A hub that refuses a look for good ends it.
  transport.open().catch(() => look.close())
  return look
}

const OPTIONS: Kinds<LookOptions> = {
  hub: optional(TEXT),
  transport: optional(FUNCTION),
  wakeSignals: optional(WAKE_SIGNALS),
  clock: optional(CLOCK),
}
