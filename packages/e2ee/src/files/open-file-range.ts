import { describeType } from '@conclave/base'
import { checkSource, isBlob } from './file-source.ts'
import type { FileSource } from './file-source.ts'
import { SourceReader } from './source-reader.ts'
import { checkDescription } from './file-description.ts'
import type { FileDescription } from './file-description.ts'
import { openFailedError } from './file-errors.ts'
import { chunkOffset } from './file-layout.ts'
import { startOpening } from './open-file.ts'
import type { FileStreamOptions } from './ordered-stream.ts'
import { findLevelParts } from './read-index.ts'
import { checkByteCount, checkStreamOptions } from './stream-options.ts'

/**
 * Gives the sealed bytes from `start` to before `end`, exactly these: a request with `Range: bytes=<start>-<end - 1>`,
 * of which you must check that it was answered with 206; or a part of a file. `signal` ends it. Where the storage tells how
 * long all of it is (`Content-Range`), another length than the description's `sealedSize` is a file that was cut.
 */
export type ReadRange = (
  start: number,
  end: number,
  options: { readonly signal: AbortSignal },
) => FileSource | Promise<FileSource>

/** The part of the content to open. */
export interface FileRangeOptions extends FileStreamOptions {
  /** The first byte; 0 when left out. */
  readonly start?: number
  /** The byte after the last one; the size when left out, or when it is beyond. */
  readonly end?: number
}

/**
 * Opens a part of a sealed file, or all of it, as `slice` would take it, out of the chunks that hold it. Asks its source
 * twice at the first read: for the index that leads to these chunks, at most 8 KiB for each 256 of them, and for the chunks; from 257
 * chunks of the file on (16 MiB, unless the sender chose) three times, from 65,537 on (4 GiB) four times, for more levels of the index. **Each chunk is
 * compared with the description before any of it is given**: a stream that fails has given a true beginning of the part. Its failures are
 * those of `openFile`. The progress is that of the part.
 *
 * @throws TypeError, RangeError that name the argument, before anything is read
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`, as the failure of the stream
 */
export function openFileRange(
  source: Blob | ReadRange,
  description: FileDescription,
  options: FileRangeOptions = {},
): ReadableStream<Uint8Array<ArrayBuffer>> {
  if (!isBlob(source) && typeof source !== 'function') {
    throw new TypeError(`"source" expected Blob or function, got ${describeType(source)}`)
  }
  checkDescription(description)
  const readRange = isBlob(source) ? readBlob(source, description) : source
  checkStreamOptions(options)
  const { size, chunkSize } = description
  const start = Math.min(size, checkByteCount('start', options.start ?? 0))
  const end = Math.max(start, Math.min(size, checkByteCount('end', options.end ?? size)))
  const first = Math.floor(start / chunkSize)
  const chunks = { first, end: start === end ? first : Math.ceil(end / chunkSize) }
  const requests = new RangeRequests(readRange)
  const index = findLevelParts(description, chunks).map((part) => ({
    ...{ part, reader: new SourceReader(requests.add(part.bytes)) },
  }))
  const bytes = {
    start: chunkOffset(description, first),
    end: chunkOffset(description, chunks.end),
  }
  const reader = start === end ? new SourceReader() : new SourceReader(requests.add(bytes))
  const stop = (reason: unknown): void => {
    requests.stop(reason)
    for (const level of index) level.reader.stop(reason)
  }
  return startOpening(reader, { description, options, start, end, chunks, index, stop })
}

/** Makes all requests at the first read of one: a seek costs one round trip to the storage. */
class RangeRequests {
  readonly #read: ReadRange
  readonly #aborter = new AbortController()
  readonly #ranges: { readonly start: number; readonly end: number }[] = []
  #asked: readonly Promise<FileSource>[] | undefined

  constructor(read: ReadRange) {
    this.#read = read
  }

  /** The source that has these bytes. */
  add(range: { readonly start: number; readonly end: number }): () => Promise<FileSource> {
    const at = this.#ranges.push(range) - 1
    return async () => {
      this.#asked ??= this.#ranges.map(async ({ start, end }) => {
        const answer = await this.#read(start, end, { signal: this.#aborter.signal })
        return checkSource('source', answer)
      })
      // The stream fails with the first of them.
      for (const answer of this.#asked) answer.catch(() => {})
      return this.#asked[at] ?? NOTHING
    }
  }

  stop(reason: unknown): void {
    this.#aborter.abort(reason)
    for (const answer of this.#asked ?? []) {
      answer.then((source) => endSource(source, reason)).catch(() => {})
    }
  }
}

/** Reads a part of a `Blob`. Its length reveals a cut file before any chunk does. */
function readBlob(blob: Blob, { sealedSize }: FileDescription): ReadRange {
  return (start, end) => {
    if (blob.size !== sealedSize) throw openFailedError()
    return blob.slice(start, end)
  }
}

/** Cancels a source that was not read; a stream that is being read ends with its reader. */
async function endSource(source: FileSource, reason: unknown): Promise<void> {
  if ('cancel' in source && !source.locked) await source.cancel(reason)
}

const NOTHING = new Uint8Array()
