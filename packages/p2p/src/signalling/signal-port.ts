/**
 * The one place where messages enter and leave: decoded and checked on the way in, in order on the way out.
 *
 * @module
 */
import type { Clock } from '@conclave/base'
import { P2pError } from '../errors.ts'
import type { AnyP2pError } from '../errors.ts'
import { decodeSignalMessage } from './decode-message.ts'
import type { SealedDriver, SealedHandler } from './driver.ts'
import type { SignalDropReason } from './drop-reason.ts'
import type { OutgoingMessage, SignalMessage } from './messages.ts'
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

/** How long the end waits for a driver. */
const PATIENCE_MS = 1_000

/** The driver as peers use it. Nothing leaves before the driver listens on all namespaces. */
export class SignalPort {
  readonly #driver: SealedDriver
  readonly #events: SignalPortEvents
  readonly #offs: (() => void | Promise<void>)[] = []
  /** Resolves when the driver listens; rejects with the driver's error if it cannot. */
  readonly ready: Promise<void>
  /** The messages that the driver has not sent yet. */
  readonly #leaving = new Set<Promise<void>>()
  #closed = false

  constructor(driver: SealedDriver, namespaces: Iterable<Namespace>, events: SignalPortEvents) {
    this.#driver = driver
    this.#events = events
    this.ready = this.#listen(namespaces)
    // Every `send` reports the failure.
    this.ready.catch(() => undefined)
  }

  /** Sends a message under the own id in the order of calls. Reports failures to `failed` and does not throw. */
  send(namespace: Namespace, message: OutgoingMessage): void {
    const [, , peer = ''] = namespace
    const leaving = this.ready
      .then(() => this.#driver.emit(namespace, { ...message, id: this.#driver.id }))
      .catch((cause: unknown) => {
        if (this.#closed) return
        this.#events.failed(new P2pError('ERR_P2P_EMIT_FAILED', { peer }, { cause }))
      })
      .finally(() => this.#leaving.delete(leaving))
    this.#leaving.add(leaving)
  }

  /**
   * Stops listening. Resolves when the messages sent before have left, so that the driver can be closed, or after a second with a
   * driver that does not answer. spec S85
   */
  async close(clock: Clock): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    let timer: unknown
    const patience = new Promise<void>((resolve) => {
      timer = clock.setTimeout(resolve, PATIENCE_MS)
    })
    await Promise.race([this.#end(), patience])
    clock.clearTimeout(timer)
  }

  async #end(): Promise<void> {
    await this.ready.catch(() => undefined)
    await Promise.allSettled(this.#leaving)
    await Promise.allSettled(this.#offs.map(async (off) => off()))
  }

  async #listen(namespaces: Iterable<Namespace>): Promise<void> {
    for (const namespace of namespaces) {
      const handler: SealedHandler = (message, from) => this.#receive(namespace, message, from)
      this.#offs.push(() => this.#driver.off(namespace, handler))
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
