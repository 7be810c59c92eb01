/**
 * The interface between a pipe and the worker that it belongs to.
 *
 * @module
 */
import type { StateReport } from '../shared/e2ee-state.ts'
import type { FrameDrop } from './frame-outcomes.ts'
import type { FrameRecorder } from './frame-recorder.ts'
import type { EncodedFrame } from './frame-sealer.ts'

/** The result of sealing or opening a frame; `wait` keeps the frame until its key is resolved. */
export type FrameResult =
  | { readonly type: 'sealed' | 'opened'; readonly data: Uint8Array<ArrayBuffer> }
  | { readonly type: 'empty' }
  | { readonly type: 'wait' }
  | FrameDrop

/** The part of the worker that a pipe uses. */
export interface PipeHost {
  /** Seals or opens a frame of this pipe. */
  process(frame: EncodedFrame): Promise<FrameResult>
  /** Called with the state that each frame's outcome stands for. */
  report(outcome: StateReport): void
  /** The frame's metadata name no codec, and none is known from the negotiation. */
  requestCodec(): void
  /** The first frame of a track passed to which the pipe was pointed. */
  noteFirstFrame(): void
  /** Milliseconds on a clock that does not go back. */
  now(): number
  readonly record?: FrameRecorder
}
