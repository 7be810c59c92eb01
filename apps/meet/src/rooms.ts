/**
 * The part of the client that a room needs. The start page does without.
 *
 * @module
 */
export { Room, decodeOwnerKeys, encodeOwnerKeys, lookInside } from '@conclave/client'
