/**
 * Keys out of passphrases: drawn by a generator, checked for strength, stretched by Argon2id or PBKDF2, salted for each
 * room. Apart from the rest because it brings a list of words and a function in WebAssembly. Normative text: spec/keys.md.
 *
 * @module
 */
export type { PassphraseWorkerOptions } from './choose-worker.ts'
export { ExternalE2EEKeyProvider } from './external-key-provider.ts'
export type { ExternalKeyProviderOptions } from './external-key-provider.ts'
export { BITS_PER_WORD, generatePassphrase } from './generate-passphrase.ts'
export {
  ARGON2ID,
  choosePassphraseKdf,
  isPassphraseKdf,
  MAX_PASSPHRASE_BYTES,
  PASSPHRASE_SALT_BYTES,
  passphraseToBytes,
  PBKDF2,
  stretchPassphrase,
} from './passphrase-kdf.ts'
export type { PassphraseKdf, StretchOptions } from './passphrase-kdf.ts'
export { createPassphraseKeySource } from './passphrase-key-source.ts'
export type { PassphraseKeySource } from './passphrase-key-source.ts'
export type { PassphraseAgreement } from './passphrase-root.ts'
export { checkPassphrase, estimatePassphrase, MIN_PASSPHRASE_BITS } from './passphrase-strength.ts'
export type { PassphrasePattern, PassphraseStrength } from './passphrase-strength.ts'
