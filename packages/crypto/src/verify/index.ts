/**
 * Functions that verify and cannot decrypt: signatures, the ids of rooms and participants, digests, and random bytes. The only entry of
 * this package that a server may import.
 *
 * @module
 */
export { CERTIFIED_ID_BYTES, deriveParticipantIdBytes, deriveRoomIdBytes } from './certified-ids.ts'
export { hashBytes } from './digest.ts'
export { isSmallOrder } from './small-order.ts'
export { importVerifyKey, verifyBytes, verifySignature } from './verify-key.ts'
export { randomBytes } from '../web-crypto.ts'
