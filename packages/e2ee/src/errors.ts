/**
 * What can fail for a reason that the caller must know, as codes to switch on. Mistakes of the caller are
 * `TypeError` and `RangeError`; what comes from others never throws and is a returned value instead.
 *
 * @module
 */

/** Every code of this package, with what its error carries in `details`. */
export interface E2eeErrorDetails {
  /** The key source does not hold this epoch: not yet, or not any more. spec K8 */
  readonly ERR_E2EE_UNKNOWN_EPOCH: { readonly epoch: bigint }
  /** The key source or the sealer was closed. spec K13, P14 */
  readonly ERR_E2EE_CLOSED: undefined
  /** A key has sealed all that it may. `key`: a new epoch helps; `stream`: only a new session does. spec P3 */
  readonly ERR_E2EE_EXHAUSTED: { readonly limit: 'key' | 'stream' }
  /** The body does not fit into one message. spec P5 */
  readonly ERR_E2EE_TOO_LARGE: { readonly byteLength: number; readonly maxBytes: number }
  /** There are too many recipients to keep a counter for another one. spec P12 */
  readonly ERR_E2EE_TOO_MANY_PEERS: { readonly maxPeers: number }
  /** The platform lacks this, or its implementation failed a check. spec K4 */
  readonly ERR_E2EE_UNSUPPORTED: {
    readonly feature: 'WebCrypto' | 'Ed25519' | 'X25519' | 'Argon2id'
  }
  /** It does not authenticate: another key, another context, or changed. There is no further detail. spec P30 */
  readonly ERR_E2EE_OPEN_FAILED: undefined
  /** The envelope wants a key that is not held: fetch it and try again. spec P30, P33 */
  readonly ERR_E2EE_UNKNOWN_KEY: { readonly keyId: string; readonly keyVersion: number }
  /** What came from outside is not of its form. spec P26, P28 */
  readonly ERR_E2EE_MALFORMED: undefined
  /** The key is older than the caller requires. spec P31 */
  readonly ERR_E2EE_VERSION_TOO_OLD: {
    readonly keyId: string
    readonly keyVersion: number
    readonly minKeyVersion: number
  }
  /** An event that was opened before (`replay`), came too late, or has no number to tell by. spec P40, P42 */
  readonly ERR_E2EE_REPLAYED: { readonly reason: 'replay' | 'late' | 'unnumbered' }
  /** A keyring is full. spec P38 */
  readonly ERR_E2EE_TOO_MANY_KEYS: { readonly maxKeys: number }
  /** Too easy to guess to protect anything. spec K39 */
  readonly ERR_E2EE_WEAK_PASSPHRASE: { readonly bits: number; readonly minBits: number }
  /** An inviter has too many invitations that have not expired. spec E25 */
  readonly ERR_E2EE_TOO_MANY_INVITATIONS: { readonly maxInvitations: number }
  /** The storage of what was seen holds something else, or kept changing. spec P41 */
  readonly ERR_E2EE_STORAGE: { readonly reason: 'damaged' | 'conflict' }
}

/** A code of this package's errors. */
export type E2eeErrorCode = keyof E2eeErrorDetails

/** An error of this package, as a union over its codes: `switch (error.code)` narrows `details`. */
export type AnyE2eeError = { [C in E2eeErrorCode]: E2eeError<C> }[E2eeErrorCode]

/** The one error class of this package. Never carries secrets, key material or plaintext. spec K5 */
export class E2eeError<C extends E2eeErrorCode> extends Error {
  override readonly name = 'E2eeError'
  readonly code: C
  readonly details: E2eeErrorDetails[C]

  constructor(
    code: C,
    message: string,
    options: { readonly details: E2eeErrorDetails[C]; readonly cause?: unknown },
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : {})
    this.code = code
    this.details = options.details
  }

  /** For logs: without the stack and without the cause; a `bigint` becomes text. */
  toJSON(): {
    readonly name: string
    readonly code: C
    readonly message: string
    readonly details: unknown
  } {
    const details =
      this.details && Object.fromEntries(Object.entries(this.details).map(toJsonEntry))
    return { name: this.name, code: this.code, message: this.message, details }
  }
}

/**
 * Whether a value is an error of this package, from this copy of it or another, from this realm or
 * another. Narrows to the union, so that a switch over `code` is exhaustive.
 */
export function isE2eeError(value: unknown): value is AnyE2eeError {
  if (typeof value !== 'object' || value === null) return false
  const { name, code } = value as { readonly name?: unknown; readonly code?: unknown }
  return name === 'E2eeError' && typeof code === 'string' && Object.hasOwn(CODES, code)
}

const toJsonEntry = ([name, value]: [string, unknown]): [string, unknown] => [
  name,
  typeof value === 'bigint' ? value.toString() : value,
]

const CODES: { readonly [C in E2eeErrorCode]: true } = {
  ERR_E2EE_UNKNOWN_EPOCH: true,
  ERR_E2EE_CLOSED: true,
  ERR_E2EE_EXHAUSTED: true,
  ERR_E2EE_TOO_LARGE: true,
  ERR_E2EE_TOO_MANY_PEERS: true,
  ERR_E2EE_UNSUPPORTED: true,
  ERR_E2EE_OPEN_FAILED: true,
  ERR_E2EE_UNKNOWN_KEY: true,
  ERR_E2EE_MALFORMED: true,
  ERR_E2EE_VERSION_TOO_OLD: true,
  ERR_E2EE_REPLAYED: true,
  ERR_E2EE_TOO_MANY_KEYS: true,
  ERR_E2EE_WEAK_PASSPHRASE: true,
  ERR_E2EE_TOO_MANY_INVITATIONS: true,
  ERR_E2EE_STORAGE: true,
}
