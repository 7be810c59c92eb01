/**
 * The frames of a track whose key is being resolved, in order. spec M14
 *
 * @module
 */
import type { EncodedMediaFrame } from './worker-scope.ts'

/** Bounded by number and by bytes. */
export class WaitingFrames {
  readonly #frames: { readonly frame: EncodedMediaFrame; readonly byteLength: number }[] = []
  #bytes = 0

  /** How many frames wait. */
  get size(): number {
    return this.#frames.length
  }

  /** The frame that came first. */
  get first(): EncodedMediaFrame | undefined {
    return this.#frames[0]?.frame
  }

  /** Adds a frame; `false` if there is no place for it. */
  add(frame: EncodedMediaFrame): boolean {
    const { byteLength } = frame.data
    if (this.size >= MAX_FRAMES || this.#bytes + byteLength > MAX_BYTES) return false
    this.#bytes += byteLength
    this.#frames.push({ frame, byteLength })
    return true
  }

  /** Takes the first frame out if it is this one: the others are gone if the pipe was pointed at another track meanwhile. */
  remove(frame: EncodedMediaFrame): void {
    if (this.first !== frame) return
    this.#bytes -= this.#frames.shift()?.byteLength ?? 0
  }

  /** Takes all frames out; answers how many they were. */
  clear(): number {
    this.#bytes = 0
    return this.#frames.splice(0).length
  }
}

/** Five seconds of sound, and a key frame with the pictures that follow it. The page answers within less, or is overloaded. */
const MAX_FRAMES = 256
const MAX_BYTES = 4 * 2 ** 20
