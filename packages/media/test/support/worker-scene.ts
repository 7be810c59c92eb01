/**
 * The worker's code in a played scope: streams and messages in the hands of the test.
 */
import type { ParticipantId } from '@conclave/wire'
import { importBaseKey } from '../../src/page/base-key.ts'
import type { FrameRecorder } from '../../src/worker/frame-recorder.ts'
import type { FormatHost, FrameFormat } from '../../src/worker/frame-format.ts'
import { startFrameWorker } from '../../src/worker/frame-worker.ts'
import { SFrameFormat } from '../../src/worker/sframe-format.ts'
import type {
  FromWorker,
  PipeCounters,
  PipeOptions,
  ToWorker,
  WorkerCommand,
  WorkerReplies,
  WorkerRequest,
} from '../../src/shared/protocol.ts'
import type { EncodedMediaFrame, ScriptTransformer } from '../../src/worker/worker-scope.ts'
import { settle } from './settle.ts'

export const alice = 'alice' as ParticipantId
export const bob = 'bob' as ParticipantId

/** The layer of a frame, as the metadata of engines name it. */
export interface PlayedLayer {
  readonly synchronizationSource?: number
  readonly spatialIndex?: number
  readonly temporalIndex?: number
}

/** One attached transform, seen from outside. */
export interface PlayedPipe {
  readonly options: PipeOptions
  /** The frames that came out, in order. */
  readonly passed: Uint8Array[]
  /** The type of a video frame is read from its first byte, as by a depacketizer of VP8. */
  push(data: Uint8Array, mimeType?: string, layer?: PlayedLayer): Promise<void>
  end(): Promise<void>
}

export class WorkerScene {
  readonly said: FromWorker[] = []
  nowMs = 0
  readonly #listeners = new Map<string, (event: never) => void>()
  #number = 0
  #pipe = 0

  constructor(
    record?: FrameRecorder,
    createFormat: (host: FormatHost) => FrameFormat = (host) => new SFrameFormat(host),
  ) {
    startFrameWorker(
      {
        postMessage: (message) => this.said.push(message),
        addEventListener: (type: string, listener: (event: never) => void) =>
          void this.#listeners.set(type, listener),
      },
      { createFormat, now: () => this.nowMs, ...(record && { record }) },
    )
  }

  async request<T extends WorkerRequest['type']>(
    request: WorkerRequest & { readonly type: T },
  ): Promise<WorkerReplies[T]> {
    this.#number += 1
    const number = this.#number
    this.#dispatch('message', { data: { type: 'request', number, request } satisfies ToWorker })
    await settle()
    const answer = this.said.find((message) => 'number' in message && message.number === number)
    if (answer?.type !== 'reply') throw new Error('the request has failed')
    return answer.value as WorkerReplies[T]
  }

  async command(command: WorkerCommand): Promise<void> {
    this.#dispatch('message', { data: command })
    await settle()
  }

  /** Draws a KID and seals with `fill` as base key. */
  async installSenderKey(fill = 1, epoch = 0n, waitMs = 0): Promise<bigint> {
    const { kid } = await this.request({ type: 'make-kid', epoch })
    await this.request({ type: 'set-sender-key', kid, baseKey: await baseKey(fill), waitMs })
    return kid
  }

  async giveReceiverKey(
    kid: bigint,
    { fill = 1, epoch = 0n, participant = alice, isSigned = false } = {},
  ): Promise<void> {
    await this.command({
      type: 'receiver-key',
      participant,
      kid,
      epoch,
      baseKey: await baseKey(fill),
      isSigned,
    })
  }

  /** Attaches a transform; `parts` go into its transformer. */
  attach(track: Partial<PipeOptions>, parts: Partial<ScriptTransformer> = {}): PlayedPipe {
    this.#pipe += 1
    const options: PipeOptions = {
      pipe: this.#pipe,
      side: 'open',
      participant: alice,
      label: 'camera',
      kind: 'video',
      ...track,
    }
    const source = new TransformStream<EncodedMediaFrame, EncodedMediaFrame>(
      {},
      { highWaterMark: 100 },
    )
    const passed: Uint8Array[] = []
    const writable = new WritableStream<EncodedMediaFrame>({
      write: (frame) => void passed.push(new Uint8Array(frame.data)),
    })
    const transformer = {
      readable: source.readable,
      writable,
      options: { conclave: 'pipe', options },
      ...parts,
    }
    this.#dispatch('rtctransform', { transformer })
    const writer = source.writable.getWriter()
    return {
      options,
      passed,
      push: async (data, mimeType, layer = {}) => {
        const metadata = mimeType === undefined ? layer : { ...layer, mimeType }
        const type = ((data[0] ?? 0) & 1) === 0 ? 'key' : 'delta'
        const frame = { data: new Uint8Array(data).buffer, getMetadata: () => metadata }
        writer.write(options.kind === 'video' ? { ...frame, type } : frame).catch(() => {})
        await settle()
      },
      end: async () => {
        await writer.abort()
        await settle()
      },
    }
  }

  async counters(pipe: PlayedPipe): Promise<PipeCounters> {
    const all = await this.request({ type: 'read-counters' })
    const found = all.find((counters) => counters.pipe === pipe.options.pipe)
    if (!found) throw new Error('no such pipe')
    return found
  }

  /** The messages of one type from the worker. */
  heard<T extends FromWorker['type']>(type: T): (FromWorker & { readonly type: T })[] {
    return this.said.filter(
      (message): message is FromWorker & { readonly type: T } => message.type === type,
    )
  }

  #dispatch(type: string, event: unknown): void {
    this.#listeners.get(type)?.(event as never)
  }
}

const baseKey = (fill: number): Promise<CryptoKey> => importBaseKey(new Uint8Array(16).fill(fill))
