/**
 * The platform's cryptography in one place: access to WebCrypto, HKDF, AES-GCM, Ed25519, X25519, redacted secrets, and
 * overwriting of key material. Building blocks for the packages above; they do not choose nonces or contexts.
 * `./verify` checks signatures, ids and digests.
 *
 * @module
 */
export { decryptAesGcm, encryptAesGcm, importAesGcmKey } from '#platform/aes-gcm'
export { NONCE_BYTES, TAG_BYTES } from './aes-gcm-context.ts'
export type { AesGcmContext } from './aes-gcm-context.ts'
export { CURVE_KEY_BYTES } from './curve-keys.ts'
export type { CurveKeyPair } from './curve-keys.ts'
export {
  checkSigningPair,
  generateSigningPair,
  importSigningSeed,
  SIGNATURE_BYTES,
  signBytes,
} from './ed25519.ts'
export { CryptoError, isCryptoError, throwIfUnsupported, unsupportedError } from './errors.ts'
export type {
  AnyCryptoError,
  CryptoErrorCode,
  CryptoErrorDetails,
  CryptoFeature,
} from './errors.ts'
export {
  deriveAesGcmKey,
  deriveBytes,
  expand,
  importExpandKey,
  importHkdfKey,
} from '#platform/hkdf'
export { HASH_BYTES, MAX_EXPAND_BYTES } from './hkdf-options.ts'
export type { AesGcmKeyOptions, BytesOptions, ExpandOptions, HkdfOptions } from './hkdf-options.ts'
export { SecretBytes } from './secret-bytes.ts'
export type { SecretKey, SecretKeyObject } from './secret-key.ts'
export { importAndWipe, randomBytes, webCrypto, wipe } from './web-crypto.ts'
export {
  agree,
  checkAgreementPair,
  generateAgreementPair,
  importAgreementKey,
  importAgreementSeed,
} from './x25519.ts'
