/**
 * Key ids: how a frame names the key that sealed it. spec M8
 *
 * @module
 */
import { randomBytes } from '@conclave/crypto'

/** Puts a KID together: a nonce of 48 bits, then the epoch modulo 256. */
export function composeKid(nonce: Uint8Array, epoch: bigint): bigint {
  let kid = 0n
  for (const byte of nonce.subarray(0, KID_NONCE_BYTES)) kid = (kid << 8n) | BigInt(byte)
  return (kid << 8n) | (epoch & 0xffn)
}

/** Draws a nonce whose first byte is not 0: all KIDs have seven bytes, and no header begins like a VP9 frame. spec M45 */
export function drawKidNonce(): Uint8Array {
  for (;;) {
    const nonce = randomBytes(KID_NONCE_BYTES)
    if (nonce[0] !== 0) return nonce
  }
}

/** Whether a number read from a frame can be a KID at all: it has at most seven bytes. */
export function isKid(value: bigint): boolean {
  return value >= 0n && value < 1n << 56n
}

/** The last byte of the number of a KID's epoch, which the key source resolves. spec M13 */
export function epochByteOfKid(kid: bigint): number {
  return Number(kid & 0xffn)
}

/** Length of the random part of a KID in bytes. */
const KID_NONCE_BYTES = 6
