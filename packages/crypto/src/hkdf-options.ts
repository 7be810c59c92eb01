/** Length of a hash of SHA-256, and of a key that HKDF-Expand takes, in bytes. */
export const HASH_BYTES = 32

/** The most that one expansion gives, in bytes: 255 blocks. RFC 5869 §2.3 */
export const MAX_EXPAND_BYTES: number = 255 * HASH_BYTES

/** The parameters of one derivation. */
export interface HkdfOptions {
  /** Left out: none, which is a salt of zeros. RFC 5869 §2.2 */
  readonly salt?: Uint8Array<ArrayBuffer>
  readonly info: Uint8Array<ArrayBuffer>
  /** SHA-256 when left out. */
  readonly hash?: 'SHA-256' | 'SHA-512'
}

/** A derivation of bytes. */
export interface BytesOptions extends HkdfOptions {
  readonly length: number
}

/** A derivation of a key. */
export interface AesGcmKeyOptions extends HkdfOptions {
  readonly bytes: 16 | 32
  readonly usages: ('encrypt' | 'decrypt')[]
}

/** An expansion. */
export interface ExpandOptions {
  readonly info: Uint8Array
  readonly length: number
}
