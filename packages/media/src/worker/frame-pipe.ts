/**
 * One transform at work: reads the frames of a track in order, and passes on only what was sealed or opened.
 *
 * @module
 */
import { addCounters, NO_FRAMES } from '../shared/frame-counters.ts'
import type { FrameCounters } from '../shared/frame-counters.ts'
import type { PipeCounters, PipeOptions } from '../shared/protocol.ts'
import { CarriedTrack, REPOINTED } from './carried-track.ts'
import type { FrameDrop } from './frame-outcomes.ts'
import type { FrameRecorder } from './frame-recorder.ts'
import { KeyFrameRequests } from './key-frame-requests.ts'
import type { FrameLayer } from './signing/batch-writer.ts'
import type { FrameResult, PipeHost } from './pipe-host.ts'
import { WaitingFrames } from './waiting-frames.ts'
import type { EncodedMediaFrame, ScriptTransformer } from './worker-scope.ts'

/** Streams of one transform, and the transformer where there is one. */
export interface PipeStreams {
  readonly readable: ReadableStream<EncodedMediaFrame>
  readonly writable: WritableStream<EncodedMediaFrame>
  readonly transformer?: ScriptTransformer
}

/** One transform. It never fails open: a frame that throws, is unknown, or comes after `close` is dropped. */
export class FramePipe {
  /** The codec to assume where frames do not name theirs. */
  negotiatedMimeType: string | undefined
  readonly #record: FrameRecorder | undefined
  readonly #keyFrames: KeyFrameRequests
  #carried: CarriedTrack
  #before: FrameCounters = NO_FRAMES
  #isBusy = false
  /** Whether keys came, or turned out missing, since the waiting frames were tried. */
  #isRetryDue = false
  /** Goes on with the frame that the stream delivered while a retry was at work. */
  #whenIdle: (() => void) | undefined
  readonly #end = new AbortController()
  #state: PipeState = { state: 'closed' }

  constructor(options: PipeOptions, parts: { readonly host: PipeHost } & PipeStreams) {
    const { host, readable, writable, transformer } = parts
    this.#record = host.record
    const keyFrames = new KeyFrameRequests({
      kind: options.kind,
      transformer,
      now: () => host.now(),
    })
    this.#keyFrames = keyFrames
    this.#carried = new CarriedTrack({ options, host, keyFrames, isNext: false })
    const transform = new TransformStream<EncodedMediaFrame, EncodedMediaFrame>({
      start: (output) => {
        this.#state = { state: 'open', output, waiting: new WaitingFrames() }
      },
      transform: (frame) => this.#receive(frame),
    })
    // The streams end with the connection, with an error or without: neither needs a report.
    readable
      .pipeThrough(transform)
      .pipeTo(writable, { signal: this.#end.signal })
      .catch(() => {})
      .finally(() => this.close())
  }

  /** The track that it carries, or carried last. */
  get options(): PipeOptions {
    return this.#carried.options
  }

  /** Counters so far. */
  get counters(): PipeCounters {
    return {
      ...this.options,
      ...this.#carried.outcomes.counters,
      before: this.#before,
      isVacant: this.#carried.host === undefined,
      keyFrameRequests: this.#keyFrames.count,
      keyFrames: this.#keyFrames.passed,
      waiting: this.#waiting?.size ?? 0,
    }
  }

  /** Carries another track from now on, none without `host`. Frames of the track before pass no more. spec M56 */
  repoint(options: PipeOptions, host: PipeHost | undefined): void {
    this.#dropWaiting(REPOINTED)
    this.#before = addCounters(this.#before, this.#carried.outcomes.counters)
    this.#carried = new CarriedTrack({ options, host, keyFrames: this.#keyFrames, isNext: true })
  }

  /** Tries the waiting frames again: keys were resolved, or turned out missing. */
  retry(): void {
    this.#isRetryDue = true
    if (!this.#isBusy) void this.#runAlone(undefined)
  }

  /** Drops everything from now on. The streams stay connected: without them frames could pass by. */
  close(): void {
    this.#state = { state: 'closed' }
  }

  /** Drops everything, and lets go of the streams, which Chromium keeps after the end of their connection. */
  end(): void {
    this.close()
    this.#end.abort()
  }

  /** Asks the encoder for a key frame; `false` if this engine's transformer has no way to. */
  generateKeyFrame(): boolean {
    return this.#keyFrames.generate()
  }

  /** Asks the sender at the other end for a key frame. spec M101 */
  askForKeyFrame(): void {
    this.#keyFrames.ask()
  }

  get #waiting(): WaitingFrames | undefined {
    return this.#state.state === 'open' ? this.#state.waiting : undefined
  }

  /** Frames in order, also those that waited: the stream delivers one at a time, and a retry may be at work. Never rejects. */
  async #receive(frame: EncodedMediaFrame): Promise<void> {
    while (this.#isBusy) {
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve
      })
    }
    await this.#runAlone(frame)
  }

  /** Nothing else is processed meanwhile: frames that wait, if that is due, then a frame. */
  async #runAlone(frame: EncodedMediaFrame | undefined): Promise<void> {
    this.#isBusy = true
    try {
      if (frame) await this.#receiveNext(frame)
      while (this.#isRetryDue) {
        this.#isRetryDue = false
        await this.#receiveWaiting()
      }
    } catch {
      this.#drop({ type: 'dropped', reason: 'internal' })
    }
    this.#isBusy = false
    const resume = this.#whenIdle
    this.#whenIdle = undefined
    resume?.()
  }

  async #receiveNext(frame: EncodedMediaFrame): Promise<void> {
    if (this.#record)
      this.#recordAt(this.options.side === 'seal' ? 'encoder' : 'from-network', frame)
    await this.#receiveWaiting()
    const mustWait = this.#waiting?.first !== undefined || !(await this.#process(frame))
    if (!mustWait || this.#waiting?.add(frame) === true) return
    this.#dropWaiting(NO_KEY)
    this.#drop(NO_KEY)
  }

  async #receiveWaiting(): Promise<void> {
    const waiting = this.#waiting
    for (let next = waiting?.first; next; next = waiting?.first) {
      if (!(await this.#process(next))) return
      waiting?.remove(next)
    }
  }

  #dropWaiting(drop: FrameDrop): void {
    for (let count = this.#waiting?.clear() ?? 0; count > 0; count -= 1) this.#drop(drop)
  }

  /** `false` if the frame must wait for its key. */
  async #process(frame: EncodedMediaFrame): Promise<boolean> {
    if (this.#state.state === 'closed') return true
    const carried = this.#carried
    const { host } = carried
    const metadata = frame.getMetadata()
    const mimeType = metadata.mimeType ?? this.negotiatedMimeType
    if (mimeType === undefined) host?.requestCodec()
    const result = host
      ? await host.process({
          data: new Uint8Array(frame.data),
          mimeType,
          isDelta: frame.type === 'delta',
          layer: layerOf(metadata),
        })
      : REPOINTED
    if (carried !== this.#carried) this.#drop(REPOINTED)
    else if (result.type === 'wait') return false
    else if (result.type === 'dropped') this.#drop(result)
    else this.#pass(frame, result)
    return true
  }

  #drop(drop: FrameDrop): void {
    this.#carried.outcomes.noteDropped(drop)
  }

  #pass(frame: EncodedMediaFrame, result: PassedFrame): void {
    if (this.#state.state === 'closed') return
    const refused = this.#carried.refuse(frame)
    if (refused) return this.#drop(refused)
    // The stream takes the memory over.
    const byteLength = result.type === 'empty' ? 0 : result.data.length
    if (result.type !== 'empty') {
      frame.data = result.data.buffer
      if (this.#record) this.#recordAt(result.type === 'sealed' ? 'to-network' : 'decoder', frame)
    }
    try {
      this.#state.output.enqueue(frame)
    } catch {
      // The stream ended while this frame was in the cipher.
      return this.close()
    }
    if (frame.type === 'key') this.#keyFrames.notePassedKeyFrame()
    this.#carried.notePassed(result.type, byteLength)
  }

  #recordAt(point: Parameters<FrameRecorder>[0], { data }: EncodedMediaFrame): void {
    this.#record?.(point, { data: new Uint8Array(data), options: this.options })
  }
}

type PipeState =
  | {
      readonly state: 'open'
      readonly output: TransformStreamDefaultController<EncodedMediaFrame>
      /** Frames whose key is being resolved, in order. */
      readonly waiting: WaitingFrames
    }
  | { readonly state: 'closed' }

type PassedFrame = Exclude<FrameResult, { readonly type: 'wait' | 'dropped' }>

/** Where an engine names no layers, there is one. */
const layerOf = ({
  synchronizationSource = 0,
  spatialIndex = 0,
  temporalIndex = 0,
}: ReturnType<EncodedMediaFrame['getMetadata']>): FrameLayer => ({
  name: `${synchronizationSource}/${spatialIndex}`,
  temporal: temporalIndex,
})

const NO_KEY: FrameDrop = { type: 'dropped', reason: 'missing-key' }
