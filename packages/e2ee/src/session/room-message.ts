import { checkInteger, concatBytes, copyBytes, decodeBytes, uintToBytes } from '@conclave/base'
import { SIGNATURE_BYTES } from '@conclave/crypto'
import { verifySignature } from '@conclave/crypto/verify'
import { idToBytes } from '@conclave/wire'
import type { ParticipantId, RoomId } from '@conclave/wire'
import { E2eeError } from '../errors.ts'
import { MAX_BODY_BYTES, MAX_SEQUENCE } from '../messages/message-envelope.ts'
import { deriveParticipantId } from './participant-id.ts'
import { checkSession } from './session-keys.ts'
import type { SessionKeys } from './session-keys.ts'
import { encodeStatement, roomToBytes } from './statements.ts'

/** The most content that one signed message to a room has, in bytes. spec C7 */
export const MAX_SIGNED_CONTENT_BYTES: number = MAX_BODY_BYTES - SIGNATURE_BYTES

/** The place of a message to a room: a signature holds for no other. */
export interface RoomMessagePlace {
  readonly room: RoomId
  /** In the sender's stream to the room. */
  readonly sequence: bigint
  /** 0 to 255. */
  readonly kind: number
}

/**
 * Signs a message to a room: the body to seal for it. Every holder of the room's keys can seal as any member; nobody
 * but the session can sign. The signature names no key and no epoch, so that others can pass the message on. `content`
 * is read before the call returns. spec C7
 *
 * @throws E2eeError `ERR_E2EE_TOO_LARGE`, `ERR_E2EE_CLOSED`
 * @throws TypeError, RangeError that name the argument
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function signRoomMessage(
  content: Uint8Array,
  { session, ...place }: RoomMessagePlace & { readonly session: SessionKeys },
): Promise<Uint8Array<ArrayBuffer>> {
  checkSession(session)
  const copy = copyBytes('content', content)
  const maxBytes = MAX_SIGNED_CONTENT_BYTES
  if (copy.length > maxBytes) {
    throw new E2eeError('ERR_E2EE_TOO_LARGE', { byteLength: copy.length, maxBytes })
  }
  const statement = encodeRoomMessage(copy, { ...checkPlace(place), sender: session.id })
  return concatBytes(await session.sign(statement), copy)
}

/**
 * The content of a signed message to a room. Returns `undefined`, not throws, for a body that the session of
 * `signingKey` did not sign for this place. The sender is the session whose id `signingKey` has: you must have it from an
 * opened introduction, or compare {@link deriveParticipantId} with the sender's id. `body` is read before the call
 * returns. spec C8
 *
 * @throws TypeError, RangeError for the other arguments
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function verifyRoomMessage(
  body: Uint8Array,
  { signingKey, ...place }: RoomMessagePlace & { readonly signingKey: Uint8Array },
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  checkPlace(place)
  const key = copyBytes('signingKey', signingKey)
  const copy = decodeBytes(body, { min: SIGNATURE_BYTES, max: MAX_BODY_BYTES })
  const sender = await deriveParticipantId(key)
  if (copy === undefined || sender === undefined) return undefined
  const content = copy.slice(SIGNATURE_BYTES)
  const statement = encodeRoomMessage(content, { ...place, sender })
  const isSigned = await verifySignature(key, copy.slice(0, SIGNATURE_BYTES), statement)
  return isSigned ? content : undefined
}

/** The bytes that a session signs for a message to a room. The place must be one that a message has. spec C7 */
export function encodeRoomMessage(
  content: Uint8Array,
  { room, sequence, kind, sender }: RoomMessagePlace & { readonly sender: ParticipantId },
): Uint8Array<ArrayBuffer> {
  const parties = concatBytes(idToBytes(room), idToBytes(sender))
  return encodeStatement('room message', parties, uintToBytes(sequence, 8), [kind], content)
}

function checkPlace(place: RoomMessagePlace): RoomMessagePlace {
  const { room, sequence, kind } = place
  roomToBytes(room)
  checkInteger('kind', kind, { min: 0, max: 255 })
  if (typeof sequence !== 'bigint' || sequence < 0n || sequence > BigInt(MAX_SEQUENCE)) {
    throw new RangeError(`"sequence" expected a bigint from 0 to ${MAX_SEQUENCE}`)
  }
  return place
}
