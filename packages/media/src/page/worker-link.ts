/**
 * The main thread's end of the line to the worker: requests with answers, commands without, and its failure.
 *
 * @module
 */
import type { Clock } from '@conclave/base'
import { MediaError } from '../errors.ts'
import { PROTOCOL_VERSION } from '../shared/protocol.ts'
import type {
  FromWorker,
  ToWorker,
  WorkerCommand,
  WorkerReplies,
  WorkerRequest,
} from '../shared/protocol.ts'
import type { MediaSuiteId } from '../sframe/suite.ts'

/** What the worker says of its own accord. */
export type WorkerNotice = Exclude<FromWorker, { readonly type: 'reply' | 'failed' }>

/** Who hears of notices, and once of the worker's end. */
export interface WorkerLinkOptions {
  readonly clock: Clock
  onNotice(notice: WorkerNotice): void
  onFailure(error: MediaError): void
}

/** Owns the worker: ends it with `close`, and treats any error in it as its end. */
export class WorkerLink {
  readonly #worker: Worker
  readonly #options: WorkerLinkOptions
  readonly #pendingByNumber = new Map<number, PendingRequest>()
  #next = 0
  #hasStarted = false
  #failure: MediaError | undefined

  constructor(worker: Worker, options: WorkerLinkOptions) {
    this.#worker = worker
    this.#options = options
    worker.addEventListener('message', ({ data }) => this.#receive(data as FromWorker))
    worker.addEventListener('error', (event) => {
      event.preventDefault()
      this.fail()
    })
    worker.addEventListener('messageerror', () => this.fail())
  }

  /** For `RTCRtpScriptTransform`, which takes the worker itself. */
  get worker(): Worker {
    return this.#worker
  }

  /** Why nothing works any more; `undefined` while it does. */
  get failure(): MediaError | undefined {
    return this.#failure
  }

  /**
   * The first exchange, bounded to 10 s.
   *
   * @throws MediaError `ERR_MEDIA_WORKER_START` (rejects) if the worker cannot be loaded or is of another version
   */
  async start(suite: MediaSuiteId): Promise<void> {
    const timer = this.#options.clock.setTimeout(() => this.fail(), START_TIMEOUT_MS)
    try {
      const { version } = await this.request({ type: 'start', version: PROTOCOL_VERSION, suite })
      if (version !== PROTOCOL_VERSION) this.fail()
      if (this.#failure) throw this.#failure
      this.#hasStarted = true
    } finally {
      this.#options.clock.clearTimeout(timer)
    }
  }

  /** Asks, and resolves with the answer; rejects if the worker fails first. */
  request<T extends WorkerRequest['type']>(
    request: WorkerRequest & { readonly type: T },
  ): Promise<WorkerReplies[T]> {
    return new Promise((resolve, reject) => {
      if (this.#failure) return reject(this.#failure)
      if (this.#pendingByNumber.size >= MAX_PENDING) return reject(workerFailed())
      this.#next += 1
      const number = this.#next
      this.#pendingByNumber.set(number, {
        resolve: (value) => resolve(value as WorkerReplies[T]),
        reject,
      })
      this.#post({ type: 'request', number, request })
    })
  }

  /** Tells, without an answer. Objects in `transfer` belong to the worker afterwards. */
  command(command: WorkerCommand, transfer: readonly Transferable[] = []): void {
    if (!this.#failure) this.#post(command, transfer)
  }

  /** Ends the worker because it broke, or seems to; says so once. */
  fail(): void {
    if (this.#failure) return
    const error = this.#hasStarted ? workerFailed() : workerDidNotStart()
    this.#end(error)
    this.#options.onFailure(error)
  }

  /** Ends the worker. What is pending rejects with `ERR_MEDIA_CLOSED`. */
  close(): void {
    if (this.#failure) return
    this.#end(
      new MediaError('ERR_MEDIA_CLOSED', {
        message: 'frame encryption was closed',
        details: undefined,
      }),
    )
  }

  #end(error: MediaError): void {
    this.#failure = error
    this.#worker.terminate()
    for (const pending of this.#pendingByNumber.values()) pending.reject(error)
    this.#pendingByNumber.clear()
  }

  #post(message: ToWorker, transfer: readonly Transferable[] = []): void {
    this.#worker.postMessage(message, [...transfer])
  }

  #receive(message: FromWorker): void {
    if (this.#failure) return
    if (message.type !== 'reply' && message.type !== 'failed') {
      return this.#options.onNotice(message)
    }
    const pending = this.#pendingByNumber.get(message.number)
    this.#pendingByNumber.delete(message.number)
    if (message.type === 'reply') pending?.resolve(message.value)
    else pending?.reject(new Error(`media worker: ${message.message}`))
  }
}

interface PendingRequest {
  resolve(value: unknown): void
  reject(error: Error): void
}

const workerFailed = (): MediaError<'ERR_MEDIA_WORKER_FAILED'> =>
  new MediaError('ERR_MEDIA_WORKER_FAILED', {
    message: 'the media worker has failed; everything that it protected was stopped',
    details: undefined,
  })

const workerDidNotStart = (): MediaError<'ERR_MEDIA_WORKER_START'> =>
  new MediaError('ERR_MEDIA_WORKER_START', {
    message:
      'the media worker did not start: its script must be served from the origin of the page ' +
      "and the content security policy must allow worker-src 'self'; a bundler that does not emit it " +
      'needs the option createWorker with the entry @conclave/media/worker',
    details: undefined,
  })

const START_TIMEOUT_MS = 10_000
const MAX_PENDING = 1024
