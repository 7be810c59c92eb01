/**
 * The layout of a sealed frame: `clear ‖ ciphertext ‖ tag ‖ IV ‖ 12 ‖ key index`. spec M75
 *
 * @module
 */
import { NONCE_BYTES, TAG_BYTES } from '@conclave/crypto'

/** Length of the IV that frames carry. */
export const IV_BYTES: 12 = NONCE_BYTES

/** Length of the IV, its length and the key index. */
export const TRAILER_BYTES: number = IV_BYTES + 2

/** The least that follows the clear part. */
export const MIN_SEALED_BYTES: number = TAG_BYTES + TRAILER_BYTES

/** The cipher's parameters: only the clear part is authenticated beside the ciphertext. */
export function cipherParameters(
  iv: Uint8Array<ArrayBuffer>,
  clear: Uint8Array<ArrayBuffer>,
): AesGcmParams {
  return { name: 'AES-GCM', iv, additionalData: clear, tagLength: 8 * TAG_BYTES }
}
