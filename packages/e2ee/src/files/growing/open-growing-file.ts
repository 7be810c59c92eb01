import { equalBytes } from '@conclave/base'
import { TAG_BYTES, wipe } from '@conclave/crypto'
import { checkSource } from '../file-source.ts'
import type { FileSource } from '../file-source.ts'
import { SourceReader } from '../source-reader.ts'
import { checkHeader } from '../check-header.ts'
import { openChunk } from '../chunk-cipher.ts'
import { openFailedError } from '../file-errors.ts'
import { deriveFileKeys } from '../file-keys.ts'
import { MAX_FILE_CHUNKS } from '../file-layout.ts'
import { streamInOrder } from '../ordered-stream.ts'
import type { FileStreamOptions, Step } from '../ordered-stream.ts'
import { checkStreamOptions } from '../stream-options.ts'
import { ChunkChain } from '../chunk-chain.ts'
import { checkGrowingFileKey } from './growing-file-key.ts'
import type { GrowingFileKey } from './growing-file-key.ts'

/** How a growing file ends. */
export interface GrowingFileEnd {
  /**
   * Whether it was ended by who sealed it. `false`: it is a beginning, which a crash, or somebody who stores it, cut off after its last
   * whole chunk.
   */
  readonly complete: boolean
  /** Bytes of content. */
  readonly size: number
}

/** A growing file that is being opened. */
export interface OpenedGrowingFile {
  /** The content. It gives nothing that has not authenticated. */
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>
  /** How the file ends, once all of it was read; rejects as the stream fails. */
  readonly ended: Promise<GrowingFileEnd>
}

/**
 * Opens a file of `sealGrowingFile`, also one that was cut off: up to its last whole chunk. Chunks that were changed, exchanged, left out or
 * brought in from another file are `ERR_E2EE_OPEN_FAILED`, **and the bytes before that are a beginning of the content**. Everyone
 * who holds the key can make another file under it, until the key has a digest. The stream fails with `ERR_E2EE_MALFORMED` for bytes that do not begin as such a file
 * does. spec Q8
 *
 * @throws TypeError that names the argument, before anything is read
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`, as the failure of the stream
 */
export function openGrowingFile(
  source: FileSource,
  key: GrowingFileKey,
  options: FileStreamOptions = {},
): OpenedGrowingFile {
  const reader = new SourceReader(checkSource('source', source))
  checkGrowingFileKey(key)
  checkStreamOptions(options)
  let resolve: (end: GrowingFileEnd) => void = () => {}
  let reject: (reason: unknown) => void = () => {}
  const ended = new Promise<GrowingFileEnd>((...settle) => ([resolve, reject] = settle))
  // A caller that reads only the stream gets the failure there.
  ended.catch(() => {})
  const stop = (reason: unknown): void => {
    reader.stop(reason)
    reject(reason)
  }
  const steps = openSteps(reader, { key, end: resolve })
  return { stream: streamInOrder(steps, { ...options, stop, total: () => key.size }), ended }
}

async function* openSteps(
  reader: SourceReader,
  given: { readonly key: GrowingFileKey; readonly end: (end: GrowingFileEnd) => void },
): AsyncGenerator<Step, void, void> {
  const { end, ...secrets } = given.key.unsafeExport()
  const { chunkKey: key, header } = await deriveFileKeys({ ...secrets, padded: false, format: 3 })
  wipe(secrets.key)
  await checkHeader(reader, header, 3)
  const chain = await ChunkChain.begin(header)
  let size = 0
  for (let index = 0; index < MAX_FILE_CHUNKS; index += 1) {
    const piece = new Uint8Array(secrets.chunkSize + TAG_BYTES)
    const filled = await reader.fill(piece)
    const isLast = filled < piece.length
    const sealed = isLast ? piece.slice(0, filled) : piece
    const place = { index, isLast }
    // The rest of a chunk that was being written and an end that was changed look alike: neither is the end.
    const opened = await openChunk(sealed, { key, place }).catch((error: unknown) => {
      if (!isLast) throw error
    })
    if (opened === undefined) return given.end({ complete: false, size })
    await chain.add(sealed)
    size += opened.length
    if (isLast) {
      const isDigest =
        end === undefined || (end.size === size && equalBytes(end.digest, chain.digest))
      if (!isDigest) throw openFailedError()
      given.end({ complete: true, size })
    }
    yield { output: Promise.resolve(opened), done: size }
    if (isLast) return
  }
  throw openFailedError()
}
