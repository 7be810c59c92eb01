/**
 * For tests: the contract of storages, and passkeys without an authenticator.
 *
 * @module
 */
export { createSoftwarePasskeys } from './software-passkeys.ts'
export type { SoftwarePasskeys } from './software-passkeys.ts'
export { vaultStorageContract } from './storage-contract.ts'
export type { StorageCase, StorageFactory } from './storage-contract.ts'
