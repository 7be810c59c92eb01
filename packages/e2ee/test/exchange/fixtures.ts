/** Fixtures of the exchange's tests: a storage in memory whose writes can be made to fail. */
import type { RecordStorage } from '@conclave/base'

export class TestStorage implements RecordStorage {
  stored: { bytes: Uint8Array; version: string } | undefined
  writes = 0
  fails = false

  async read() {
    return this.stored && { ...this.stored, bytes: this.stored.bytes.slice() }
  }

  async write(bytes: Uint8Array, expected: string | undefined): Promise<string | undefined> {
    if (this.fails) throw new Error('disk full')
    if (this.stored?.version !== expected) return undefined
    this.writes += 1
    this.stored = { bytes: bytes.slice(), version: `${this.writes}` }
    return this.stored.version
  }
}
