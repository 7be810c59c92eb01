/** Length of a nonce in bytes. NIST SP 800-38D §5.2.1.1 */
export const NONCE_BYTES = 12

/** Length of the authentication tag in bytes: all that GCM gives. */
export const TAG_BYTES = 16

/** The inputs to which one encryption is bound, beside its key. */
export interface AesGcmContext {
  /** {@link NONCE_BYTES} long. You must never encrypt twice under one key with the same nonce. */
  readonly nonce: Uint8Array<ArrayBuffer>
  /** Left out: none. */
  readonly additionalData?: Uint8Array<ArrayBuffer>
  /** Length of the tag; 16 when left out. RFC 9605 §4.5 has suites with less. */
  readonly tagBytes?: number
  /** The bytes that the result begins with, in clear: none when left out. Only for encryption. */
  readonly lead?: Uint8Array
}
