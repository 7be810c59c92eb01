import { TaskQueue } from '@conclave/base'
import { AdapterError } from '../errors.ts'
import { MAX_QUEUED_EVENTS } from '../limits.ts'
import type { EventTransport, Passage } from './transport.ts'

/** Sends events in the order of the calls, while they are sealed at the same time. spec T4 */
export class SendQueue {
  readonly #transport: EventTransport
  readonly #closing = new AbortController()
  readonly #max: number
  readonly #queue: TaskQueue

  constructor(transport: EventTransport) {
    this.#transport = transport
    this.#max = transport.maxQueued ?? MAX_QUEUED_EVENTS
    // One event is being sent, the others wait.
    this.#queue = new TaskQueue({ maxWaiting: this.#max - 1 })
  }

  /**
   * Sends the envelope that `seal` makes, or the value of a clear event, `to` one recipient or to everybody. Calls `seal` before
   * it returns.
   *
   * @throws AdapterError
   */
  async send(name: string, seal: () => Promise<unknown>, to?: string): Promise<void> {
    if (this.#queue.closed || this.#queue.size >= this.#max) throw this.#refusal()
    const sealing = seal()
    // No one else listens to it before its turn, and a rejection would count as unhandled.
    sealing.catch(() => {})
    const sent = this.#queue.run(() => this.#pass(name, sealing, to))
    // Sealing may run code of the caller, which may have closed or filled the queue.
    if (sent === undefined) throw this.#refusal()
    const passage = await sent
    if (passage) await untilAborted(passage.delivered, this.#closing.signal)
  }

  /** Rejects the events that wait. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#queue.close()
  }

  async #pass(name: string, sealing: Promise<unknown>, to?: string): Promise<void | Passage> {
    const { signal } = this.#closing
    const envelope = await sealing
    if (signal.aborted) throw closedError()
    const passage = await untilAborted(this.#transport.send(name, envelope, signal, to), signal)
    // It may reject before the caller of `send` waits for it.
    if (passage) passage.delivered.catch(() => {})
    return passage
  }

  #refusal(): AdapterError {
    if (this.#queue.closed) return closedError()
    const details = { limit: 'events', max: this.#max } as const
    return new AdapterError('ERR_ADAPTER_QUEUE_FULL', details)
  }
}

/** Waits for `work`, but no longer when the signal aborts, even if the work ignores it. */
function untilAborted<T>(work: T | Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => reject(closedError())
    signal.addEventListener('abort', abort)
    void Promise.resolve(work)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', abort))
  })
}

const closedError = (): AdapterError => new AdapterError('ERR_ADAPTER_CLOSED', undefined)
