import { checkMethods } from '@conclave/base'
import type { ParticipantId } from '@conclave/wire'
import { unknownKeyError } from '../keys/event-keys.ts'
import type { EventKeys } from '../keys/event-keys.ts'
import { recipientOf } from '../messages/message-purpose.ts'
import { SessionSealer } from '../messages/sealer.ts'
import type { Sealer, SessionSealerOptions } from '../messages/sealer.ts'
import { checkSession } from './session-keys.ts'
import type { SessionKeys } from './session-keys.ts'
import { SigningSealer } from './signing-sealer.ts'
import type { SigningKeyTable } from './signing-sealer.ts'

/**
 * Makes the one sealer of a session: as `createSealer`, for an id that certifies its keys. spec C5
 *
 * @param options.direct the keys of each pair, by the other session; looked up for each message. Left out: `keys` seal
 *   the direct streams too, and every member that has these reads them. spec C21
 * @param options.signingKeys the signing key of each other session, looked up for each message to the room; messages to the
 *   room are then signed, and open only if their sender signed them. You must take each from an opened introduction. Left
 *   out: everyone who holds a sender's key of the room can write as that sender. spec C22
 * @throws TypeError, RangeError as `createSealer`, and for anything but the keys of a session
 * @throws E2eeError `ERR_E2EE_SESSION_IN_USE` for a session that has a sealer, `ERR_E2EE_CLOSED` for one that ended
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export function createSessionSealer({
  session,
  direct,
  signingKeys,
  ...options
}: Omit<SessionSealerOptions, 'self'> & {
  readonly session: SessionKeys
  readonly direct?: ReadonlyMap<ParticipantId, EventKeys> | undefined
  readonly signingKeys?: SigningKeyTable | undefined
}): Sealer {
  checkSession(session)
  const { keys: room } = options
  const keys = direct === undefined ? room : keysOfStreams({ room, direct })
  if (signingKeys !== undefined) checkMethods('signingKeys', signingKeys, 'get')
  const sealer =
    signingKeys === undefined
      ? new SessionSealer({ ...options, keys, self: session.id })
      : new SigningSealer({ ...options, keys, session, signingKeys })
  session.claim()
  return sealer
}

/** The keys of the room for its stream, and those of a pair for the direct streams of both. spec C21 */
function keysOfStreams({
  room,
  direct,
}: {
  readonly room: EventKeys
  readonly direct: ReadonlyMap<ParticipantId, EventKeys>
}): EventKeys {
  checkMethods('keys', room, 'sealingKey', 'openingKey')
  checkMethods('direct', direct, 'get', 'values')
  return {
    sealingKey(request) {
      const recipient = recipientOf(request.purpose)
      const keys = recipient === undefined ? room : direct.get(recipient)
      if (keys === undefined) throw unknownKeyError({ keyId: '', epoch: 0n })
      return keys.sealingKey(request)
    },
    openingKey(request) {
      const isDirect = recipientOf(request.purpose) !== undefined
      const keys = isDirect ? direct.get(request.sender as ParticipantId) : room
      return keys?.openingKey(request) ?? { type: 'unknown-key' }
    },
    checkSender: (name, sender) => room.checkSender(name, sender),
    forgetKeys(matches) {
      for (const keys of [room, ...direct.values()]) keys.forgetKeys(matches)
    },
  }
}
