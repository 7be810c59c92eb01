/**
 * The options of encrypted drivers.
 *
 * @module
 */
import type { Clock } from '@conclave/base'
import type { KeySource } from '@conclave/e2ee'
import type { PassphraseAgreement, PassphraseWorkerOptions } from '@conclave/e2ee/passphrase'
import type { SessionFramesOptions } from '../call/session-frames.ts'

/** Options of `encrypted`: a passphrase, or keys. */
export type EncryptedOptions = SessionFramesOptions & {
  /** The name of this session for the others; sealed. */
  readonly name?: string | undefined
  /** For tests. */
  readonly clock?: Clock | undefined
} & (PassphraseOptions | { readonly keys: KeySource; readonly passphrase?: undefined })

/**
 * A passphrase that all members of a room know, and how it is stretched, the same at all of them. By default Argon2id does it, in
 * WebAssembly: where the policy of the page does not permit it, a start rejects with `ERR_CRYPTO_UNSUPPORTED`, and `PBKDF2` is for you.
 */
export interface PassphraseOptions extends Partial<Pick<PassphraseAgreement, 'salt' | 'kdf'>> {
  /** At least 50 bits: `generatePassphrase` of `@conclave/e2ee/passphrase` draws one. */
  readonly passphrase: string
  /** The `createWorker` of `createPassphraseKeySource`, which stretches the passphrase. */
  readonly createPassphraseWorker?: PassphraseWorkerOptions['createWorker']
  readonly keys?: undefined
}
