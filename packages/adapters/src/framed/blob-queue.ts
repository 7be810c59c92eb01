import { MAX_OPENING_EVENTS } from '../limits.ts'

/** The part of a `Blob` that is used. */
export interface BlobLike {
  readonly size: number
  arrayBuffer(): Promise<ArrayBuffer>
}

/**
 * Reads the `Blob`s that sockets and data channels deliver where their `binaryType` is `blob`, the default of browsers.
 * Messages that arrive while one is read wait, so that the order of arrival stays. spec T43
 */
export class BlobQueue {
  readonly #deliver: (data: unknown) => void
  #tail = Promise.resolve()
  #size = 0

  get [Symbol.toStringTag](): string {
    return 'BlobQueue'
  }

  constructor(deliver: (data: unknown) => void) {
    this.#deliver = deliver
  }

  /** The number of messages that wait. */
  get size(): number {
    return this.#size
  }

  /** Delivers the bytes of a `Blob`, or other data as it is; `undefined` for what is too large or cannot be read. */
  add(data: unknown, maxBytes: number): void {
    if (this.#size >= MAX_OPENING_EVENTS) {
      this.#deliver(undefined)
      return
    }
    this.#size += 1
    const reading = isBlob(data) ? readBlob(data, maxBytes) : data
    this.#tail = this.#tail.then(async () => {
      const read = await reading
      this.#size -= 1
      this.#deliver(read)
    })
  }
}

/** Whether a value is a `Blob`, of this realm or another. */
export function isBlob(value: unknown): value is BlobLike {
  try {
    return Object.prototype.toString.call(value) === '[object Blob]'
  } catch {
    // A getter or a proxy threw.
    return false
  }
}

async function readBlob(blob: BlobLike, maxBytes: number): Promise<unknown> {
  try {
    return blob.size <= maxBytes ? await blob.arrayBuffer() : undefined
  } catch {
    return undefined
  }
}
