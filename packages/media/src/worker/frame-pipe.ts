/**
 * One transform at work: reads the frames of a track in order, and passes on only what was sealed or opened.
 *
 * @module
 */
import { TaskQueue } from '@conclave/base'
import type { StateReport } from '../shared/e2ee-state.ts'
import type { PipeCounters, PipeOptions } from '../shared/protocol.ts'
import { FrameOutcomes } from './frame-outcomes.ts'
import type { FrameDrop } from './frame-outcomes.ts'
import type { FrameRecorder } from './frame-recorder.ts'
import type { EncodedFrame } from './frame-sealer.ts'
import { KeyFrameRequests } from './key-frame-requests.ts'
import type { EncodedMediaFrame, ScriptTransformer } from './worker-scope.ts'

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
  /** Milliseconds on a clock that does not go back. */
  now(): number
  readonly record?: FrameRecorder
}

/** Streams of one transform, and the transformer where there is one. */
export interface PipeStreams {
  readonly readable: ReadableStream<EncodedMediaFrame>
  readonly writable: WritableStream<EncodedMediaFrame>
  readonly transformer?: ScriptTransformer
}

/** One transform. It never fails open: a frame that throws, is unknown, or comes after `close` is dropped. */
export class FramePipe {
  readonly options: PipeOptions
  /** The codec to assume where frames do not name theirs. */
  negotiatedMimeType: string | undefined
  readonly #host: PipeHost
  readonly #keyFrames: KeyFrameRequests
  readonly #outcomes: FrameOutcomes
  readonly #queue = new TaskQueue({ maxWaiting: MAX_QUEUED_TASKS })
  #state: PipeState = { state: 'closed' }

  constructor(options: PipeOptions, parts: { readonly host: PipeHost } & PipeStreams) {
    const { host, readable, writable, transformer } = parts
    this.options = options
    this.#host = host
    const keyFrames = new KeyFrameRequests({
      kind: options.kind,
      transformer,
      now: () => host.now(),
    })
    this.#keyFrames = keyFrames
    this.#outcomes = new FrameOutcomes({
      side: options.side,
      keyFrames,
      report: (outcome) => host.report(outcome),
    })
    const transform = new TransformStream<EncodedMediaFrame, EncodedMediaFrame>({
      start: (output) => {
        this.#state = { state: 'open', output, waiting: [] }
      },
      transform: (frame) => this.#run(() => this.#receive(frame)),
    })
    // The streams end with the connection, with an error or without: neither needs a report.
    readable
      .pipeThrough(transform)
      .pipeTo(writable)
      .catch(() => {})
      .finally(() => this.close())
  }

  /** Counters so far. */
  get counters(): PipeCounters {
    return {
      ...this.options,
      ...this.#outcomes.counters,
      keyFrameRequests: this.#keyFrames.count,
      waiting: this.#waiting.length,
    }
  }

  /** Tries the waiting frames again: keys were resolved, or turned out missing. */
  retry(): void {
    // A task that has not started yet will see the same keys.
    if (this.#queue.size < MAX_QUEUED_TASKS) void this.#run(() => this.#receiveWaiting())
  }

  /** Drops everything from now on. The streams stay connected: without them frames could pass by. */
  close(): void {
    this.#state = { state: 'closed' }
  }

  /** Asks the encoder for a key frame; `false` if this engine's transformer has no way to. */
  generateKeyFrame(): boolean {
    return this.#keyFrames.generate()
  }

  get #waiting(): EncodedMediaFrame[] {
    return this.#state.state === 'open' ? this.#state.waiting : []
  }

  /** Runs one task after the other: frames in order, also those that waited. Never rejects. */
  async #run(task: () => Promise<void>): Promise<void> {
    try {
      const done = this.#queue.run(task)
      if (!done) throw new Error('unreachable: the stream delivers one frame at a time')
      await done
    } catch {
      this.#outcomes.noteDropped({ type: 'dropped', reason: 'internal' })
    }
  }

  async #receive(frame: EncodedMediaFrame): Promise<void> {
    this.#record(this.options.side === 'seal' ? 'encoder' : 'from-network', frame.data)
    if (this.#waiting.length > 0) await this.#receiveWaiting()
    const mustWait = this.#waiting.length > 0 || !(await this.#process(frame))
    if (!mustWait) return
    const waiting = this.#waiting
    waiting.push(frame)
    if (waiting.length <= MAX_WAITING_FRAMES) return
    for (const _ of waiting.splice(0))
      this.#outcomes.noteDropped({ type: 'dropped', reason: 'missing-key' })
  }

  async #receiveWaiting(): Promise<void> {
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      if (!(await this.#process(next))) return
      this.#waiting.shift()
    }
  }

  /** `false` if the frame must wait for its key. */
  async #process(frame: EncodedMediaFrame): Promise<boolean> {
    if (this.#state.state === 'closed') return true
    const mimeType = frame.getMetadata().mimeType ?? this.negotiatedMimeType
    if (mimeType === undefined) this.#host.requestCodec()
    const result = await this.#host.process({ data: new Uint8Array(frame.data), mimeType })
    if (result.type === 'wait') return false
    if (result.type === 'dropped') this.#outcomes.noteDropped(result)
    else this.#pass(frame, result)
    return true
  }

  #pass(frame: EncodedMediaFrame, result: PassedFrame): void {
    if (this.#state.state === 'closed') return
    // The stream takes the memory over.
    const byteLength = result.type === 'empty' ? 0 : result.data.length
    if (result.type !== 'empty') {
      frame.data = result.data.buffer
      this.#record(result.type === 'sealed' ? 'to-network' : 'decoder', frame.data)
    }
    try {
      this.#state.output.enqueue(frame)
    } catch {
      // The stream ended while this frame was in the cipher.
      return this.close()
    }
    this.#outcomes.notePassed(result.type, byteLength)
  }

  #record(point: Parameters<FrameRecorder>[0], data: ArrayBuffer): void {
    this.#host.record?.(point, { data: new Uint8Array(data), options: this.options })
  }
}

type PipeState =
  | {
      readonly state: 'open'
      readonly output: TransformStreamDefaultController<EncodedMediaFrame>
      /** Frames whose key is being resolved, in order. */
      readonly waiting: EncodedMediaFrame[]
    }
  | { readonly state: 'closed' }

type PassedFrame = Exclude<FrameResult, { readonly type: 'wait' | 'dropped' }>

const MAX_WAITING_FRAMES = 32
/** The frame that the stream delivers, one at a time, and one retry. */
const MAX_QUEUED_TASKS = 2
