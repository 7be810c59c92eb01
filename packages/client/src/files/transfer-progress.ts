/** How far a transfer is. spec R206 */
export interface TransferProgress {
  /** Bytes of content that the receiver has. */
  readonly bytes: number
  /** Bytes of content in all. */
  readonly of: number
  /** Bytes a second in the last 5 s; 0 while nothing moves. */
  readonly rate: number
}

/** Measures progress: a few samples of the last seconds. */
export class ProgressMeter {
  readonly #of: number
  #bytes = 0
  #samples: readonly { readonly at: number; readonly bytes: number }[] = []

  get [Symbol.toStringTag](): string {
    return 'ProgressMeter'
  }

  constructor(of: number) {
    this.#of = of
  }

  /** The transfer begins, or goes on after a pause: time before counts for nothing. */
  restart(now: number): void {
    this.#samples = [{ at: now, bytes: this.#bytes }]
  }

  /** So many bytes are there. Returns whether enough time passed to tell somebody. */
  reach(bytes: number, now: number): boolean {
    this.#bytes = bytes
    const last = this.#samples.at(-1)
    const isDue = last === undefined || now - last.at >= SAMPLE_MS || bytes === this.#of
    if (isDue) {
      const recent = this.#samples.filter(({ at }) => now - at <= SPAN_MS)
      this.#samples = [...recent.slice(-MAX_SAMPLES), { at: now, bytes }]
    }
    return isDue
  }

  /** The progress at a time. */
  at(now: number): TransferProgress {
    const since = this.#samples.find(({ at }) => now - at <= SPAN_MS)
    const seconds = since === undefined ? 0 : (now - since.at) / 1000
    const rate = since === undefined || seconds <= 0 ? 0 : (this.#bytes - since.bytes) / seconds
    return { bytes: this.#bytes, of: this.#of, rate }
  }
}

const SPAN_MS = 5000
const SAMPLE_MS = 200
const MAX_SAMPLES = 25
