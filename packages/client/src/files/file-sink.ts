/**
 * Where the content of a received file goes. spec R198, R204
 *
 * @module
 */
import { concatBytes } from '@conclave/base'

/** Takes content in its order. One write runs at a time. */
export interface FileSink {
  /** Resolves when the storage has taken the bytes. Takes them over. */
  write(bytes: Uint8Array<ArrayBuffer>): Promise<void>
  /** The file is whole and verified. Resolves to the file, where the sink has it. */
  finish(): Promise<Blob | undefined>
  /** The file is not whole: what was written counts for nothing. Never rejects. */
  abort(reason: unknown): Promise<void>
}

/** Keeps the content in memory. */
export function memorySink(type: string): FileSink {
  const pieces: Uint8Array<ArrayBuffer>[] = []
  return {
    async write(bytes) {
      pieces.push(bytes)
    },
    finish: async () => new Blob(pieces, { type }),
    async abort() {
      pieces.length = 0
    },
  }
}

/**
 * Hands the content to a writable in blocks; closes it when the file is whole, and aborts it otherwise.
 *
 * @param file the file behind the writable, once it is closed
 * @throws TypeError when the writable is locked
 */
export function writableSink(
  writable: WritableStream<Uint8Array<ArrayBuffer>>,
  file: () => Promise<Blob | undefined> = async () => undefined,
): FileSink {
  const writer = writable.getWriter()
  // The call that writes or closes gets the failure.
  writer.closed.catch(() => {})
  let waiting: Uint8Array<ArrayBuffer>[] = []
  let length = 0
  const flush = async (): Promise<void> => {
    const block = concatBytes(...waiting)
    waiting = []
    length = 0
    await writer.ready
    await writer.write(block)
  }
  return {
    async write(bytes) {
      waiting.push(bytes)
      length += bytes.length
      if (length >= BLOCK_BYTES) await flush()
    },
    async finish() {
      if (length > 0) await flush()
      await writer.close()
      return file()
    },
    abort: async (reason) => writer.abort(reason).catch(() => {}),
  }
}

/** Each write of a storage costs, whatever its length. */
const BLOCK_BYTES = 2 ** 18
