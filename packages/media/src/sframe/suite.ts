/**
 * The cipher suites of RFC 9605 §4.5 and their sizes.
 *
 * @module
 */

/** A suite by its registered number. */
export type SuiteId = 1 | 2 | 3 | 4 | 5

/** The suites that seal media: 4 is the default. spec M3 */
export type MediaSuiteId = 4 | 5

/** The algorithms and sizes of a suite; sizes in bytes, names as in WebCrypto. */
export type Suite = GcmSuite | CtrSuite

/** AES-GCM. */
export interface GcmSuite extends SuiteSizes {
  readonly type: 'gcm'
  /** Nk: length of the derived key. */
  readonly keyBytes: 16 | 32
}

/** AES-CTR with HMAC. */
export interface CtrSuite extends SuiteSizes {
  readonly type: 'ctr-hmac'
  readonly hash: 'SHA-256'
  /** Nk: length of the derived key: that of AES, then that of HMAC. */
  readonly keyBytes: 48
}

interface SuiteSizes {
  readonly id: SuiteId
  readonly hash: 'SHA-256' | 'SHA-512'
  /** Nt: length of the authentication tag. */
  readonly tagBytes: number
}

/** The table of RFC 9605 §4.5 by suite number. */
export const SUITES: Readonly<Record<1 | 2 | 3, CtrSuite> & Record<MediaSuiteId, GcmSuite>> = {
  1: { id: 1, hash: 'SHA-256', type: 'ctr-hmac', keyBytes: 48, tagBytes: 10 },
  2: { id: 2, hash: 'SHA-256', type: 'ctr-hmac', keyBytes: 48, tagBytes: 8 },
  3: { id: 3, hash: 'SHA-256', type: 'ctr-hmac', keyBytes: 48, tagBytes: 4 },
  4: { id: 4, hash: 'SHA-256', type: 'gcm', keyBytes: 16, tagBytes: 16 },
  5: { id: 5, hash: 'SHA-512', type: 'gcm', keyBytes: 32, tagBytes: 16 },
}

/** Nn: length of nonce and salt in every suite. */
export const NONCE_BYTES = 12
