/**
 * Signalling between the windows and workers of one origin.
 *
 * @module
 */
import { namespaceKey } from '../signalling/driver.ts'
import type { Driver, Namespace } from '../signalling/driver.ts'

/**
 * A driver over one `BroadcastChannel`. As the platform does it, a driver does not hear itself. End it with
 * `close`: an open channel keeps a Node process alive.
 */
export class BroadcastChannelDriver implements Driver {
  readonly #channel: BroadcastChannel
  readonly #handlersByKey = new Map<string, Set<(message: unknown) => void>>()

  /** Drivers with the same channel name hear each other. */
  constructor(name = 'conclave') {
    this.#channel = new BroadcastChannel(name)
    this.#channel.onmessage = (event: MessageEvent<unknown>) => this.#deliver(event.data)
  }

  /** As {@link Driver.on}. */
  on(namespace: Namespace, handler: (message: unknown) => void): void {
    const key = namespaceKey(namespace)
    const handlers = this.#handlersByKey.get(key) ?? new Set()
    this.#handlersByKey.set(key, handlers.add(handler))
  }

  /** As {@link Driver.off}. */
  off(namespace: Namespace, handler: (message: unknown) => void): void {
    const key = namespaceKey(namespace)
    const handlers = this.#handlersByKey.get(key)
    handlers?.delete(handler)
    if (handlers?.size === 0) this.#handlersByKey.delete(key)
  }

  /** As {@link Driver.emit}. */
  emit(namespace: Namespace, message: unknown): void {
    this.#channel.postMessage({ namespace: namespaceKey(namespace), message })
  }

  /** Ends it: nothing is heard or sent any more. */
  close(): void {
    this.#handlersByKey.clear()
    this.#channel.close()
  }

  #deliver(data: unknown): void {
    // Anything of the same origin can post here.
    if (typeof data !== 'object' || data === null) return
    const { namespace, message } = data as { namespace?: unknown; message?: unknown }
    if (typeof namespace !== 'string') return
    for (const handler of [...(this.#handlersByKey.get(namespace) ?? [])]) handler(message)
  }
}
