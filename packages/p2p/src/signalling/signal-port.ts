/**
 * The one place where messages enter and leave: decoded and checked on the way in, in order on the way out.
 *
 * @module
 */
import { P2pError } from '../errors.ts'
import type { AnyP2pError } from '../errors.ts'
import { decodeSignalMessage } from './decode-message.ts'
import type { SealedDriver, SealedHandler } from './driver.ts'
import type { SignalDropReason } from './drop-reason.ts'
import type { SignalMessage } from './messages.ts'
import type { Namespace } from './namespace.ts'

/** Callbacks of a {@link SignalPort}. */
export interface SignalPortEvents {
  /** A message of another peer, and the namespace that it arrived in. */
  readonly delivered: (message: SignalMessage, namespace: Namespace) => void
  /** A message was dropped. */
  readonly dropped: (reason: SignalDropReason) => void
  /** The driver failed to send. */
  readonly failed: (error: AnyP2pError) => void
}

/** The driver as peers use it. Nothing leaves before the driver listens on all namespaces. */
export class SignalPort {
  readonly #driver: SealedDriver
  readonly #events: SignalPortEvents
  readonly #handlers: { readonly namespace: Namespace; readonly handler: SealedHandler }[] = []
  readonly #ready: Promise<void>
  #closed = false

  constructor(driver: SealedDriver, namespaces: Iterable<Namespace>, events: SignalPortEvents) {
    this.#driver = driver
    this.#events = events
    this.#ready = this.#listen(namespaces)
    // Every `send` reports the failure.
    this.#ready.catch(() => undefined)
  }

  /** Resolves when the driver listens; rejects with the driver's error if it cannot. */
  get ready(): Promise<void> {
    return this.#ready
  }

  /** Sends a message in the order of calls. Reports failures to `failed` and does not throw. */
  send(namespace: Namespace, message: SignalMessage, peer: string): void {
    void this.#ready
      .then(() => this.#driver.emit(namespace, message))
      .catch((cause: unknown) => {
        if (this.#closed) return
        this.#events.failed(new P2pError('ERR_P2P_EMIT_FAILED', { peer }, { cause }))
      })
  }

  /** Stops listening. Messages sent before still go out. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#ready.catch(() => undefined)
    const offs = this.#handlers.map(async ({ namespace, handler }) =>
      this.#driver.off(namespace, handler),
    )
    await Promise.allSettled(offs)
  }

  async #listen(namespaces: Iterable<Namespace>): Promise<void> {
    for (const namespace of namespaces) {
      const handler: SealedHandler = (message, from) => this.#receive(namespace, message, from)
      this.#handlers.push({ namespace, handler })
      await this.#driver.on(namespace, handler)
    }
  }

  #receive(namespace: Namespace, value: unknown, from: string): void {
    if (this.#closed) return
    if (from === this.#driver.id) return this.#events.dropped('reflected')
    const message = decodeSignalMessage(value)
    if (message === undefined) return this.#events.dropped('malformed')
    // spec S3: the sender that a message claims counts only if the driver authenticated the same.
    if (message.id !== from) return this.#events.dropped('not-authentic')
    this.#events.delivered(message, namespace)
  }
}
