/**
 * The worker's body: holds the keys, attaches transforms, seals and opens. Scope and clock are arguments.
 *
 * @module
 */
import type { ParticipantId } from '@conclave/wire'
import { composeKid, KID_NONCE_BYTES } from '../shared/kid.ts'
import { openFrame } from './frame-opener.ts'
import { sealFrame } from './frame-sealer.ts'
import type { EncodedFrame } from './frame-sealer.ts'
import { encodeTrackLabel } from '../shared/track-label.ts'
import type { KeyRequestVerdict } from './key-requests.ts'
import { isWithin } from '../shared/epoch-range.ts'
import { ReceiverKey } from './receiver-keys.ts'
import { SenderKey } from './sender-key.ts'
import { createFrameCipher } from '../sframe/cipher.ts'
import type { Suite } from '../sframe/suite.ts'
import { SUITES } from '../sframe/suite.ts'
import { FramePipe } from './frame-pipe.ts'
import type { PipeHost, PipeStep, PipeStreams } from './frame-pipe.ts'
import type { FrameTap } from './frame-recorder.ts'
import { Participants } from './participant-key-table.ts'
import { PROTOCOL_VERSION } from '../shared/protocol.ts'
import type {
  PipeCounters,
  PipeOptions,
  ScriptTransformOptions,
  ToWorker,
  WorkerCommand,
  WorkerReplies,
  WorkerRequest,
} from '../shared/protocol.ts'
import type { FrameWorkerScope, ScriptTransformer } from './worker-scope.ts'
import { TrackStates } from './track-states.ts'

/** What a worker script may add: tests record frames, production scripts pass nothing. */
export interface FrameWorkerOptions {
  readonly now: () => number
  readonly tap?: FrameTap
}

/** Serves the main thread in a worker's scope until the worker ends. */
export function startFrameWorker(scope: FrameWorkerScope, options: FrameWorkerOptions): void {
  const worker = new FrameWorker(scope, options)
  scope.addEventListener('message', ({ data }) => worker.receive(data))
  scope.addEventListener('rtctransform', ({ transformer }) => worker.attachTransformer(transformer))
}

class FrameWorker {
  readonly #scope: FrameWorkerScope
  readonly #options: FrameWorkerOptions
  readonly #pipeById = new Map<number, FramePipe>()
  readonly #participants = new Participants()
  readonly #states: TrackStates
  /** Receiver keys on their way through the key schedule. */
  readonly #installs = new Set<WorkerCommand & { readonly type: 'receiver-key' }>()
  #suite: Suite = SUITES[4]
  /** The KID drawn last, until a sender key is made of it: no other can be installed, and none twice. */
  #drawnKid: bigint | undefined
  /** Counts changes of the sender key, so that a slow derivation does not undo a later change. */
  #senderKeyTurn = 0
  #senderKey: SenderKey | undefined

  constructor(scope: FrameWorkerScope, options: FrameWorkerOptions) {
    this.#scope = scope
    this.#options = options
    this.#states = new TrackStates(({ participant, label, kind }, report) =>
      scope.postMessage({ type: 'state', participant, label, kind, ...report }),
    )
  }

  receive(message: ToWorker): void {
    if (message.type !== 'request') return this.#obey(message)
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

  #attach(options: PipeOptions, streams: PipeStreams): void {
    const pipe = new FramePipe(options, { ...streams, host: this.#hostOf(options) })
    this.#pipeById.set(options.pipe, pipe)
    this.#scope.postMessage({ type: 'attached', pipe: options.pipe })
  }

  async #answer(request: WorkerRequest): Promise<WorkerReplies[WorkerRequest['type']]> {
    switch (request.type) {
      case 'start':
        this.#suite = SUITES[request.suite]
        return { version: PROTOCOL_VERSION }
      case 'make-kid': {
        const nonce = crypto.getRandomValues(new Uint8Array(KID_NONCE_BYTES))
        const kid = composeKid(nonce, request.epoch)
        this.#drawnKid = kid
        return { kid }
      }
      case 'set-sender-key': {
        const { kid, baseKey } = request
        if (kid !== this.#drawnKid) throw new Error('unreachable: a KID is used once')
        this.#drawnKid = undefined
        this.#senderKeyTurn += 1
        const turn = this.#senderKeyTurn
        const cipher = await createFrameCipher(baseKey, { suite: this.#suite, kid, use: 'seal' })
        if (turn === this.#senderKeyTurn) this.#senderKey = new SenderKey(kid, { cipher })
        return undefined
      }
      case 'read-counters':
        return Array.from(this.#pipeById.values(), countersOf)
      case 'make-key-frame':
        return { isAsked: this.#pipeById.get(request.pipe)?.generateKeyFrame() ?? false }
    }
  }

  #obey(command: WorkerCommand): void {
    switch (command.type) {
      case 'attach-streams':
        return this.#attach(command.options, command)
      case 'set-codec': {
        const pipe = this.#pipeById.get(command.pipe)
        if (pipe) pipe.negotiatedMimeType = command.mimeType
        return
      }
      case 'receiver-key':
        return void this.#installReceiverKey(command)
      case 'prepare':
        this.#requestKey(command)
        return
      case 'receiver-key-missing':
        this.#participants
          .get(command.participant)
          .requests.reject(command.kid, this.#options.now())
        return this.#retryPipes()
      case 'drop-sender-key':
        this.#senderKeyTurn += 1
        this.#senderKey = undefined
        return
      case 'epoch-changed':
        for (const { requests } of this.#participants.select()) requests.forgetRejected()
        return
      case 'retire':
        return this.#retire(command)
      case 'detach':
        return this.#detach(command.pipes)
    }
  }

  async #installReceiverKey(
    command: WorkerCommand & { readonly type: 'receiver-key' },
  ): Promise<void> {
    const { participant, kid, epoch, baseKey } = command
    const { keys, requests } = this.#participants.get(participant)
    this.#installs.add(command)
    try {
      const cipher = await createFrameCipher(baseKey, { suite: this.#suite, kid, use: 'open' })
      // Gone from the set: its epoch was retired meanwhile.
      if (!this.#installs.delete(command)) throw new Error('retired')
      keys.install(kid, new ReceiverKey(epoch, cipher))
      requests.fulfil(kid)
    } catch {
      this.#installs.delete(command)
      requests.reject(kid, this.#options.now())
    }
    this.#retryPipes()
  }

  #retire({ epochs, participant }: WorkerCommand & { readonly type: 'retire' }): void {
    for (const { keys } of this.#participants.select(participant)) keys.retire(epochs)
    for (const install of this.#installs) {
      const isConcerned = (participant ?? install.participant) === install.participant
      if (isConcerned && isWithin(epochs, install.epoch)) this.#installs.delete(install)
    }
  }

  #detach(pipes: readonly number[]): void {
    for (const id of pipes) {
      const pipe = this.#pipeById.get(id)
      if (!pipe) continue
      pipe.close()
      this.#pipeById.delete(id)
      const isLast = !Array.from(this.#pipeById.values()).some(
        ({ options }) =>
          options.label === pipe.options.label && options.participant === pipe.options.participant,
      )
      if (isLast) this.#states.forget(pipe.options)
    }
  }

  #retryPipes(): void {
    for (const pipe of this.#pipeById.values()) pipe.retry()
  }

  #hostOf(options: PipeOptions): PipeHost {
    const { now, tap } = this.#options
    const label = encodeTrackLabel(options.label)
    let codecAskedAtMs = Number.NEGATIVE_INFINITY
    return {
      step: (frame) =>
        options.side === 'seal'
          ? sealFrame(frame, { key: this.#senderKey, label })
          : this.#open(frame, options),
      settled: (outcome) => this.#states.settle(options, { outcome, nowMs: now() }),
      codecNeeded: () => {
        if (now() - codecAskedAtMs < CODEC_RETRY_MS) return
        codecAskedAtMs = now()
        this.#scope.postMessage({ type: 'codec-needed', pipe: options.pipe })
      },
      now,
      ...(tap && { tap }),
    }
  }

  async #open(frame: EncodedFrame, options: PipeOptions): Promise<PipeStep> {
    const { participant, label } = options
    const { keys } = this.#participants.get(participant)
    const opened = await openFrame(frame, { label, findKey: (kid) => keys.find(kid) })
    if (opened.type === 'opened') this.#announceProof(participant, keys.find(opened.kid))
    if (opened.type !== 'key-needed') return opened
    const verdict = this.#requestKey({ participant, kid: opened.kid })
    return verdict === 'refused' ? { type: 'dropped', reason: 'missing-key' } : { type: 'wait' }
  }

  /** Once for each key: the key source may move on by it. */
  #announceProof(participant: ParticipantId, key: ReceiverKey | undefined): void {
    if (key === undefined || key.isAnnounced) return
    key.isAnnounced = true
    this.#scope.postMessage({ type: 'key-proven', participant, epoch: key.epoch })
  }

  #requestKey(named: {
    readonly participant: ParticipantId
    readonly kid: bigint
  }): KeyRequestVerdict {
    const { participant, kid } = named
    const { keys, requests } = this.#participants.get(participant)
    if (keys.find(kid)) return 'pending'
    if (!keys.mayInstall(kid)) return 'refused'
    const verdict = requests.request(kid, this.#options.now())
    if (verdict === 'ask') this.#scope.postMessage({ type: 'key-needed', participant, kid })
    return verdict
  }
}

const countersOf = (pipe: FramePipe): PipeCounters => ({ ...pipe.options, ...pipe.counters })

const CODEC_RETRY_MS = 1000
