import { copyBytes, equalBytes, isBytes } from '@conclave/base'
import { TAG_BYTES, wipe } from '@conclave/crypto'
import { hashBytes } from '@conclave/crypto/verify'
import { PADDING_MARK } from '../events/padding.ts'
import { checkSource } from './file-source.ts'
import type { FileSource } from './file-source.ts'
import { SourceReader } from './source-reader.ts'
import { openChunk } from './chunk-cipher.ts'
import { collect } from './collect.ts'
import { buildIndex, digestFile, DigestRows } from './digest-rows.ts'
import { checkDescription } from './file-description.ts'
import type { FileDescription } from './file-description.ts'
import { openFailedError, tooLargeError } from './file-errors.ts'
import { checkHeader } from './check-header.ts'
import { deriveFileKeys } from './file-keys.ts'
import { chunkLength, countChunks } from './file-layout.ts'
import { streamInOrder } from './ordered-stream.ts'
import type { FileStreamOptions, Step } from './ordered-stream.ts'
import { readDigests } from './read-index.ts'
import type { ChunkRange, LevelPart } from './read-index.ts'
import { checkByteCount, checkStreamOptions } from './stream-options.ts'

/**
 * Opens a sealed file from its beginning to its end, holding a few chunks of it at a time. The stream gives nothing
 * that has not authenticated, and fails with `ERR_E2EE_OPEN_FAILED` where the sealed bytes were changed: **the bytes
 * before that are a beginning of some content that a holder of the description sealed, and you must not use them as the content
 * of this file**. Only a stream that ends well is the described content: its last chunk comes after the digest of all.
 * `openFileRange` compares each chunk with the description before it gives it, `openBytes` returns all bytes or none.
 *
 * The stream fails with `ERR_E2EE_MALFORMED` for bytes that do not begin as a sealed file does.
 *
 * @throws TypeError that names the argument, before anything is read
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`, as the failure of the stream
 */
export function openFile(
  source: FileSource,
  description: FileDescription,
  options: FileStreamOptions = {},
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const checked = checkSource('source', source)
  checkDescription(description)
  checkStreamOptions(options)
  return startOpening(new SourceReader(checked), {
    ...{ description, options },
    ...{ start: 0, end: description.size, chunks: { first: 0, end: countChunks(description) } },
  })
}

/** Both ends of a stream that opens, for `pipeThrough`. */
export interface FileOpener {
  readonly writable: WritableStream<Uint8Array>
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>
}

/**
 * As {@link openFile}, for `sealed.pipeThrough(opener).pipeTo(target)`.
 *
 * @throws as `openFile`
 */
export function createFileOpener(
  description: FileDescription,
  options: FileStreamOptions = {},
): FileOpener {
  const { writable, readable: sealed } = new TransformStream<Uint8Array, Uint8Array>()
  return { writable, readable: openFile(sealed, description, options) }
}

/** The most that {@link openBytes} opens by default: 64 MiB. */
export const DEFAULT_MAX_OPEN_BYTES: number = 2 ** 26

/**
 * Opens a sealed file as a whole: all of it, or only an error. For files small enough for memory.
 *
 * @param options.maxBytes the most bytes of content; 64 MiB when left out
 * @throws TypeError, RangeError that name the argument; always as a rejection
 * @throws E2eeError `ERR_E2EE_OPEN_FAILED`, `ERR_E2EE_MALFORMED`, `ERR_E2EE_TOO_LARGE`
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function openBytes(
  sealed: FileSource,
  description: FileDescription,
  options: FileStreamOptions & { readonly maxBytes?: number } = {},
): Promise<Uint8Array<ArrayBuffer>> {
  checkDescription(description)
  checkStreamOptions(options)
  const maxBytes = checkByteCount('maxBytes', options.maxBytes ?? DEFAULT_MAX_OPEN_BYTES)
  const { size } = description
  if (size > maxBytes) throw tooLargeError(size, maxBytes)
  // A copy: the caller may change its bytes before they are read.
  const source = isBytes(sealed) ? copyBytes('sealed', sealed) : sealed
  return collect(openFile(source, description, options), size)
}

/** The part of a file to open, and the chunks that it needs. */
export interface OpeningPart {
  readonly description: FileDescription
  /** Where in the content it begins and ends. */
  readonly start: number
  readonly end: number
  readonly chunks: ChunkRange
  /** The parts of the index that lead to the chunks. Left out: the whole file is read, from its header to the end of its index. */
  readonly index?: readonly { readonly part: LevelPart; readonly reader: SourceReader }[]
}

/** Opens a part. The reader must give the chunks of the part, or the whole file, and nothing else. spec F9, F10 */
export function startOpening(
  reader: SourceReader,
  given: OpeningPart & {
    readonly options: FileStreamOptions
    readonly stop?: (reason: unknown) => void
  },
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const stop = (reason: unknown): void => {
    reader.stop(reason)
    given.stop?.(reason)
  }
  const total = (): number => given.end - given.start
  return streamInOrder(openSteps(reader, given), { ...given.options, stop, total })
}

async function* openSteps(
  reader: SourceReader,
  { description, start, end, chunks, index: parts }: OpeningPart,
): AsyncGenerator<Step, void, void> {
  const { digest, ...secrets } = description.unsafeExport()
  const { chunkKey: key, header } = await deriveFileKeys(secrets)
  wipe(secrets.key)
  const file = { header, size: description.size, digest }
  const given = parts && readDigests(parts, file)
  const computed = new DigestRows()
  if (given === undefined) await checkHeader(reader, header)
  const count = countChunks(description)
  for (let index = chunks.first; index < chunks.end; index += 1) {
    const sealed = new Uint8Array(chunkLength(description, index) + TAG_BYTES)
    if ((await reader.fill(sealed)) < sealed.length) throw openFailedError()
    const hashed = hashBytes(sealed)
    const expected = given && ((await given.next()).value ?? NOTHING)
    if (given === undefined) computed.add(hashed)
    if (index === chunks.end - 1) {
      if (given === undefined) await checkIndex(reader, { ...file, digests: computed })
      if (!(await reader.isAtEnd())) throw openFailedError()
    }
    const place = { index, isLast: index === count - 1 }
    const at = index * description.chunkSize
    const output = openChunk(sealed, { key, place }).then(async (chunk) => {
      if (expected !== undefined && !equalBytes(await hashed, expected)) throw openFailedError()
      checkPadding(chunk, { description, at })
      return chunk.subarray(Math.max(0, start - at), Math.max(0, end - at))
    })
    yield { output, done: Math.min(end, at + sealed.length - TAG_BYTES) - start }
  }
  // An empty range compares the top of the index, and nothing else.
  if (chunks.first >= chunks.end) await given?.next()
}

/** Compares the rest of the file with the index of its chunks, and that with the description. spec F16 */
async function checkIndex(
  reader: SourceReader,
  file: {
    readonly header: Uint8Array
    readonly size: number
    readonly digest: Uint8Array
    readonly digests: DigestRows
  },
): Promise<void> {
  const rows = await buildIndex(file.digests)
  if (!equalBytes(await digestFile({ ...file, rows }), file.digest)) throw openFailedError()
  for (const row of rows) {
    const given = new Uint8Array(row.length)
    if ((await reader.fill(given)) < row.length || !equalBytes(given, row)) throw openFailedError()
  }
}

/**
 * Whether the content ends where the description says.
 *
 * @throws E2eeError `ERR_E2EE_OPEN_FAILED`. spec F7
 */
function checkPadding(
  chunk: Uint8Array,
  { description, at }: { readonly description: FileDescription; readonly at: number },
): void {
  if (!description.padded) return
  for (let index = Math.max(0, description.size - at); index < chunk.length; index += 1) {
    if (chunk[index] !== (at + index === description.size ? PADDING_MARK : 0))
      throw openFailedError()
  }
}

const NOTHING = new Uint8Array()
