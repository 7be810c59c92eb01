/**
 * Functions that verify and cannot decrypt: signatures, the ids of rooms, owners and participants, digests with a key and without, and random bytes. The only entry of
 * this package that a server may import.
 *
 * @module
 */
export {
  CERTIFIED_ID_BYTES,
  deriveOwnerFingerprintBytes,
  deriveParticipantIdBytes,
  deriveRoomIdBytes,
  OWNER_FINGERPRINT_BYTES,
} from './certified-ids.ts'
export { hashBytes } from '#platform/digest'
export { hmacBytes } from './hmac.ts'
export { isSmallOrder } from './small-order.ts'
export { importVerifyKey, verifyBytes, verifySignature } from './verify-key.ts'
export { randomBytes } from '../web-crypto.ts'
