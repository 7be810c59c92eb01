import { equalBytes } from '@conclave/base'
import { hashBytes } from '@conclave/crypto/verify'
import type { ServerFrames } from '../shared/server-frames.ts'

/** Recognizes the frames of a server that an application listed; none unless it did. spec M69 */
export class ServerFrameList {
  readonly #digestsByLength = new Map<number, Set<string>>()
  #trailer = new Uint8Array()

  /** Whether nothing is listed. */
  get isEmpty(): boolean {
    return this.#digestsByLength.size === 0
  }

  /** Takes the list, in the place of the one before. */
  use({ frames, trailer = new Uint8Array() }: ServerFrames): void {
    this.#trailer = new Uint8Array(trailer)
    this.#digestsByLength.clear()
    for (const { byteLength, sha256 } of frames) {
      const digests = this.#digestsByLength.get(byteLength) ?? new Set()
      this.#digestsByLength.set(byteLength, digests.add(sha256))
    }
  }

  /** Whether a frame is listed: by its length and trailer first, so that few others are hashed. */
  async has(frame: Uint8Array<ArrayBuffer>): Promise<boolean> {
    const length = frame.length - this.#trailer.length
    const digests = this.#digestsByLength.get(length)
    if (digests === undefined || !equalBytes(frame.subarray(length), this.#trailer)) return false
    const digest = await hashBytes(frame.subarray(0, length))
    return digests.has(Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join(''))
  }
}
