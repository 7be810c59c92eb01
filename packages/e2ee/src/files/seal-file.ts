import { copyBytes, describeType } from '@conclave/base'
import { randomBytes, wipe } from '@conclave/crypto'
import { hashBytes } from '@conclave/crypto/verify'
import { PADDING_MARK } from '../events/padding.ts'
import { checkSource, isBlob, lengthOf } from './file-source.ts'
import type { FileSource } from './file-source.ts'
import { SourceReader } from './source-reader.ts'
import { sealChunk } from './chunk-cipher.ts'
import { collect } from './collect.ts'
import { buildIndex, digestFile, DigestRows } from './digest-rows.ts'
import {
  FILE_ID_BYTES,
  FILE_KEY_BYTES,
  FileDescription,
  isFileName,
  isFileType,
  toFileName,
} from './file-description.ts'
import type { FileDescriptionParts } from './file-description.ts'
import { tooLargeError } from './file-errors.ts'
import { deriveFileKeys } from './file-keys.ts'
import {
  DEFAULT_CHUNK_BYTES,
  isChunkSize,
  isFileSize,
  MAX_FILE_CHUNKS,
  plaintextLength,
  sealedLength,
} from './file-layout.ts'
import { streamInOrder } from './ordered-stream.ts'
import type { FileStreamOptions, Step } from './ordered-stream.ts'
import { checkByteCount, checkStreamOptions } from './stream-options.ts'

/** How a file is sealed. */
export interface SealFileOptions extends FileStreamOptions {
  /** Goes into the description, so only to receivers. Left out: a `File`'s own, with `_` for what F6 forbids. spec F6 */
  readonly name?: string
  /** As `name`. Left out: the type of a `Blob` or `File`. */
  readonly type?: string
  /**
   * Bytes of content, if they are known of a stream: the total of the progress. The stream fails with a `RangeError` if
   * it has others. spec F13
   */
  readonly size?: number
  /** A power of two from 4 KiB to 1 MiB; 64 KiB when left out. Small ones make ranges cheap, large ones everything else. */
  readonly chunkSize?: number
  /**
   * Makes the sealed file up to 12 % longer. Hides the exact size among those of its class; does not hide the class,
   * nor that, when and how often the file is written and read. spec F7
   */
  readonly padding?: 'padme'
}

/** A file that is being sealed. */
export interface SealedFile {
  /** The sealed bytes, to be stored anywhere. Nothing is read from the source before this is read. */
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>
  /**
   * The description that receivers need, with the digest of the sealed bytes. Resolves when everything is sealed: you must
   * read the stream first. Rejects when the stream fails before.
   */
  readonly description: Promise<FileDescription>
}

/**
 * Seals a file of any length under a fresh random key, holding a few chunks of it at a time.
 *
 * @throws TypeError, RangeError that name the argument, before anything is read
 * @throws E2eeError `ERR_E2EE_TOO_LARGE`, at once or, for streams, from `stream` and `description`
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export function sealFile(source: FileSource, options: SealFileOptions = {}): SealedFile {
  const checked = checkSource('source', source)
  const parts = checkSealing(checked, options)
  return startSealing(new SourceReader(checked), { parts, options, maxChunks: MAX_FILE_CHUNKS })
}

/** Both ends of a stream that seals, for `pipeThrough`; and the description. */
export interface FileSealer {
  readonly writable: WritableStream<Uint8Array>
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>
  /** As that of {@link SealedFile}. */
  readonly description: Promise<FileDescription>
}

/**
 * As {@link sealFile}, for `source.pipeThrough(sealer).pipeTo(storage)`.
 *
 * @throws as `sealFile`
 */
export function createFileSealer(options: SealFileOptions = {}): FileSealer {
  const { writable, readable: plain } = new TransformStream<Uint8Array, Uint8Array>()
  const { stream, description } = sealFile(plain, options)
  return { writable, readable: stream, description }
}

/** Bytes that were sealed as a file. */
export interface SealedBytes {
  readonly sealed: Uint8Array<ArrayBuffer>
  readonly description: FileDescription
}

/**
 * Seals bytes that are small enough to be held twice. They are copied before the call returns.
 *
 * @throws as `sealFile`; always as a rejection
 */
export async function sealBytes(
  bytes: Uint8Array,
  options: SealFileOptions = {},
): Promise<SealedBytes> {
  const source = copyBytes('bytes', bytes)
  const parts = checkSealing(source, options)
  const length = sealedLength({ ...parts, size: source.length })
  const given = { parts, options, maxChunks: MAX_FILE_CHUNKS }
  const { stream, description } = startSealing(new SourceReader(source), given)
  return { sealed: await collect(stream, length), description: await description }
}

/** The parts of a description that are known before the file is read. */
export interface SealingParts extends Omit<FileDescriptionParts, 'size' | 'digest'> {
  readonly size: number | undefined
}

/** {@link sealFile} after its checks; tests give another limit. Takes over the parts. */
export function startSealing(
  reader: SourceReader,
  given: {
    readonly parts: SealingParts
    readonly options: FileStreamOptions
    readonly maxChunks: number
  },
): SealedFile {
  const { parts, options } = given
  let total = parts.size
  let resolve: (description: FileDescription) => void = () => {}
  let reject: (reason: unknown) => void = () => {}
  const description = new Promise<FileDescription>((...settle) => ([resolve, reject] = settle))
  // A caller that reads only the stream gets the failure there.
  description.catch(() => {})
  const learnSize = (size: number): void => {
    total = size
  }
  const describe = (found: { readonly size: number; readonly digest: Uint8Array }): void => {
    resolve(new FileDescription({ ...parts, ...found }))
    wipe(parts.key)
  }
  const stop = (reason: unknown): void => {
    reader.stop(reason)
    reject(reason)
    wipe(parts.key)
  }
  const steps = sealSteps(reader, { ...given, learnSize, describe })
  const stream = streamInOrder(steps, { ...options, stop, total: () => total })
  return { stream, description }
}

async function* sealSteps(
  reader: SourceReader,
  given: {
    readonly parts: SealingParts
    readonly maxChunks: number
    readonly learnSize: (size: number) => void
    readonly describe: (found: { readonly size: number; readonly digest: Uint8Array }) => void
  },
): AsyncGenerator<Step, void, void> {
  const { parts, maxChunks, learnSize, describe } = given
  const { chunkKey: key, header } = await deriveFileKeys(parts)
  yield { output: Promise.resolve(header), done: 0 }
  const chunks = cutPlaintext(reader, parts)
  const digests = new DigestRows()
  let size = 0
  // One chunk is held back: only the end of the source tells which is the last.
  let held = await nextChunk(chunks)
  for (let index = 0; held !== undefined; index += 1) {
    const following = await nextChunk(chunks)
    if (following !== undefined && index + 1 >= maxChunks) {
      const maxBytes = maxChunks * parts.chunkSize
      throw tooLargeError(maxBytes + following.chunk.length, maxBytes)
    }
    const { chunk, done } = held
    size = done
    if (following === undefined) learnSize(size)
    const place = { index, isLast: following === undefined }
    const output = sealChunk(chunk, { key, place })
    digests.add(output.then(hashBytes))
    yield { output, done }
    held = following
  }
  const rows = await buildIndex(digests)
  describe({ size, digest: await digestFile({ header, size, rows }) })
  for (const row of rows) yield { output: Promise.resolve(row) }
}

interface CutChunk {
  readonly chunk: Uint8Array<ArrayBuffer>
  /** Bytes of content up to its end. */
  readonly done: number
}

async function nextChunk(chunks: AsyncGenerator<CutChunk>): Promise<CutChunk | undefined> {
  const next = await chunks.next()
  return next.done === true ? undefined : next.value
}

/** The plaintext in chunks: the content, then its padding. spec F4, F7 */
async function* cutPlaintext(
  reader: SourceReader,
  { chunkSize, padded, size }: SealingParts,
): AsyncGenerator<CutChunk, void, void> {
  let done = 0
  let chunk = new Uint8Array(chunkSize)
  let filled = 0
  do {
    filled = await reader.fill(chunk)
    done += filled
    const isOther = filled < chunkSize ? done !== size : done > (size ?? done)
    if (size !== undefined && isOther) {
      throw new RangeError(`"size" expected the length of the source, got ${size}`)
    }
    if (filled === chunkSize) {
      yield { chunk, done }
      chunk = new Uint8Array(chunkSize)
    }
  } while (filled === chunkSize)
  if (padded) chunk[filled] = PADDING_MARK
  let left = plaintextLength({ size: done, padded }) - (done - filled)
  if (left === 0 && done === 0) yield { chunk: chunk.subarray(0, 0), done }
  while (left > 0) {
    yield { chunk: chunk.subarray(0, left), done }
    left -= Math.min(left, chunkSize)
    chunk = new Uint8Array(left > 0 ? chunkSize : 0)
  }
}

function checkSealing(source: FileSource, options: SealFileOptions): SealingParts {
  checkStreamOptions(options)
  const { padding } = options
  const chunkSize = checkByteCount('chunkSize', options.chunkSize ?? DEFAULT_CHUNK_BYTES)
  if (!isChunkSize(chunkSize)) {
    throw new RangeError('"chunkSize" expected a power of two from 4096 to 1048576')
  }
  if (padding !== undefined && padding !== 'padme') {
    throw new RangeError('"padding" expected "padme" or nothing')
  }
  const padded = padding !== undefined
  const given = options.size === undefined ? undefined : checkByteCount('size', options.size)
  const size = lengthOf(source) ?? given
  if (given !== undefined && given !== size) {
    throw new RangeError(`"size" expected the length of the source, got ${given}`)
  }
  if (size !== undefined && !isFileSize({ size, chunkSize, padded })) {
    throw tooLargeError(plaintextLength({ size, padded }), MAX_FILE_CHUNKS * chunkSize)
  }
  checkAllowed('name', options.name, isFileName)
  checkAllowed('type', options.type, isFileType)
  // A name or type of the source itself is not the caller's mistake.
  const own: { readonly name?: string; readonly type?: string } = isBlob(source) ? source : {}
  const name = options.name ?? toFileName(own.name)
  const type = options.type ?? (isFileType(own.type) ? own.type : undefined)
  const fileId = randomBytes(FILE_ID_BYTES)
  const key = randomBytes(FILE_KEY_BYTES)
  return { fileId, key, size, chunkSize, padded, name, type }
}

function checkAllowed(name: string, value: unknown, isGood: (value: unknown) => boolean): void {
  if (value === undefined || isGood(value)) return
  if (typeof value !== 'string')
    throw new TypeError(`"${name}" expected string, got ${describeType(value)}`)
  throw new RangeError(`"${name}" expected text that spec F6 allows`)
}
