/**
 * A decoder that never ends stops its whole thread; another one says which input did it.
 *
 * @module
 */
import { writeSync } from 'node:fs'
import { isMainThread, Worker, workerData } from 'node:worker_threads'

/** Gets the progress of a run; ends the process after a minute without any. */
export interface Watchdog {
  at(target: string, input: number): void
  stop(): Promise<void>
}

/** Begins to watch the calling thread. */
export function watchForHangs(): Watchdog {
  const shared = new Shared(new SharedArrayBuffer(SHARED_BYTES))
  const worker = new Worker(new URL(import.meta.url), { workerData: shared.buffer })
  worker.unref()
  return {
    at: (target, input) => shared.write(target, input),
    stop: async () => void (await worker.terminate()),
  }
}

/** A count of calls, the number of an input and a target's name, in memory that both threads see. */
class Shared {
  readonly buffer: SharedArrayBuffer
  readonly #calls: Int32Array
  readonly #input: Float64Array
  readonly #name: Uint8Array

  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer
    this.#calls = new Int32Array(buffer, 0, 1)
    this.#input = new Float64Array(buffer, 8, 1)
    this.#name = new Uint8Array(buffer, 16)
  }

  get calls(): number {
    return Atomics.load(this.#calls, 0)
  }

  write(target: string, input: number): void {
    this.#input[0] = input
    this.#name.fill(0)
    for (let at = 0; at < target.length; at += 1) this.#name[at] = target.charCodeAt(at)
    Atomics.add(this.#calls, 0, 1)
  }

  /** Where the run is, in words. */
  place(): string {
    const name = String.fromCharCode(...this.#name).replaceAll('\0', '')
    return `${name}, from input ${this.#input[0]}`
  }
}

const SHARED_BYTES = 128
const MAX_SILENCE_MS = 60_000

if (!isMainThread && workerData instanceof SharedArrayBuffer) {
  const shared = new Shared(workerData)
  let last = -1
  setInterval(() => {
    const { calls } = shared
    if (calls === last && calls > 0) {
      writeSync(2, `hangs: ${shared.place()}\n`)
      process.kill(process.pid, 'SIGKILL')
    }
    last = calls
  }, MAX_SILENCE_MS)
}
