/**
 * The index of a sealed file, and the digest of all its bytes. spec F16
 *
 * @module
 */
import { concatBytes, textToBytes, uintToBytes } from '@conclave/base'
import { hashBytes } from '@conclave/crypto/verify'
import { DIGEST_BYTES, ROW_ENTRIES } from './file-layout.ts'

/** Up to 256 digests, one after the other. */
export type IndexRow = Uint8Array<ArrayBuffer>

/** Collects digests, which may come later than they are added, in rows. */
export class DigestRows {
  readonly #rows: IndexRow[] = []
  #count = 0
  #added: Promise<void> = Promise.resolve()

  /** The next digest. `rows` rejects if it does. */
  add(digest: Promise<Uint8Array>): void {
    const before = this.#added
    this.#added = digest.then(async (bytes) => {
      await before
      this.#append(bytes)
    })
    this.#added.catch(() => {})
  }

  /** All rows. Nothing is added afterwards. */
  async rows(): Promise<readonly IndexRow[]> {
    await this.#added
    return this.#rows.map((row, index) =>
      row.subarray(0, (this.#count - index * ROW_ENTRIES) * DIGEST_BYTES),
    )
  }

  #append(digest: Uint8Array): void {
    const at = this.#count % ROW_ENTRIES
    if (at === 0) this.#rows.push(new Uint8Array(ROW_ENTRIES * DIGEST_BYTES))
    this.#rows.at(-1)?.set(digest, at * DIGEST_BYTES)
    this.#count += 1
  }
}

/** The rows of the index in their order: the top one first, the digests of the chunks last. */
export async function buildIndex(digests: DigestRows): Promise<readonly IndexRow[]> {
  const rows = await digests.rows()
  if (rows.length === 1) return rows
  const above = new DigestRows()
  for (const row of rows) above.add(Promise.resolve(await hashBytes(row)))
  return [...(await buildIndex(above)), ...rows]
}

/** The digest of a sealed file, whose top row stands for all chunks. */
export async function digestFile(file: {
  readonly header: Uint8Array
  readonly size: number
  /** Those of the index; only the first is used. */
  readonly rows: readonly IndexRow[]
}): Promise<Uint8Array<ArrayBuffer>> {
  const top = file.rows[0] ?? new Uint8Array()
  return hashBytes(concatBytes(LABEL, file.header, uintToBytes(file.size, 8), top))
}

const LABEL: Uint8Array = textToBytes('conclave/1 file digest\0')
