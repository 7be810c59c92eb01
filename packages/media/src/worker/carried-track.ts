/**
 * The track that a pipe carries until it is pointed at another one. spec M56 to M58
 *
 * @module
 */
import type { StateReport } from '../shared/e2ee-state.ts'
import type { PipeOptions } from '../shared/protocol.ts'
import { FrameOutcomes } from './frame-outcomes.ts'
import type { FrameDrop } from './frame-outcomes.ts'
import type { PipeHost } from './pipe-host.ts'
import type { KeyFrameRequests } from './key-frame-requests.ts'
import { isSuccess } from './track-state.ts'
import type { EncodedMediaFrame } from './worker-scope.ts'

/** The track, and the parts of the pipe that it uses. */
export interface CarriedTrackOptions {
  readonly options: PipeOptions
  /** If omitted, nobody is assigned: all its frames are dropped. */
  readonly host?: PipeHost | undefined
  readonly keyFrames: KeyFrameRequests
  /** Whether the pipe carried another track before. */
  readonly isNext: boolean
}

/** One track on a pipe: its counters, and its beginning, in which frames of the track before may still arrive. */
export class CarriedTrack {
  readonly options: PipeOptions
  readonly host: PipeHost | undefined
  readonly outcomes: FrameOutcomes
  readonly #keyFrames: KeyFrameRequests
  /** When failures are reported although no frame passed yet; `undefined` once one did. */
  #reportsFromMs: number | undefined

  constructor({ options, host, keyFrames, isNext }: CarriedTrackOptions) {
    this.options = options
    this.host = host
    this.#keyFrames = keyFrames
    if (isNext && host) this.#reportsFromMs = host.now() + QUIET_MS
    const report = (outcome: StateReport): void => this.#report(outcome)
    this.outcomes = new FrameOutcomes({ side: options.side, keyFrames, report })
    if (this.#needsKeyFrame) keyFrames.ask()
  }

  /** The reason to drop a frame that was opened: without a key frame it would show the picture before. spec M57 */
  refuse(frame: EncodedMediaFrame): FrameDrop | undefined {
    if (!this.#needsKeyFrame || frame.type !== 'delta') return undefined
    this.#keyFrames.ask()
    return REPOINTED
  }

  /** A frame of this many bytes left the pipe. */
  notePassed(type: 'sealed' | 'opened' | 'empty', byteLength: number): void {
    this.outcomes.notePassed(type, byteLength)
    if (this.#reportsFromMs === undefined || type === 'empty') return
    this.#reportsFromMs = undefined
    this.host?.noteFirstFrame()
  }

  get #needsKeyFrame(): boolean {
    const { kind, side } = this.options
    return this.#reportsFromMs !== undefined && kind === 'video' && side === 'open'
  }

  /** At first the frames that fail may be those of the track before. spec M58 */
  #report(outcome: StateReport): void {
    if (!this.host) return
    const fromMs = this.#reportsFromMs ?? Number.NEGATIVE_INFINITY
    if (isSuccess(outcome.state) || this.host.now() >= fromMs) this.host.report(outcome)
  }
}

/** The outcome of a frame that belongs to no track that the pipe carries. */
export const REPOINTED: FrameDrop = { type: 'dropped', reason: 'repointed' }

const QUIET_MS = 2000
