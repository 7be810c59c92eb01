/** Storages in memory for tests: one that writes its record whole, and one that adds to it. */
import { concatBytes } from '@conclave/base'
import type { RecordStorage } from '@conclave/base'

/** A storage in memory, whose writes can be held up and made to fail. */
export class TestStorage implements RecordStorage {
  stored: { bytes: Uint8Array; version: string } | undefined
  writes = 0
  /** The bytes that all writes were given together. */
  written = 0
  fails = false
  gate: Promise<void> = Promise.resolve()

  async read() {
    return this.stored && { ...this.stored, bytes: this.stored.bytes.slice() }
  }

  async write(bytes: Uint8Array, expected: string | undefined): Promise<string | undefined> {
    await this.gate
    if (this.fails) throw new Error('disk full')
    return this.stored?.version === expected ? this.put(bytes, bytes.length) : undefined
  }

  protected put(bytes: Uint8Array, written: number): string {
    this.writes += 1
    this.written += written
    this.stored = { bytes: bytes.slice(), version: `${this.writes}` }
    return this.stored.version
  }
}

/** A storage that adds what it can. */
export class AddingStorage extends TestStorage {
  async append(bytes: Uint8Array, expected?: string): Promise<string | undefined> {
    await this.gate
    if (this.fails) throw new Error('disk full')
    if (this.stored === undefined) return undefined
    if (expected !== undefined && this.stored.version !== expected) return undefined
    return this.put(concatBytes(this.stored.bytes, bytes), bytes.length)
  }
}

/** Both, by name, for `describe.each`. */
export const STORAGES: readonly (readonly [name: string, storage: typeof TestStorage])[] = [
  ['that writes its record whole', TestStorage],
  ['that adds to its record', AddingStorage],
]
