/**
 * Functions that verify and cannot decrypt: signatures, the ids of rooms, digests, and random bytes. The only entry of
 * this package that a server may import.
 *
 * @module
 */
export { equalDigests, hashBytes } from './digest.ts'
export { deriveRoomIdBytes, ROOM_ID_BYTES } from './room-id.ts'
export { isSmallOrder } from './small-order.ts'
export { importVerifyKey, verifyBytes, verifySignature } from './verify-key.ts'
export { randomBytes } from '../web-crypto.ts'
