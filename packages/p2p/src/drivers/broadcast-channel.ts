/**
 * Signalling between the windows and workers of one origin.
 *
 * @module
 */
import { callHandler } from '@conclave/base'
import { P2pError } from '../errors.ts'
import type { Driver } from '../signalling/driver.ts'
import { NamespaceHandlers } from '../signalling/namespace-handlers.ts'
import { namespaceKey } from '../signalling/namespace.ts'
import type { Namespace } from '../signalling/namespace.ts'

/**
 * A driver over one `BroadcastChannel`. Like the channel, a driver does not hear itself. You must `close` it: an
 * open channel keeps a Node process alive.
 */
export class BroadcastChannelDriver implements Driver {
  readonly #channel: BroadcastChannel
  readonly #handlers = new NamespaceHandlers<(message: unknown) => void>()

  get [Symbol.toStringTag](): string {
    return 'BroadcastChannelDriver'
  }

  /**
   * Drivers with the same channel name hear each other.
   *
   * @throws P2pError `ERR_P2P_UNSUPPORTED` where there is no `BroadcastChannel`, or the page may not use it
   */
  constructor(name = 'conclave') {
    this.#channel = openChannel(name)
    this.#channel.onmessage = (event: MessageEvent<unknown>) => this.#deliver(event.data)
  }

  /** As {@link Driver.on}. */
  on(namespace: Namespace, handler: (message: unknown) => void): void {
    this.#handlers.add(namespace, handler)
  }

  /** As {@link Driver.off}. */
  off(namespace: Namespace, handler: (message: unknown) => void): void {
    this.#handlers.delete(namespace, handler)
  }

  /** As {@link Driver.emit}. */
  emit(namespace: Namespace, message: unknown): void {
    this.#channel.postMessage({ namespace: namespaceKey(namespace), message })
  }

  /** Closes the channel: the driver neither receives nor sends afterwards. */
  close(): void {
    this.#handlers.clear()
    this.#channel.close()
  }

  #deliver(data: unknown): void {
    // Anything of the same origin can post here.
    if (typeof data !== 'object' || data === null) return
    const { namespace, message } = data as { namespace?: unknown; message?: unknown }
    if (typeof namespace !== 'string') return
    for (const handler of this.#handlers.list(namespace)) callHandler(handler, message)
  }
}

const openChannel = (name: string): BroadcastChannel => {
  try {
    return new BroadcastChannel(name)
  } catch (cause) {
    throw new P2pError('ERR_P2P_UNSUPPORTED', { missing: 'BroadcastChannel' }, { cause })
  }
}
