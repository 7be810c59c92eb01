import type { Clock } from '@conclave/base'

/** Closes a segment when it is large or old enough: only then it is safe on disk. */
export class SegmentSink implements UnderlyingSink<Uint8Array<ArrayBuffer>> {
  readonly #folder: FileSystemDirectoryHandle
  readonly #clock: Clock
  #waiting: Uint8Array<ArrayBuffer>[] = []
  #bytes = 0
  #sinceMs = 0
  #segments = 0

  constructor(own: FileSystemDirectoryHandle, clock: Clock) {
    this.#folder = own
    this.#clock = clock
  }

  async write(chunk: Uint8Array<ArrayBuffer>): Promise<void> {
    const nowMs = this.#clock.now()
    if (this.#bytes === 0) this.#sinceMs = nowMs
    this.#waiting.push(chunk)
    this.#bytes += chunk.length
    if (this.#bytes >= SEGMENT_BYTES || nowMs - this.#sinceMs >= SEGMENT_MS) await this.#flush()
  }

  close(): Promise<void> {
    return this.#flush()
  }

  async abort(): Promise<void> {
    await this.#flush().catch(() => {})
  }

  async #flush(): Promise<void> {
    if (this.#bytes === 0) return
    const bytes = new Blob(this.#waiting)
    this.#waiting = []
    this.#bytes = 0
    this.#segments += 1
    const name = String(this.#segments).padStart(SEGMENT_DIGITS, '0')
    const handle = await this.#folder.getFileHandle(name, { create: true })
    const writable = await handle.createWritable()
    await writable.write(bytes)
    await writable.close()
  }
}

const SEGMENT_BYTES = 2 ** 20
const SEGMENT_MS = 2000
/** Names of segments sort as their numbers do. */
const SEGMENT_DIGITS = 8
