import { copyBytes, isBytes } from '@conclave/base'
import { TAG_BYTES, wipe } from '@conclave/crypto'
import { PADDING_MARK } from '../events/padding.ts'
import { checkSource } from './file-source.ts'
import type { FileSource } from './file-source.ts'
import { SourceReader } from './source-reader.ts'
import { openChunk } from './chunk-cipher.ts'
import { collect } from './collect.ts'
import { checkDescription } from './file-description.ts'
import type { FileDescription } from './file-description.ts'
import { malformedError, openFailedError, tooLargeError } from './file-errors.ts'
import { deriveFileKeys, isFileHeader } from './file-keys.ts'
import { chunkLength, countChunks, FILE_HEADER_BYTES } from './file-layout.ts'
import { streamInOrder } from './ordered-stream.ts'
import type { FileStreamOptions, Step } from './ordered-stream.ts'
import { checkByteCount, checkStreamOptions } from './stream-options.ts'

/**
 * Opens a sealed file from its beginning to its end, holding a few chunks of it at a time. The stream gives nothing
 * that has not authenticated, and fails with `ERR_E2EE_OPEN_FAILED` where the sealed bytes were changed: **the bytes
 * before that are an authentic beginning of the content, and you must not take them for the whole**. `openBytes`
 * returns all bytes or none.
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
  readonly chunks: { readonly first: number; readonly end: number }
}

/** Opens a part. The reader must give the header and the chunks of the part, and nothing else. spec F9, F10 */
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
  { description, start, end, chunks }: OpeningPart,
): AsyncGenerator<Step, void, void> {
  const secrets = description.unsafeExport()
  const { chunkKey: key, header } = await deriveFileKeys(secrets)
  wipe(secrets.key)
  const given = new Uint8Array(FILE_HEADER_BYTES)
  if ((await reader.fill(given)) < given.length || !isFileHeader(given)) {
    throw malformedError('sealed file')
  }
  if (!given.every((byte, at) => header[at] === byte)) throw openFailedError()
  const count = countChunks(description)
  for (let index = chunks.first; index < chunks.end; index += 1) {
    const sealed = new Uint8Array(chunkLength(description, index) + TAG_BYTES)
    if ((await reader.fill(sealed)) < sealed.length) throw openFailedError()
    if (index === chunks.end - 1 && !(await reader.isAtEnd())) throw openFailedError()
    const place = { index, isLast: index === count - 1 }
    const at = index * description.chunkSize
    const output = openChunk(sealed, { key, place }).then((chunk) => {
      checkPadding(chunk, { description, at })
      return chunk.subarray(Math.max(0, start - at), Math.max(0, end - at))
    })
    yield { output, done: Math.min(end, at + sealed.length - TAG_BYTES) - start }
  }
  if (chunks.first >= chunks.end && !(await reader.isAtEnd())) throw openFailedError()
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
