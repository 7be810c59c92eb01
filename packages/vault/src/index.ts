/**
 * Keeps what a new device needs: entries under one master key, which a recovery key, a passphrase or a passkey opens,
 * in a storage that learns nothing of them. Normative text: spec/vault.md.
 *
 * @module
 */
export { ARGON2ID, MIN_PASSPHRASE_BITS, PBKDF2 } from '@conclave/e2ee/passphrase'
export type { PassphraseKdf } from '@conclave/e2ee/passphrase'
export { isVaultError, VaultError } from './errors.ts'
export type { AnyVaultError, VaultErrorCode, VaultErrorDetails } from './errors.ts'
export { createIndexedDbStorage } from './indexeddb-storage.ts'
export {
  MAX_ENTRIES,
  MAX_ENTRY_BYTES,
  MAX_NAME_BYTES,
  MAX_SLOTS,
  MAX_VAULT_BYTES,
} from './limits.ts'
export { createMemoryStorage } from './memory-storage.ts'
export type { NewSlot } from './new-slot.ts'
export { createPasskeyClient, isPasskeySupported } from './passkey.ts'
export type {
  NewPasskey,
  PasskeyAnswer,
  PasskeyClient,
  PasskeyRegistrar,
  PasskeyRequest,
} from './passkey.ts'
export type { VaultPin } from './pin.ts'
export {
  encodeRecoveryKey,
  findRecoveryKeyMistake,
  generateRecoveryKey,
  parseRecoveryKey,
  RECOVERY_KEY_BYTES,
  RecoveryKey,
} from './recovery-key.ts'
export type { RecoveryKeyMistake } from './recovery-key.ts'
export type { SlotId, SlotSummary, SlotType } from './slot.ts'
export type { StoredBytes, VaultStorage } from './storage.ts'
export { createVault, openVault, restoreVault } from './stored-vault.ts'
export type { VaultExpectations } from './stored-vault.ts'
export type { VaultCredential } from './unlock.ts'
export { inspectVault } from './vault-file.ts'
export type { VaultSummary } from './vault-file.ts'
export type { EntryChanges, Vault, VaultSlot } from './vault.ts'
