/**
 * Signatures of events, so that no member can speak as another: Ed25519 by WebCrypto. A separate entry, so that
 * applications that do not sign do not load it. Normative text: spec/payload.md §10.
 *
 * @module
 */
export type {
  EventSigner,
  EventToSign,
  EventVerifier,
  SignedEvent,
} from '../events/event-signing.ts'
export { createSigner } from './event-signer.ts'
export { MAX_KEYS_PER_SIGNER, MAX_SIGNERS, SignerDirectory } from './signer-directory.ts'
export {
  generateSigningKeys,
  importSigningKeys,
  restoreSigningKeys,
  SIGNING_KEY_BYTES,
  SigningKeys,
} from './signing-keys.ts'
export type { StoredSigningKeys } from './signing-keys.ts'
