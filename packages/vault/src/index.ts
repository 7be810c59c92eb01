/**
 * Keeps the secrets that a person's next device needs: entries under one master key, which a recovery key, a passphrase
 * or a passkey opens, in a storage that learns nothing about them. Normative text: spec/vault.md.
 *
 * @module
 */
export { ARGON2ID, MIN_PASSPHRASE_BITS, PBKDF2 } from '@conclave/e2ee/passphrase'
export type { PassphraseKdf } from '@conclave/e2ee/passphrase'
export { isVaultError, VaultError } from './errors.ts'
export type { AnyVaultError, VaultErrorCode, VaultErrorDetails } from './errors.ts'
export { createIndexedDbStorage } from './storage/indexeddb-storage.ts'
export {
  MAX_ENTRIES,
  MAX_ENTRY_BYTES,
  MAX_NAME_BYTES,
  MAX_SLOTS,
  MAX_VAULT_BYTES,
} from './limits.ts'
export { createMemoryStorage } from './storage/memory-storage.ts'
export type { NewSlot } from './slots/new-slot.ts'
export { createPasskeyClient, isPasskeySupported } from './slots/passkey-client.ts'
export type {
  NewPasskey,
  PasskeyAnswer,
  PasskeyClient,
  PasskeyRegistrar,
  PasskeyRequest,
} from './slots/passkey.ts'
export type { NoticeOutcome } from './format/generation-notice.ts'
export type { VaultPin } from './format/vault-pin.ts'
export type { PinOption } from './vault/device-pin.ts'
export {
  encodeRecoveryKey,
  findRecoveryKeyMistake,
  generateRecoveryKey,
  parseRecoveryKey,
  RECOVERY_KEY_BYTES,
  RecoveryKey,
} from './slots/recovery-key.ts'
export type { RecoveryKeyMistake } from './slots/recovery-key.ts'
export type { SlotId, SlotSummary, SlotType } from './slots/slot.ts'
export type { VaultStorage } from './storage/storage.ts'
export { createVault, openVault, restoreVault } from './vault/open-vault.ts'
export type { VaultExpectations } from './vault/open-vault.ts'
export type { VaultCredential } from './slots/unlock-slot.ts'
export { inspectVault } from './format/vault-file.ts'
export type { VaultSummary } from './format/vault-file.ts'
export type { EntryChanges, EntryEdit, Vault, VaultSlot } from './vault/vault.ts'
