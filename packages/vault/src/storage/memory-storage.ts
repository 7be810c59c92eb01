import type { VaultStorage } from './storage.ts'

/** A storage in memory; its content ends with the page or process. spec V23 */
export function createMemoryStorage(): VaultStorage {
  let stored: { readonly bytes: Uint8Array; readonly version: string } | undefined
  let writes = 0
  return {
    read: async () => stored && { ...stored, bytes: new Uint8Array(stored.bytes) },
    write: async (bytes, expected) => {
      if (stored?.version !== expected) return undefined
      writes += 1
      stored = { bytes: new Uint8Array(bytes), version: String(writes) }
      return stored.version
    },
    remove: async () => {
      stored = undefined
    },
  }
}
