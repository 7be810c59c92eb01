import { randomBytes, wipe } from '@conclave/crypto'
import { checkSource } from '../file-source.ts'
import { SourceReader } from '../source-reader.ts'
import { sealChunk } from '../chunk-cipher.ts'
import { FILE_ID_BYTES, FILE_KEY_BYTES } from '../file-description.ts'
import { tooLargeError } from '../file-errors.ts'
import { deriveFileKeys } from '../file-keys.ts'
import { DEFAULT_CHUNK_BYTES, isChunkSize, MAX_FILE_CHUNKS } from '../file-layout.ts'
import { streamInOrder } from '../ordered-stream.ts'
import type { FileStreamOptions, Step } from '../ordered-stream.ts'
import { checkByteCount, checkStreamOptions } from '../stream-options.ts'
import { ChunkChain } from '../chunk-chain.ts'
import { GrowingFileKey } from './growing-file-key.ts'

/** How to seal a growing file. */
export interface SealGrowingFileOptions extends FileStreamOptions {
  /** A power of two from 4,096 to 1,048,576; 65,536 by default. A crash loses less than that of the content. */
  readonly chunkSize?: number
}

/** A file that is being sealed while it grows. */
export interface SealedGrowingFile {
  /** The sealed bytes, a whole chunk at a time. Store them as they come. */
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>
  /** Opens what is stored at any time. Give it away, or store it sealed, before the file is needed: a crash takes it along. */
  readonly key: GrowingFileKey
  /** The key with size and digest, once the source has ended; rejects as the stream fails. */
  readonly ended: Promise<GrowingFileKey>
}

/**
 * Seals a source that may end at any time, by a crash too: every chunk is sealed as soon as it is full, under a fresh key, in memory that does
 * not grow. What is stored opens with `openGrowingFile` up to its last whole chunk, which says whether it is complete. For
 * a file that exists already use `sealFile`. spec Q6, Q7
 *
 * @throws TypeError, RangeError that name the argument, before anything is read
 * @throws E2eeError `ERR_E2EE_TOO_LARGE` after 2^24 chunks, as the failure of the stream
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`, as the failure of the stream
 */
export function sealGrowingFile(
  source: ReadableStream<Uint8Array>,
  options: SealGrowingFileOptions = {},
): SealedGrowingFile {
  const checked = checkSource('source', source)
  checkStreamOptions(options)
  const chunkSize = checkByteCount('chunkSize', options.chunkSize ?? DEFAULT_CHUNK_BYTES)
  if (!isChunkSize(chunkSize)) {
    throw new RangeError('"chunkSize" expected a power of two from 4096 to 1048576')
  }
  const fileId = randomBytes(FILE_ID_BYTES)
  const secret = randomBytes(FILE_KEY_BYTES)
  const key = new GrowingFileKey({ fileId, key: secret, chunkSize, end: undefined })
  wipe(secret)
  return startGrowing(new SourceReader(checked), { key, options, maxChunks: MAX_FILE_CHUNKS })
}

/** {@link sealGrowingFile} after its checks. You must use no key twice; vectors do, and tests give another limit. */
export function startGrowing(
  reader: SourceReader,
  given: {
    readonly key: GrowingFileKey
    readonly options: FileStreamOptions
    readonly maxChunks: number
  },
): SealedGrowingFile {
  const { key, options } = given
  let size: number | undefined
  let resolve: (key: GrowingFileKey) => void = () => {}
  let reject: (reason: unknown) => void = () => {}
  const ended = new Promise<GrowingFileKey>((...settle) => ([resolve, reject] = settle))
  // A caller that reads only the stream gets the failure there.
  ended.catch(() => {})
  const stop = (reason: unknown): void => {
    reader.stop(reason)
    reject(reason)
  }
  const end = (whole: GrowingFileKey): void => {
    size = whole.size
    resolve(whole)
  }
  const steps = growSteps(reader, { ...given, end })
  const stream = streamInOrder(steps, { ...options, stop, total: () => size })
  return { stream, key, ended }
}

async function* growSteps(
  reader: SourceReader,
  given: {
    readonly key: GrowingFileKey
    readonly maxChunks: number
    readonly end: (whole: GrowingFileKey) => void
  },
): AsyncGenerator<Step, void, void> {
  const { maxChunks } = given
  const parts = given.key.unsafeExport()
  const { chunkSize } = parts
  const { chunkKey: key, header } = await deriveFileKeys({ ...parts, padded: false, format: 3 })
  const chain = await ChunkChain.begin(header)
  yield { output: Promise.resolve(header), done: 0 }
  let size = 0
  for (let index = 0; index < maxChunks; index += 1) {
    const chunk = new Uint8Array(chunkSize)
    const filled = await reader.fill(chunk)
    const isLast = filled < chunkSize
    const sealed = await sealChunk(chunk.subarray(0, filled), { key, place: { index, isLast } })
    await chain.add(sealed)
    size += filled
    if (isLast) {
      given.end(new GrowingFileKey({ ...parts, end: { size, digest: chain.digest } }))
      wipe(parts.key)
    }
    yield { output: Promise.resolve(sealed), done: size }
    if (isLast) return
  }
  throw tooLargeError(size, maxChunks * chunkSize - 1)
}
