/**
 * The worker's body: holds the keys, attaches transforms, seals and opens. Scope and clock are arguments.
 *
 * @module
 */
import { PROTOCOL_VERSION } from '../shared/protocol.ts'
import type {
  PipeOptions,
  ScriptTransformOptions,
  ToWorker,
  WorkerCommand,
  WorkerReplies,
  WorkerRequest,
} from '../shared/protocol.ts'
import type { FormatHost, FrameFormat } from './frame-format.ts'
import { FramePipe } from './frame-pipe.ts'
import type { PipeStreams } from './frame-pipe.ts'
import type { FrameResult, PipeHost } from './pipe-host.ts'
import type { FrameRecorder } from './frame-recorder.ts'
import type { EncodedFrame } from './frame-sealer.ts'
import { ServerFrameList } from './server-frame-list.ts'
import { TrackStates } from './track-states.ts'
import type { FrameWorkerScope, ScriptTransformer } from './worker-scope.ts'

/** The format of the frames, the clock, and for recording workers the recorder: the production script has none. */
export interface FrameWorkerOptions {
  readonly createFormat: (host: FormatHost) => FrameFormat
  readonly now: () => number
  readonly record?: FrameRecorder
}

/** Serves the page in a worker's scope until the worker ends. */
export function startFrameWorker(scope: FrameWorkerScope, options: FrameWorkerOptions): void {
  const worker = new FrameWorker(scope, options)
  scope.addEventListener('message', ({ data }) => worker.receive(data))
  scope.addEventListener('rtctransform', ({ transformer }) => worker.attachTransformer(transformer))
}

class FrameWorker {
  readonly #scope: FrameWorkerScope
  readonly #options: FrameWorkerOptions
  readonly #pipeById = new Map<number, FramePipe>()
  readonly #format: FrameFormat
  readonly #states: TrackStates
  readonly #serverFrames = new ServerFrameList()

  constructor(scope: FrameWorkerScope, options: FrameWorkerOptions) {
    this.#scope = scope
    this.#options = options
    this.#format = options.createFormat({
      now: options.now,
      send: (message) => scope.postMessage(message),
      retryPipes: () => this.#retryPipes(),
    })
    this.#states = new TrackStates(({ participant, label, kind }, report) =>
      scope.postMessage({ type: 'state', participant, label, kind, ...report }),
    )
  }

  receive(message: ToWorker): void {
    if (message.type !== 'request') return this.#execute(message)
    const { number, request } = message
    this.#answer(request).then(
      (value) => this.#scope.postMessage({ type: 'reply', number, value }),
      () =>
        this.#scope.postMessage({ type: 'failed', number, message: `${request.type} has failed` }),
    )
  }

  attachTransformer(transformer: ScriptTransformer): void {
    const carried = transformer.options as Partial<ScriptTransformOptions> | undefined
    if (carried?.conclave !== 'pipe' || !carried.options) return
    const { readable, writable } = transformer
    this.#attach(carried.options, { readable, writable, transformer })
  }

  async #answer(request: WorkerRequest): Promise<WorkerReplies[WorkerRequest['type']]> {
    switch (request.type) {
      case 'start':
        this.#format.useSuite?.(request.suite, request.choices ?? {}, request.signing)
        if (request.serverFrames) this.#serverFrames.use(request.serverFrames)
        return { version: PROTOCOL_VERSION }
      case 'ping':
        return undefined
      case 'read-counters':
        return Array.from(this.#pipeById.values(), ({ counters }) => counters)
      case 'make-key-frame':
        return { isAsked: this.#pipeById.get(request.pipe)?.generateKeyFrame() ?? false }
      case 'repoint':
        return this.#repoint(request)
      default:
        return this.#format.answer(request)
    }
  }

  #execute(command: WorkerCommand): void {
    switch (command.type) {
      case 'attach-streams':
        return this.#attach(command.options, command)
      case 'set-codec': {
        const pipe = this.#pipeById.get(command.pipe)
        if (pipe) pipe.negotiatedMimeType = command.mimeType
        return
      }
      case 'ask-key-frame':
        return this.#pipeById.get(command.pipe)?.askForKeyFrame()
      case 'detach':
        return this.#detach(command.pipes)
      default:
        return this.#format.execute(command)
    }
  }

  #attach(options: PipeOptions, streams: PipeStreams): void {
    const pipe = new FramePipe(options, { ...streams, host: this.#hostOf(options, 0) })
    this.#pipeById.set(options.pipe, pipe)
    this.#scope.postMessage({ type: 'attached', pipe: options.pipe })
  }

  #repoint({ pipe: id, track, turn }: WorkerRequest & { readonly type: 'repoint' }): undefined {
    const pipe = this.#pipeById.get(id)
    if (!pipe) return
    const before = pipe.options
    const options = { ...before, ...track }
    pipe.repoint(options, track && this.#hostOf(options, turn))
    this.#forgetUnlessCarried(before)
  }

  #detach(pipes: readonly number[]): void {
    for (const id of pipes) {
      const pipe = this.#pipeById.get(id)
      if (!pipe) continue
      pipe.end()
      this.#pipeById.delete(id)
      this.#forgetUnlessCarried(pipe.options)
    }
  }

  /** A track that no pipe carries starts over with the next pipe. */
  #forgetUnlessCarried(track: PipeOptions): void {
    const { label, participant } = track
    const isCarried = Array.from(this.#pipeById.values()).some(
      ({ counters }) =>
        !counters.isVacant && counters.label === label && counters.participant === participant,
    )
    if (!isCarried) this.#states.forget(track)
  }

  #retryPipes(): void {
    for (const pipe of this.#pipeById.values()) pipe.retry()
  }

  async #processUnlessListed(
    frame: EncodedFrame,
    process: PipeHost['process'],
  ): Promise<FrameResult> {
    const isListed = await this.#serverFrames.has(frame.data)
    return isListed ? { type: 'dropped', reason: 'server-made' } : process(frame)
  }

  #hostOf(options: PipeOptions, turn: number): PipeHost {
    const { now, record } = this.#options
    let codecRequestedAtMs = Number.NEGATIVE_INFINITY
    const process = this.#format.startPipe(options)
    return {
      // Asked first: to the format it may look like a frame under a key that is to be fetched.
      process: (frame) =>
        options.side === 'seal' || this.#serverFrames.isEmpty
          ? process(frame)
          : this.#processUnlessListed(frame, process),
      report: (outcome) => this.#states.report(options, { outcome, now }),
      requestCodec: () => {
        if (now() - codecRequestedAtMs < CODEC_RETRY_MS) return
        codecRequestedAtMs = now()
        this.#scope.postMessage({ type: 'codec-needed', pipe: options.pipe })
      },
      noteFirstFrame: () =>
        this.#scope.postMessage({ type: 'first-frame', pipe: options.pipe, turn }),
      now,
      ...(record && { record }),
    }
  }
}

const CODEC_RETRY_MS = 1000
