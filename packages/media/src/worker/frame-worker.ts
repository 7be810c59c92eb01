/**
 * The worker's body: holds the keys, attaches transforms, seals and opens. Scope and clock are arguments.
 *
 * @module
 */
import { SUITES } from '../sframe/suite.ts'
import type { Suite } from '../sframe/suite.ts'
import { PROTOCOL_VERSION } from '../shared/protocol.ts'
import type {
  PipeOptions,
  ScriptTransformOptions,
  ToWorker,
  WorkerCommand,
  WorkerReplies,
  WorkerRequest,
} from '../shared/protocol.ts'
import { encodeTrackLabel } from '../shared/track-name.ts'
import { openFrame } from './frame-opener.ts'
import { FramePipe } from './frame-pipe.ts'
import type { FrameResult, PipeHost, PipeStreams } from './frame-pipe.ts'
import type { FrameRecorder } from './frame-recorder.ts'
import { sealFrame } from './frame-sealer.ts'
import type { EncodedFrame } from './frame-sealer.ts'
import { ParticipantKeyTable } from './participant-key-table.ts'
import { SenderKeySlot } from './sender-key-slot.ts'
import { TrackStates } from './track-states.ts'
import type { FrameWorkerScope, ScriptTransformer } from './worker-scope.ts'

/** The clock, and for recording workers the recorder: the production script has none. */
export interface FrameWorkerOptions {
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
  readonly #senderKey = new SenderKeySlot()
  readonly #receiverKeys: ParticipantKeyTable
  readonly #states: TrackStates
  #suite: Suite = SUITES[4]

  constructor(scope: FrameWorkerScope, options: FrameWorkerOptions) {
    this.#scope = scope
    this.#options = options
    this.#receiverKeys = new ParticipantKeyTable({
      now: options.now,
      send: (message) => scope.postMessage(message),
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
        this.#suite = SUITES[request.suite]
        return { version: PROTOCOL_VERSION }
      case 'make-kid':
        return { kid: this.#senderKey.drawKid(request.epoch) }
      case 'set-sender-key':
        await this.#senderKey.install(request.kid, { ...request, suite: this.#suite })
        return undefined
      case 'read-counters':
        return Array.from(this.#pipeById.values(), ({ counters }) => counters)
      case 'make-key-frame':
        return { isAsked: this.#pipeById.get(request.pipe)?.generateKeyFrame() ?? false }
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
      case 'receiver-key':
        return void this.#receiverKeys.install(command, this.#suite).then(() => this.#retryPipes())
      case 'receiver-key-missing':
        this.#receiverKeys.reject(command)
        return this.#retryPipes()
      case 'prepare':
        return void this.#receiverKeys.request(command)
      case 'drop-sender-key':
        return this.#senderKey.drop(command.kid)
      case 'epoch-changed':
        return this.#receiverKeys.forgetRejected()
      case 'retire':
        return this.#receiverKeys.retire(command.epochs, command.participant)
      case 'detach':
        return this.#detach(command.pipes)
    }
  }

  #attach(options: PipeOptions, streams: PipeStreams): void {
    const pipe = new FramePipe(options, { ...streams, host: this.#hostOf(options) })
    this.#pipeById.set(options.pipe, pipe)
    this.#scope.postMessage({ type: 'attached', pipe: options.pipe })
  }

  #detach(pipes: readonly number[]): void {
    for (const id of pipes) {
      const pipe = this.#pipeById.get(id)
      if (!pipe) continue
      pipe.close()
      this.#pipeById.delete(id)
      const { label, participant } = pipe.options
      const isLast = !Array.from(this.#pipeById.values()).some(
        ({ options }) => options.label === label && options.participant === participant,
      )
      if (isLast) this.#states.forget(pipe.options)
    }
  }

  #retryPipes(): void {
    for (const pipe of this.#pipeById.values()) pipe.retry()
  }

  #hostOf(options: PipeOptions): PipeHost {
    const { now, record } = this.#options
    const label = encodeTrackLabel(options.label)
    let codecRequestedAtMs = Number.NEGATIVE_INFINITY
    return {
      process: (frame) =>
        options.side === 'seal'
          ? sealFrame(frame, { key: this.#senderKey.key, label })
          : this.#open(frame, { options, encodedLabel: label }),
      report: (outcome) => this.#states.report(options, { outcome, nowMs: now() }),
      requestCodec: () => {
        if (now() - codecRequestedAtMs < CODEC_RETRY_MS) return
        codecRequestedAtMs = now()
        this.#scope.postMessage({ type: 'codec-needed', pipe: options.pipe })
      },
      now,
      ...(record && { record }),
    }
  }

  async #open(
    frame: EncodedFrame,
    track: { readonly options: PipeOptions; readonly encodedLabel: Uint8Array },
  ): Promise<FrameResult> {
    const { encodedLabel, options } = track
    const { participant, label } = options
    const findKey = (kid: bigint) => this.#receiverKeys.find({ participant, kid })
    const opened = await openFrame(frame, { label, encodedLabel, findKey })
    if (opened.type === 'opened') this.#receiverKeys.confirm(participant, opened.key)
    if (opened.type !== 'key-needed') return opened
    const verdict = this.#receiverKeys.request({ participant, kid: opened.kid })
    return verdict === 'refused' ? { type: 'dropped', reason: 'missing-key' } : { type: 'wait' }
  }
}

const CODEC_RETRY_MS = 1000
