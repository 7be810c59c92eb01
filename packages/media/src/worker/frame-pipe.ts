/**
 * One transform at work: takes the frames of a track in order, and passes on only what was sealed or opened.
 *
 * @module
 */
import { noDrops } from '../shared/frame-counters.ts'
import type { DropReason, FrameCounters } from '../shared/frame-counters.ts'
import type { EncodedFrame } from './frame-sealer.ts'
import type { StateReport } from '../shared/e2ee-state.ts'
import { stateOfDrop } from './track-state.ts'
import type { FrameTap } from './frame-recorder.ts'
import type { PipeOptions } from '../shared/protocol.ts'
import type { EncodedMediaFrame, ScriptTransformer } from './worker-scope.ts'

/** What sealing or opening a frame came to; `wait` keeps it until its key is resolved. */
export type PipeStep =
  | { readonly type: 'sealed' | 'opened'; readonly data: Uint8Array<ArrayBuffer> }
  | { readonly type: 'empty' }
  | { readonly type: 'wait' }
  | { readonly type: 'dropped'; readonly reason: DropReason; readonly isKeyProven?: boolean }

/** What a pipe needs of the worker. */
export interface PipeHost {
  /** Seals or opens a frame of this pipe. */
  step(frame: EncodedFrame): Promise<PipeStep>
  /** Each frame's outcome, for the state of its track. */
  settled(outcome: StateReport): void
  /** The frame's metadata name no codec, and none was negotiated that we know of. */
  codecNeeded(): void
  /** Milliseconds on a clock that does not go back. */
  now(): number
  readonly tap?: FrameTap
}

/** Streams of one transform, and the transformer where there is one. */
export interface PipeStreams {
  readonly readable: ReadableStream<EncodedMediaFrame>
  readonly writable: WritableStream<EncodedMediaFrame>
  readonly transformer?: ScriptTransformer
}

/** One transform. It never fails open: what throws, is closed or unknown drops the frame. */
export class FramePipe {
  readonly options: PipeOptions
  readonly #host: PipeHost
  readonly #transformer: ScriptTransformer | undefined
  readonly #waiting: EncodedMediaFrame[] = []
  readonly #dropped = noDrops()
  #controller: TransformStreamDefaultController<EncodedMediaFrame> | undefined
  #tail: Promise<void> = Promise.resolve()
  #negotiatedMimeType: string | undefined
  #isClosed = false
  #lacksKeyFrame = false
  #sealed = 0
  #opened = 0
  #empty = 0
  #keyFrameRequests = 0
  #keyFrameAskedAtMs = Number.NEGATIVE_INFINITY

  constructor(options: PipeOptions, parts: { readonly host: PipeHost } & PipeStreams) {
    this.options = options
    this.#host = parts.host
    this.#transformer = parts.transformer
    const transform = new TransformStream<EncodedMediaFrame, EncodedMediaFrame>({
      start: (controller) => {
        this.#controller = controller
      },
      transform: (frame) => this.#enqueue(() => this.#take(frame)),
    })
    const piping = parts.readable.pipeThrough(transform).pipeTo(parts.writable)
    // It ends, well or not, with the connection: there is nobody to tell.
    piping.catch(() => {}).finally(() => this.close())
  }

  /** Counters so far. */
  get counters(): FrameCounters & {
    readonly keyFrameRequests: number
    readonly waiting: number
  } {
    return {
      sealed: this.#sealed,
      opened: this.#opened,
      empty: this.#empty,
      dropped: { ...this.#dropped },
      keyFrameRequests: this.#keyFrameRequests,
      waiting: this.#waiting.length,
    }
  }

  /** The codec to assume where frames do not name theirs. */
  set negotiatedMimeType(mimeType: string | undefined) {
    this.#negotiatedMimeType = mimeType
  }

  /** Keys were resolved, or turned out missing: looks at the waiting frames again. */
  retry(): void {
    void this.#enqueue(() => this.#takeWaiting())
  }

  /** Drops everything from now on. The streams stay connected: without them frames could pass by. */
  close(): void {
    this.#isClosed = true
    this.#waiting.length = 0
  }

  /** Asks the encoder for a key frame; false if this engine's transformer has no way to. */
  generateKeyFrame(): boolean {
    if (!this.#transformer?.generateKeyFrame) return false
    this.#keyFrameRequests += 1
    this.#transformer.generateKeyFrame().catch(() => {})
    return true
  }

  /** One frame after the other, also those that waited. Never rejects. */
  #enqueue(work: () => Promise<void>): Promise<void> {
    this.#tail = this.#tail.then(work).catch(() => this.#drop({ reason: 'internal' }))
    return this.#tail
  }

  async #take(frame: EncodedMediaFrame): Promise<void> {
    this.#tap(this.options.side === 'seal' ? 'encoder' : 'from-network', frame.data)
    if (this.#waiting.length > 0) await this.#takeWaiting()
    if (this.#waiting.length > 0) return this.#wait(frame)
    if ((await this.#process(frame)) === 'wait') this.#wait(frame)
  }

  async #takeWaiting(): Promise<void> {
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      if ((await this.#process(next)) === 'wait') return
      this.#waiting.shift()
    }
  }

  #wait(frame: EncodedMediaFrame): void {
    this.#waiting.push(frame)
    if (this.#waiting.length <= MAX_WAITING_FRAMES) return
    for (const _ of this.#waiting.splice(0)) this.#drop({ reason: 'missing-key' })
  }

  async #process(frame: EncodedMediaFrame): Promise<'wait' | 'done'> {
    if (this.#isClosed) return 'done'
    const data = new Uint8Array(frame.data)
    const mimeType = frame.getMetadata().mimeType ?? this.#negotiatedMimeType
    if (mimeType === undefined) this.#host.codecNeeded()
    const step = await this.#host.step({ data, mimeType })
    if (step.type === 'wait') return 'wait'
    if (step.type === 'dropped') this.#drop(step)
    else if (!this.#isClosed) this.#pass(frame, step)
    return 'done'
  }

  #pass(
    frame: EncodedMediaFrame,
    step: Exclude<PipeStep, { readonly type: 'wait' | 'dropped' }>,
  ): void {
    if (step.type === 'empty') this.#empty += 1
    else {
      frame.data = step.data.buffer
      if (step.type === 'sealed') this.#sealed += 1
      else this.#opened += 1
      this.#tap(step.type === 'sealed' ? 'to-network' : 'decoder', frame.data)
    }
    try {
      this.#controller?.enqueue(frame)
    } catch {
      // The stream ended while this frame was in the cipher.
      return this.close()
    }
    if (step.type === 'empty') return
    this.#host.settled({
      state: step.type === 'sealed' ? 'EncryptionSuccess' : 'DecryptionSuccess',
    })
    if (this.#lacksKeyFrame) this.#requestKeyFrame()
  }

  #drop(drop: { readonly reason: DropReason; readonly isKeyProven?: boolean }): void {
    this.#dropped[drop.reason] += 1
    if (drop.reason === 'missing-key' && this.options.side === 'open') this.#lacksKeyFrame = true
    this.#host.settled(stateOfDrop(this.options.side, drop))
  }

  #tap(point: Parameters<FrameTap>[0], data: ArrayBuffer): void {
    this.#host.tap?.(point, { data: new Uint8Array(data), options: this.options })
  }

  /** A decoder that missed frames needs a key frame; other ends may ask too, so not too often (spec M22). */
  #requestKeyFrame(): void {
    const nowMs = this.#host.now()
    if (nowMs - this.#keyFrameAskedAtMs < KEY_FRAME_SPACING_MS) return
    this.#lacksKeyFrame = false
    if (this.options.kind !== 'video' || !this.#transformer?.sendKeyFrameRequest) return
    this.#keyFrameAskedAtMs = nowMs
    this.#keyFrameRequests += 1
    this.#transformer.sendKeyFrameRequest().catch(() => {})
  }
}

const MAX_WAITING_FRAMES = 32
const KEY_FRAME_SPACING_MS = 1000
