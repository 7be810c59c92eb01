/**
 * Signalling within one page or process: for tests, demos, and peers that share a window.
 *
 * @module
 */
import { callHandler } from '@conclave/base'
import type { Driver } from '../signalling/driver.ts'
import { NamespaceHandlers } from '../signalling/namespace-handlers.ts'
import { namespaceKey } from '../signalling/namespace.ts'
import type { Namespace } from '../signalling/namespace.ts'

/** A bus of memory drivers: those of one bus hear each other. */
export class MemoryBus {
  readonly #handlers = new NamespaceHandlers<(message: unknown) => void>()

  get [Symbol.toStringTag](): string {
    return 'MemoryBus'
  }

  /** Adds a handler. */
  add(namespace: Namespace, handler: (message: unknown) => void): void {
    this.#handlers.add(namespace, handler)
  }

  /** Removes a handler. */
  delete(namespace: Namespace, handler: (message: unknown) => void): void {
    this.#handlers.delete(namespace, handler)
  }

  /** Calls each handler, in a later microtask, with its own copy. */
  publish(namespace: Namespace, message: unknown): void {
    const key = namespaceKey(namespace)
    const deliveries = this.#handlers
      .list(key)
      .map((handler) => ({ handler, copy: structuredClone(message) }))
    queueMicrotask(() => {
      for (const { handler, copy } of deliveries) {
        if (this.#handlers.has(key, handler)) callHandler(handler, copy)
      }
    })
  }
}

/** A driver over a {@link MemoryBus}; without one, over a new bus. It receives its own messages. */
export class MemoryDriver implements Driver {
  readonly #bus: MemoryBus

  get [Symbol.toStringTag](): string {
    return 'MemoryDriver'
  }

  constructor(bus: MemoryBus = new MemoryBus()) {
    this.#bus = bus
  }

  /** As {@link Driver.on}. */
  on(namespace: Namespace, handler: (message: unknown) => void): void {
    this.#bus.add(namespace, handler)
  }

  /** As {@link Driver.off}. */
  off(namespace: Namespace, handler: (message: unknown) => void): void {
    this.#bus.delete(namespace, handler)
  }

  /** As {@link Driver.emit}. */
  emit(namespace: Namespace, message: unknown): void {
    this.#bus.publish(namespace, message)
  }
}
