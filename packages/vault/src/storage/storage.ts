import { callStorage } from '@conclave/base'
import type { RecordStorage, StoredBytes } from '@conclave/base'
import { isVaultError, VaultError } from '../errors.ts'

/**
 * A storage for one vault: a few kilobytes under compare-and-swap. Its content is sealed, so it may be a server. It
 * passes `vaultStorageContract` of `@conclave/vault/testing`. A stored state is durable, and complete or absent. spec
 * V23
 */
export interface VaultStorage extends RecordStorage {
  /** Removes the content. Does nothing when there is none. */
  remove(): Promise<void>
}

/** The content; `undefined` when there is none. @throws VaultError `ERR_VAULT_STORAGE_FAILED` */
export async function readStorage(storage: RecordStorage): Promise<StoredBytes | undefined> {
  return guarded(() => storage.read())
}

/** The new version; `undefined` when another version was there. @throws VaultError `ERR_VAULT_STORAGE_FAILED` */
export async function writeStorage(
  storage: RecordStorage,
  bytes: Uint8Array,
  expected: string | undefined,
): Promise<string | undefined> {
  // A copy, as the storage may keep it.
  return guarded(() => storage.write(new Uint8Array(bytes), expected))
}

/** The storage, with its failures as `ERR_VAULT_STORAGE_FAILED`: for those who use it without a vault. spec V23 */
export function guardStorage(storage: VaultStorage): VaultStorage {
  return {
    read: () => readStorage(storage),
    write: (bytes, expected) => writeStorage(storage, bytes, expected),
    remove: () => guarded(() => storage.remove()),
    ...(storage.append && {
      append: (bytes: Uint8Array, expected?: string) =>
        guarded(async () => storage.append?.(new Uint8Array(bytes), expected)),
    }),
  }
}

const guarded = <T>(call: () => Promise<T>): Promise<T> =>
  callStorage(call, (cause) =>
    isVaultError(cause) ? cause : new VaultError('ERR_VAULT_STORAGE_FAILED', undefined, { cause }),
  )
