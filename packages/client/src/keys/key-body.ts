/**
 * The body of a message that gives a key: the grant and the place where its key begins. spec R46
 *
 * @module
 */
import { concatBytes, uintToBytes } from '@conclave/base'
import {
  PARTICIPANT_KEY_GRANT_BYTES,
  type ParticipantKeyGrant,
  decodeParticipantKeyGrant,
  encodeParticipantKeyGrant,
} from '@conclave/e2ee'

/** A key that a participant gives. */
export interface GivenKey {
  readonly grant: ParticipantKeyGrant
  /** The sequence in the participant's stream to the room from which on this key or a later one seals. */
  readonly from: number
}

/** The bytes of a body, secret included. You must overwrite them when they are sealed; the grant is wiped. */
export function encodeKeyBody({ grant, from }: GivenKey): Uint8Array<ArrayBuffer> {
  const encoded = encodeParticipantKeyGrant(grant)
  grant.wipe()
  const body = concatBytes(encoded, uintToBytes(from, FROM_BYTES))
  encoded.fill(0)
  return body
}

/** A key that was given, or `undefined` for anything else. You must wipe the grant. Never throws. */
export function decodeKeyBody(body: Uint8Array): GivenKey | undefined {
  if (body.length !== PARTICIPANT_KEY_GRANT_BYTES + FROM_BYTES) return undefined
  const end = body.subarray(PARTICIPANT_KEY_GRANT_BYTES)
  const from = new DataView(end.buffer, end.byteOffset).getBigUint64(0)
  if (from > MAX_FROM) return undefined
  const grant = decodeParticipantKeyGrant(body.subarray(0, PARTICIPANT_KEY_GRANT_BYTES))
  return grant && { grant, from: Number(from) }
}

const FROM_BYTES = 8
/** As positions in a hello. */
const MAX_FROM = 2n ** 48n
