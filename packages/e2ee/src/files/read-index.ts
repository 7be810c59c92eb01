/**
 * Reads the digests of some chunks out of an index: the rows that hold them and the rows above those, nothing else.
 * spec F11, F16
 *
 * @module
 */
import { equalBytes } from '@conclave/base'
import { hashBytes } from '@conclave/crypto/verify'
import { digestFile } from './digest-rows.ts'
import { openFailedError } from './file-errors.ts'
import {
  countChunks,
  countEntries,
  DIGEST_BYTES,
  ROW_ENTRIES,
  sealedLength,
} from './file-layout.ts'
import type { FileShape } from './file-layout.ts'
import type { SourceReader } from './source-reader.ts'

/** Chunks, by index: from the first to before the end. */
export interface ChunkRange {
  readonly first: number
  readonly end: number
}

/** The part of a level that leads to some chunks. */
export interface LevelPart {
  /** Where its bytes lie in the sealed file. */
  readonly bytes: { readonly start: number; readonly end: number }
  /** Its first row, counted in the level. */
  readonly firstRow: number
  /** The entries that are needed of it. */
  readonly entries: ChunkRange
}

/** The parts of the index that lead to some chunks, the top row first; to none, the top row. */
export function findLevelParts(shape: FileShape, chunks: ChunkRange): readonly LevelPart[] {
  const count = countChunks(shape)
  const levels = countEntries(count)
  const parts: LevelPart[] = []
  let start = sealedLength(shape)
  let entries = chunks
  for (let level = levels.length - 1; level >= 0; level -= 1) {
    const isTop = level === 0
    const length = (levels[level] ?? 0) * DIGEST_BYTES
    start -= length
    const firstRow = isTop ? 0 : Math.floor(entries.first / ROW_ENTRIES)
    const endRow = isTop ? 1 : Math.ceil(entries.end / ROW_ENTRIES)
    const from = start + firstRow * ROW_BYTES
    const bytes = { start: from, end: start + Math.min(endRow * ROW_BYTES, length) }
    if (isTop || chunks.first < chunks.end) parts.unshift({ bytes, firstRow, entries })
    entries = { first: firstRow, end: endRow }
  }
  return parts
}

/**
 * The digests of the chunks for which the parts were made, each after its row has been compared with the entry above.
 *
 * @throws E2eeError `ERR_E2EE_OPEN_FAILED`
 */
export async function* readDigests(
  parts: readonly { readonly part: LevelPart; readonly reader: SourceReader }[],
  file: { readonly header: Uint8Array; readonly size: number; readonly digest: Uint8Array },
): AsyncGenerator<Uint8Array, void, void> {
  const [level, above] = [parts.at(-1), parts.slice(0, -1)]
  if (level === undefined) return
  const { part, reader } = level
  const isTop = above.length === 0
  const expected = readDigests(above, file)
  const length = part.bytes.end - part.bytes.start
  for (let at = 0; at < length; at += ROW_BYTES) {
    const row = new Uint8Array(Math.min(ROW_BYTES, length - at))
    if ((await reader.fill(row)) < row.length) throw openFailedError()
    if (at + row.length === length && !(await reader.isAtEnd())) throw openFailedError()
    const found = await (isTop ? digestFile({ ...file, rows: [row] }) : hashBytes(row))
    const wanted = isTop ? file.digest : ((await expected.next()).value ?? NOTHING)
    if (!equalBytes(found, wanted)) throw openFailedError()
    const first = part.firstRow * ROW_ENTRIES + at / DIGEST_BYTES
    for (let index = 0; index < row.length / DIGEST_BYTES; index += 1) {
      if (first + index < part.entries.first || first + index >= part.entries.end) continue
      yield row.subarray(index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES)
    }
  }
}

const ROW_BYTES = ROW_ENTRIES * DIGEST_BYTES
const NOTHING = new Uint8Array()
