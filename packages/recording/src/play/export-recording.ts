import type { FileSource, GrowingFileEnd } from '@conclave/e2ee/files'
import {
  Conversion,
  Input,
  Output,
  ReadableStreamSource,
  StreamTarget,
  WEBM,
  WebMOutputFormat,
} from 'mediabunny'
import { RecordingError } from '../errors.ts'
import type { RecordingKey } from '../recording-key.ts'
import { openRecording } from './open-recording.ts'

/** A write into a file, as `FileSystemWritableFileStream` takes it. */
export interface FileWrite {
  readonly type: 'write'
  readonly data: Uint8Array<ArrayBuffer>
  /** From the beginning of the file, in bytes. */
  readonly position: number
}

/**
 * Exports a recording as an ordinary WebM, **which is not encrypted**: with its duration and an index for seeking, which a file that grows cannot
 * have. Pictures and sound are copied, not encoded again. A recording that was cut off gives what it has. spec Q14
 *
 * @param target is written at any position, so it cannot be an upload: `await fileHandle.createWritable()` of a file that the person chose, for example
 * @throws TypeError that names the argument
 * @throws E2eeError `ERR_E2EE_OPEN_FAILED`, `ERR_E2EE_MALFORMED`
 * @throws RecordingError `ERR_RECORDING_MEDIA` when it holds no picture and no sound, or the target fails
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function exportRecording(
  sealed: FileSource,
  key: RecordingKey,
  target: WritableStream<FileWrite>,
): Promise<GrowingFileEnd> {
  const { stream, ended } = openRecording(sealed, key)
  const source = new ReadableStreamSource(stream, {
    maxCacheSize: CACHE_BYTES,
    // The failure of the stream is that of `ended`.
    handleUnhandledError: () => {},
  })
  const input = new Input({ source, formats: [WEBM] })
  const output = new Output({ format: new WebMOutputFormat(), target: new StreamTarget(target) })
  // Of two failures that of the opening says more, and comes first.
  let failure: unknown
  ended.catch((error: unknown) => {
    failure = error
  })
  try {
    const conversion = await Conversion.init({ input, output, showWarnings: false })
    if (!conversion.isValid) throw new Error('no picture and no sound')
    await conversion.execute()
  } catch (cause) {
    const error = failure ?? new RecordingError('ERR_RECORDING_MEDIA', undefined, { cause })
    input.dispose()
    await target.abort(error).catch(() => {})
    // oxlint-disable-next-line typescript/only-throw-error -- an error of this package, or of e2ee
    throw error
  }
  return ended
}

const CACHE_BYTES = 2 ** 24
