/**
 * The page's end of the line to the worker: requests with answers, commands without, and the worker's failure.
 *
 * @module
 */
import type { Clock, WorkerFault, WorkerStart } from '@conclave/base'
import type { SealingChoices } from '../codec/profile.ts'
import { MediaError } from '../errors.ts'
import type { WorkerEntry } from '../errors.ts'
import { PROTOCOL_VERSION } from '../shared/protocol.ts'
import type {
  FromWorker,
  SigningChoices,
  ToWorker,
  WorkerCommand,
  WorkerReplies,
  WorkerRequest,
} from '../shared/protocol.ts'
import type { ServerFrames } from '../shared/server-frames.ts'
import type { MediaSuiteId } from '../sframe/suite.ts'
import { startError } from './worker-fault.ts'

/** A message from the worker that answers no request. */
export type WorkerNotice = Exclude<FromWorker, { readonly type: 'reply' | 'failed' }>

/** The clock, the entry with the script, and the callbacks: `onFailure` is called at most once. */
export interface WorkerLinkOptions {
  readonly clock: Clock
  readonly entry: WorkerEntry
  onNotice(notice: WorkerNotice): void
  onFailure(error: MediaError): void
}

/** The choices of the application that the worker is told when it starts. */
export interface WorkerChoices {
  readonly choices?: SealingChoices | undefined
  readonly serverFrames?: ServerFrames | undefined
  readonly signing?: SigningChoices | undefined
}

/** Owns the worker: ends it with `close`, and at any error in it. */
export class WorkerLink {
  readonly #start: WorkerStart
  readonly #options: WorkerLinkOptions
  readonly #pendingByNumber = new Map<number, PendingRequest>()
  #lastNumber = 0
  #state: LinkState = { state: 'starting' }

  /** A worker that could not be made is a failure like any other: it is reported once the caller listens. spec M43 */
  constructor(start: WorkerStart, options: WorkerLinkOptions) {
    this.#start = start
    this.#options = options
    const { worker } = start
    if (worker === undefined) {
      const error = startError(options.entry, start.faultOf(), start.cause)
      this.#end(error)
      // In another task, as the failures of workers that do not load.
      options.clock.setTimeout(() => options.onFailure(error), 0)
      return
    }
    worker.addEventListener('message', ({ data }) => this.#receive(data as FromWorker))
    worker.addEventListener('error', (event) => {
      event.preventDefault()
      this.fail(start.faultOf(event))
    })
    worker.addEventListener('messageerror', () => this.fail('broken'))
  }

  /** For `RTCRtpScriptTransform`, which takes the worker itself. There is one while there is no `failure`. */
  get worker(): Worker {
    const { worker } = this.#start
    if (worker === undefined) throw new Error('unreachable: there is no worker')
    return worker
  }

  /** The reason why the worker failed; `undefined` while it works. */
  get failure(): MediaError | undefined {
    return this.#state.state === 'ended' ? this.#state.error : undefined
  }

  /**
   * The first exchange, bounded to 10 s.
   *
   * @throws MediaError `ERR_MEDIA_WORKER_START` (rejects) if the worker cannot be loaded or is of another version
   */
  async start(
    suite: MediaSuiteId,
    { choices = {}, serverFrames, signing }: WorkerChoices = {},
  ): Promise<void> {
    const timer = this.#options.clock.setTimeout(
      () => this.fail(this.#start.faultOf()),
      START_TIMEOUT_MS,
    )
    try {
      const first = {
        type: 'start',
        version: PROTOCOL_VERSION,
        suite,
        choices,
        serverFrames,
        signing,
      } as const
      const { version } = await this.request(first)
      if (version !== PROTOCOL_VERSION) this.fail('other-version')
      if (this.failure) throw this.failure
      this.#state = { state: 'running' }
      this.#start.close()
    } finally {
      this.#options.clock.clearTimeout(timer)
    }
  }

  /** Sends a request, and resolves with the answer; rejects if the worker fails first. */
  request<T extends WorkerRequest['type']>(
    request: WorkerRequest & { readonly type: T },
  ): Promise<WorkerReplies[T]> {
    return new Promise((resolve, reject) => {
      if (this.failure) return reject(this.failure)
      if (this.#pendingByNumber.size >= MAX_PENDING) return reject(workerFailed())
      this.#lastNumber += 1
      const number = this.#lastNumber
      this.#pendingByNumber.set(number, {
        resolve: (value) => resolve(value as WorkerReplies[T]),
        reject,
      })
      this.#post({ type: 'request', number, request })
    })
  }

  /** Sends a command, which has no answer. Objects in `transfer` belong to the worker afterwards. */
  command(command: WorkerCommand, transfer: readonly Transferable[] = []): void {
    if (!this.failure) this.#post(command, transfer)
  }

  /** Ends the worker because it broke, or seems to; reports the failure once. `fault` is the reason if it never ran. */
  fail(fault: WorkerFault = 'silent'): void {
    if (this.failure) return
    const { entry } = this.#options
    const error = this.#state.state === 'running' ? workerFailed() : startError(entry, fault)
    this.#end(error)
    this.#options.onFailure(error)
  }

  /** Ends the worker. Pending requests reject with `ERR_MEDIA_CLOSED`. */
  close(): void {
    if (!this.failure) this.#end(new MediaError('ERR_MEDIA_CLOSED', undefined))
  }

  #end(error: MediaError): void {
    this.#state = { state: 'ended', error }
    this.#start.close()
    this.#start.worker?.terminate()
    for (const pending of this.#pendingByNumber.values()) pending.reject(error)
    this.#pendingByNumber.clear()
  }

  #post(message: ToWorker, transfer: readonly Transferable[] = []): void {
    this.worker.postMessage(message, [...transfer])
  }

  #receive(message: FromWorker): void {
    if (this.failure) return
    if (message.type !== 'reply' && message.type !== 'failed') {
      return this.#options.onNotice(message)
    }
    const pending = this.#pendingByNumber.get(message.number)
    this.#pendingByNumber.delete(message.number)
    if (message.type === 'reply') pending?.resolve(message.value)
    else pending?.reject(new Error(`media worker: ${message.message}`))
  }
}

type LinkState =
  | { readonly state: 'starting' | 'running' }
  | { readonly state: 'ended'; readonly error: MediaError }

interface PendingRequest {
  resolve(value: unknown): void
  reject(error: Error): void
}

const workerFailed = (): MediaError<'ERR_MEDIA_WORKER_FAILED'> =>
  new MediaError('ERR_MEDIA_WORKER_FAILED', undefined)

const START_TIMEOUT_MS = 10_000
const MAX_PENDING = 1024
