import { describeType } from '@conclave/base'
import { checkSource, isBlob } from './file-source.ts'
import type { FileSource } from './file-source.ts'
import { SourceReader } from './source-reader.ts'
import { checkDescription } from './file-description.ts'
import type { FileDescription } from './file-description.ts'
import { openFailedError } from './file-errors.ts'
import { chunkOffset, FILE_HEADER_BYTES } from './file-layout.ts'
import { startOpening } from './open-file.ts'
import type { FileStreamOptions } from './ordered-stream.ts'
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
 * Opens a part of a sealed file, as `slice` would take it, out of the chunks that hold it. Asks its source at most
 * twice at the first read: for the header, and for all chunks that are needed; or for both in one. Its results and
 * failures are those of `openFile`. The progress is that of the part.
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
  const chunks = start === end ? { first, end: first } : { first, end: Math.ceil(end / chunkSize) }
  const aborter = new AbortController()
  const ask = async (from: number, to: number): Promise<FileSource> =>
    checkSource('source', await readRange(from, to, { signal: aborter.signal }))
  const bodyStart = first === 0 ? 0 : chunkOffset(description, first)
  const bodyEnd = chunkOffset(description, chunks.end)
  let body: Promise<FileSource> | undefined
  const reader =
    first === 0 || start === end
      ? new SourceReader(() => ask(0, start === end ? FILE_HEADER_BYTES : bodyEnd))
      : new SourceReader(
          () => {
            // Both requests at once: a seek costs one round trip to the storage.
            body = ask(bodyStart, bodyEnd)
            body.catch(() => {})
            return ask(0, FILE_HEADER_BYTES)
          },
          async () => body ?? NOTHING,
        )
  const stop = (reason: unknown): void => {
    aborter.abort(reason)
    body?.then((source) => endSource(source, reason)).catch(() => {})
  }
  return startOpening(reader, { description, options, start, end, chunks, stop })
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
