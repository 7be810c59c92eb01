import { concatBytes } from '@conclave/base'
import type { VaultStorage } from './storage.ts'

/** A storage in memory; its content ends with the page or process. spec V23 */
export function createMemoryStorage(): VaultStorage {
  let stored: { readonly bytes: Uint8Array; readonly version: string } | undefined
  let writes = 0
  const put = (bytes: Uint8Array): string => {
    writes += 1
    stored = { bytes, version: String(writes) }
    return stored.version
  }
  return {
    read: async () => stored && { ...stored, bytes: new Uint8Array(stored.bytes) },
    write: async (bytes, expected) => {
      return stored?.version === expected ? put(new Uint8Array(bytes)) : undefined
    },
    append: async (bytes, expected) => {
      if (stored === undefined || (expected ?? stored.version) !== stored.version) return undefined
      return put(concatBytes(stored.bytes, bytes))
    },
    remove: async () => {
      stored = undefined
    },
  }
}
