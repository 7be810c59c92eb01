import { compareBytes, concatBytes, copyBytes, textToBytes } from '@conclave/base'
import { CURVE_KEY_BYTES, HASH_BYTES, wipe } from '@conclave/crypto'
import type { RoomId } from '@conclave/wire'
import type { EventKeys } from '../keys/event-keys.ts'
import { SharedKeySource } from '../keys/shared-key-source.ts'
import { deriveParticipantId } from './participant-id.ts'
import { checkRoot } from './room-root.ts'
import type { RoomRoot } from './room-root.ts'
import type { SessionIdentity } from './session-identity.ts'
import { checkSession } from './session-keys.ts'
import type { SessionKeys } from './session-keys.ts'
import { participantToBytes, roomToBytes } from './statements.ts'

/** The keys of what two sessions say to each other only. */
export interface PairKeys extends EventKeys {
  /** Drops the keys, for good. Closing again does nothing. */
  close(): void
}

/**
 * The keys of two sessions of a room, the same for both and for nobody else: other members of the room cannot derive
 * them. They seal the streams of both directions. You must take `peer` from an opened introduction, and close the keys
 * when either session ends: nobody can derive them again once both sessions' keys are closed. spec C15, C16
 *
 * @param options.root the key source whose root all members hold
 * @throws TypeError, RangeError that name the argument, also for an id that is not the signing key's, and for an
 *   agreement key of small order
 * @throws E2eeError `ERR_E2EE_CLOSED`, `ERR_E2EE_UNKNOWN_EPOCH`
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function createPairKeys(options: {
  readonly session: SessionKeys
  readonly root: RoomRoot
  readonly room: RoomId
  readonly peer: SessionIdentity
}): Promise<PairKeys> {
  const { session, root, room, peer } = options
  checkSession(session)
  checkRoot(root)
  const roomBytes = roomToBytes(room)
  const [own, other] = [encodeIdentity(session), encodeIdentity(peer)]
  const { id, signingKey } = peer
  if (id === session.id) throw new RangeError('"peer" must not be the session itself')
  const agreementKey = copyBytes('peer.agreementKey', peer.agreementKey)
  const parties = compareBytes(own.id, other.id) < 0 ? [own, other] : [other, own]
  const ids = concatBytes(...parties.map((party) => party.id))
  const [certified, salt] = await Promise.all([
    deriveParticipantId(signingKey),
    root.export('conclave/1 pair', ids, HASH_BYTES),
  ])
  if (certified !== id) {
    wipe(salt)
    throw new RangeError('"peer" expected an id that its signing key has')
  }
  const info = concatBytes(INFO, roomBytes, ...parties.flatMap((party) => [party.id, party.keys]))
  const secret = await session.agree(agreementKey, { salt, info })
  wipe(salt)
  if (secret === undefined) {
    throw new RangeError('"peer" expected an agreement key that an honest session can have')
  }
  const keys = new SharedKeySource(secret)
  wipe(secret)
  return keys
}

function encodeIdentity({ id, signingKey, agreementKey }: SessionIdentity): {
  readonly id: Uint8Array<ArrayBuffer>
  readonly keys: Uint8Array<ArrayBuffer>
} {
  return {
    id: participantToBytes('peer.id', id),
    keys: concatBytes(
      copyBytes('peer.signingKey', signingKey, CURVE_KEY_BYTES),
      copyBytes('peer.agreementKey', agreementKey, CURVE_KEY_BYTES),
    ),
  }
}

const INFO = textToBytes('conclave/1 pair root\0')
