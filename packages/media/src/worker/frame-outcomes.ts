import { DropCounter } from '@conclave/base'
import type { StateReport } from '../shared/e2ee-state.ts'
import { NO_DROPS } from '../shared/frame-counters.ts'
import type { FrameCounters, FrameDropReason } from '../shared/frame-counters.ts'
import type { KeyFrameRequests } from './key-frame-requests.ts'
import { stateOfDrop } from './track-state.ts'

/** A dropped frame, and why. */
export interface FrameDrop {
  readonly type: 'dropped'
  readonly reason: FrameDropReason
  /** For `not-authentic`: whether the key named by the frame has opened others. */
  readonly isKeyProven?: boolean
  /** For `replay`: the frame was accepted a moment ago, so its sender's frames arrive. */
  readonly isRepeat?: boolean
}

/** The side of the pipe, its key frame requests, and the callback for the state of its track. */
export interface FrameOutcomesOptions {
  readonly side: 'seal' | 'open'
  readonly keyFrames: KeyFrameRequests
  report(outcome: StateReport): void
}

/** Records the outcome of each frame of a pipe: counts it, reports the state, asks for key frames. */
export class FrameOutcomes {
  readonly #options: FrameOutcomesOptions
  readonly #passed = { sealed: 0, opened: 0, empty: 0 }
  #sealedBytes = 0
  readonly #drops = new DropCounter<FrameDropReason>()

  constructor(options: FrameOutcomesOptions) {
    this.#options = options
  }

  /** The counts so far. */
  get counters(): FrameCounters {
    const dropped = { ...NO_DROPS, ...this.#drops.counts() }
    return { ...this.#passed, sealedBytes: this.#sealedBytes, dropped }
  }

  /** A frame of this many bytes left the pipe. Empty frames say nothing about keys, so they change no state. */
  notePassed(type: 'sealed' | 'opened' | 'empty', byteLength: number): void {
    this.#passed[type] += 1
    if (type === 'sealed') this.#sealedBytes += byteLength
    if (type === 'empty') return
    this.#options.report(type === 'sealed' ? SEALED : OPENED)
    this.#options.keyFrames.notePassedFrame()
  }

  /** A frame was dropped. Networks repeat frames, in probes for example: that is counted and no failure. spec M32 */
  noteDropped(drop: FrameDrop): void {
    const { keyFrames, side } = this.#options
    this.#drops.count(drop.reason)
    if (drop.isRepeat === true) return
    if (drop.reason === 'missing-key' && side === 'open') keyFrames.noteMissedFrame()
    // Neither says anything about the track that the pipe carries now.
    if (drop.reason !== 'repointed' && drop.reason !== 'server-made')
      this.#options.report(stateOfDrop(side, drop))
  }
}

const SEALED: StateReport = { state: 'EncryptionSuccess' }
const OPENED: StateReport = { state: 'DecryptionSuccess' }
