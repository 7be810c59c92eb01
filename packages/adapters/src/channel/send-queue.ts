import type { JsonEnvelope } from '@conclave/e2ee'
import { AdapterError } from '../errors.ts'
import { MAX_QUEUED_EVENTS } from '../limits.ts'
import type { EventTransport } from './transport.ts'

/** Sends envelopes in the order in which sealing was asked for, while the sealing runs at the same time. spec T4 */
export class SendQueue {
  readonly #transport: EventTransport
  readonly #closing = new AbortController()
  #length = 0
  #last: Promise<void> = Promise.resolve()

  constructor(transport: EventTransport) {
    this.#transport = transport
  }

  /**
   * Sends what `seal` makes, which is called before the call returns.
   *
   * @throws AdapterError
   */
  async send(name: string, seal: () => Promise<Envelope>): Promise<void> {
    if (this.#closing.signal.aborted) throw closedError()
    if (this.#length >= MAX_QUEUED_EVENTS) {
      const details = { limit: 'events', max: MAX_QUEUED_EVENTS } as const
      throw new AdapterError('ERR_ADAPTER_QUEUE_FULL', details)
    }
    const sealing = seal()
    // Until its turn comes nobody else listens to it, and a rejection would count as unhandled.
    sealing.catch(() => {})
    this.#length += 1
    const sent = this.#last.then(() => this.#pass(name, sealing))
    this.#last = sent.catch(() => {})
    try {
      await sent
    } finally {
      this.#length -= 1
    }
  }

  /** Rejects what waits. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#last
  }

  async #pass(name: string, sealing: Promise<Envelope>): Promise<void> {
    const { signal } = this.#closing
    const envelope = await sealing
    if (signal.aborted) throw closedError()
    await untilAborted(this.#transport.send(name, envelope, signal), signal)
  }
}

/** Waits for work, and no longer when the signal aborts, whether or not the work heeds it. */
function untilAborted(work: void | Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(closedError())
    signal.addEventListener('abort', abort)
    void Promise.resolve(work)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', abort))
  })
}

type Envelope = JsonEnvelope | Uint8Array<ArrayBuffer>

const closedError = (): AdapterError => new AdapterError('ERR_ADAPTER_CLOSED', undefined)
