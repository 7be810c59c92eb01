/**
 * The one place where messages enter and leave: decoded and checked on the way in, in order on the way out.
 *
 * @module
 */
import type { Namespace, SealedDriver, SealedHandler } from './driver.ts'
import type { DropReason } from '../drops.ts'
import { P2pError } from '../errors.ts'
import type { AnyP2pError } from '../errors.ts'
import { decodeSignalMessage } from './messages.ts'
import type { SignalMessage } from './messages.ts'

/** What a port tells its owner. */
export interface SignalPortEvents {
  /** A message of somebody else, and the namespace it came by. */
  readonly delivered: (message: SignalMessage, namespace: Namespace) => void
  /** Something that is not one. */
  readonly dropped: (reason: DropReason) => void
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

  constructor(driver: SealedDriver, namespaces: readonly Namespace[], events: SignalPortEvents) {
    this.#driver = driver
    this.#events = events
    this.#ready = this.#listen(namespaces)
    // Whoever sends hears of it.
    this.#ready.catch(() => undefined)
  }

  /** Resolves when the driver listens; rejects with what the driver said if it cannot. */
  get ready(): Promise<void> {
    return this.#ready
  }

  /** Sends a message in the order of calls. Failures go to `failed`; nothing is thrown. */
  send(namespace: Namespace, message: SignalMessage, peer: string): void {
    void this.#ready
      .then(() => this.#driver.emit(namespace, message))
      .catch((error: unknown) => {
        if (this.#closed) return
        this.#events.failed(new P2pError('ERR_P2P_EMIT_FAILED', { peer }, { cause: error }))
      })
  }

  /** Stops listening. What was sent before goes out all the same. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#ready.catch(() => undefined)
    const offs = this.#handlers.map(async ({ namespace, handler }) =>
      this.#driver.off(namespace, handler),
    )
    await Promise.allSettled(offs)
  }

  async #listen(namespaces: readonly Namespace[]): Promise<void> {
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
    // spec S3: what a message says of its sender counts only if the driver says the same.
    if (message.id !== from) return this.#events.dropped('not-authentic')
    this.#events.delivered(message, namespace)
  }
}
